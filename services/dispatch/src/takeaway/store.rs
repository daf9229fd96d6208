//! Every statement on `dispatch.takeaway`.

use callout_casework::ids::{Id, ProductId, TakeawayId, WorkOrderId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use serde_json::Value;
use uuid::Uuid;

use super::Takeaway;
use crate::document;

/// Writes goods that were taken away.
///
/// # Errors
/// [`Error::AlreadyExists`] while the product is with the organisation.
pub async fn insert(tx: &mut TenantTx, takeaway: &Takeaway) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    if let Some(held) = held(tx, takeaway.product).await? {
        return Err(Error::AlreadyExists { name: held.name(&organization) });
    }
    let written = sqlx::query!(
        "insert into dispatch.takeaway
            (organization, takeaway_id, work_order_id, product_id, receipt_number, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        organization,
        takeaway.id.uuid(),
        takeaway.order.uuid(),
        takeaway.product.map(Id::uuid),
        takeaway.receipt_number,
        takeaway.state.word(),
        document::write(takeaway)?,
        takeaway.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        // Two callers at the same moment: the other one's is not visible here.
        Err(error) if violates(&error, "takeaway_held") => {
            Err(Error::AlreadyExists { name: format!("organizations/{organization}/{}", TakeawayId::COLLECTION) })
        }
        written => written.db().map(drop),
    }
}

/// The goods that are with the organisation already.
async fn held(tx: &mut TenantTx, product: Option<ProductId>) -> Result<Option<TakeawayId>, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select takeaway_id from dispatch.takeaway
          where organization = $1 and product_id = $2 and state <> 'GIVEN_BACK'",
        organization,
        product.map(Id::uuid),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(id.map(TakeawayId::from_uuid))
}

/// Writes what was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, takeaway: &mut Takeaway) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update dispatch.takeaway set state = $3, document = $4, version = version + 1
          where organization = $1 and takeaway_id = $2 and version = $5",
        organization,
        takeaway.id.uuid(),
        takeaway.state.word(),
        document::write(takeaway)?,
        takeaway.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: takeaway.id.name(&organization) });
    }
    takeaway.version += 1;
    Ok(())
}

/// Reads it, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn lock(tx: &mut TenantTx, id: TakeawayId) -> Result<Takeaway, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select takeaway_id, document, version from dispatch.takeaway
          where organization = $1 and takeaway_id = $2 for update",
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
/// As [`lock`].
pub async fn get(tx: &mut TenantTx, id: TakeawayId) -> Result<Takeaway, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select takeaway_id, document, version from dispatch.takeaway where organization = $1 and takeaway_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of takeaways, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: Option<WorkOrderId>) -> Result<Vec<Takeaway>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select takeaway_id, document, version from dispatch.takeaway
          where organization = $1 and takeaway_id < dispatch.page_before($2)
            and ($3::uuid is null or work_order_id = $3)
          order by takeaway_id desc limit $4",
        organization,
        page.after().copied(),
        order.map(Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    takeaway_id: Uuid,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Takeaway, Error> {
        let takeaway: Takeaway = document::read("takeaway", self.takeaway_id, self.document)?;
        Ok(Takeaway { id: TakeawayId::from_uuid(self.takeaway_id), version: self.version, ..takeaway })
    }
}
