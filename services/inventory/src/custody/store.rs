//! Every statement on `inventory.custody`.

use callout_casework::{
    ids::{CustodyId, Id as _},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use serde_json::Value;
use uuid::Uuid;

use super::{Custody, State};
use crate::document;

/// Writes what was issued.
///
/// # Errors
/// [`Error::AlreadyExists`] when somebody holds the thing, or the holder such a kit.
pub async fn insert(tx: &mut TenantTx, custody: &Custody) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    if let Some(other) = held(tx, custody).await? {
        return Err(Error::AlreadyExists { name: other.name(&organization) });
    }
    let written = sqlx::query!(
        "insert into inventory.custody (organization, custody_id, kind, mark, holder, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization,
        custody.id.uuid(),
        custody.kind,
        custody.mark,
        custody.holder(),
        custody.state.word(),
        document::encode(custody)?,
        custody.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        // Two callers at the same moment: the other one's is not visible here.
        Err(error) if violates(&error, "custody_one_holder") || violates(&error, "custody_one_kit") => {
            Err(Error::AlreadyExists { name: format!("organizations/{organization}/{}", CustodyId::COLLECTION) })
        }
        written => written.db().map(drop),
    }
}

/// The custody that stands in the way of issuing this one.
async fn held(tx: &mut TenantTx, custody: &Custody) -> Result<Option<CustodyId>, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select custody_id from inventory.custody
          where organization = $1 and kind = $2 and mark = $3 and state = $4 and (mark <> '' or holder = $5)",
        organization,
        custody.kind,
        custody.mark,
        State::Held.word(),
        custody.holder(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(id.map(CustodyId::from_uuid))
}

/// Writes what was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked, [`Error::AlreadyExists`] when the new holder has such a kit.
pub async fn save(tx: &mut TenantTx, custody: &mut Custody) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.custody set holder = $3, state = $4, document = $5, version = version + 1
          where organization = $1 and custody_id = $2 and version = $6",
        organization,
        custody.id.uuid(),
        custody.holder(),
        custody.state.word(),
        document::encode(custody)?,
        custody.version,
    )
    .execute(tx.conn())
    .await;
    if written.as_ref().is_err_and(|error| violates(error, "custody_one_kit")) {
        return Err(Error::AlreadyExists { name: format!("organizations/{organization}/{}", CustodyId::COLLECTION) });
    }
    if written.db()?.rows_affected() == 0 {
        return Err(Error::Stale { name: custody.id.name(&organization) });
    }
    custody.version += 1;
    Ok(())
}

/// Reads it, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: CustodyId) -> Result<Custody, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select custody_id, document, version from inventory.custody
          where organization = $1 and custody_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads it.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: CustodyId) -> Result<Custody, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select custody_id, document, version from inventory.custody where organization = $1 and custody_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Which are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Only what this person holds, or held at last.
    pub holder: Option<&'a str>,
    /// Only this kind.
    pub kind: Option<&'a str>,
}

/// A page of the register, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, wanted: Wanted<'_>) -> Result<Vec<Custody>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select custody_id, document, version from inventory.custody
          where organization = $1 and custody_id < inventory.page_before($2)
            and ($3::text is null or holder = $3) and ($4::text is null or kind = $4)
          order by custody_id desc limit $5",
        organization,
        page.after().copied(),
        wanted.holder,
        wanted.kind,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Some of the things in custody that were entered in the period of a rehearsal.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Custody>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select custody_id, document, version from inventory.custody
          where organization = $1 and custody_id > $2 and custody_id < $3 order by custody_id limit $4",
        organization,
        place.after,
        rehearsal.end(),
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    custody_id: Uuid,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Custody, Error> {
        let custody: Custody = document::decode("custody", self.custody_id, self.document)?;
        Ok(Custody { version: self.version, ..custody })
    }
}
