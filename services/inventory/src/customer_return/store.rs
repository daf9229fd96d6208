//! Every statement on `inventory.customer_return`.

use callout_casework::ids::{CaseId, CustomerReturnId, Id};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::CustomerReturn;
use crate::document;

/// Writes a new return.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, returned: &CustomerReturn, owner: Option<&str>) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.customer_return
            (organization, customer_return_id, number, case_id, item_id, place_id, state, owner, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        organization,
        returned.id.uuid(),
        returned.number,
        returned.case.uuid(),
        returned.item.uuid(),
        returned.place.uuid(),
        returned.state.word(),
        owner,
        document::encode(returned)?,
        returned.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Writes a return that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, returned: &mut CustomerReturn, owner: Option<&str>) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.customer_return
            set state = $3, owner = $4, actual = $5, booked = $6, document = $7, version = version + 1
          where organization = $1 and customer_return_id = $2 and version = $8",
        organization,
        returned.id.uuid(),
        returned.state.word(),
        owner,
        returned.state.actual(),
        returned.state.booked(),
        document::encode(returned)?,
        returned.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: returned.id.name(&organization) });
    }
    returned.version += 1;
    Ok(())
}

/// What was booked of the returns of a case; they are held until the end of the transaction, so that two are not booked
/// against the same approval at once.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn booked_of_case(tx: &mut TenantTx, case: CaseId) -> Result<Decimal, Error> {
    let organization = tx.organization_id().to_owned();
    let booked = sqlx::query_scalar!(
        "select booked from inventory.customer_return where organization = $1 and case_id = $2
          order by customer_return_id for update",
        organization,
        case.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(booked.into_iter().flatten().sum())
}

/// Reads a return, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: CustomerReturnId) -> Result<CustomerReturn, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select customer_return_id, document, version from inventory.customer_return
          where organization = $1 and customer_return_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a return.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: CustomerReturnId) -> Result<CustomerReturn, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select customer_return_id, document, version from inventory.customer_return
          where organization = $1 and customer_return_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of returns, the latest first; of one case, or of all.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, case: Option<CaseId>) -> Result<Vec<CustomerReturn>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select customer_return_id, document, version from inventory.customer_return
          where organization = $1 and customer_return_id < inventory.page_before($2)
            and ($3::uuid is null or case_id = $3)
          order by customer_return_id desc limit $4",
        organization,
        page.after().copied(),
        case.map(Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    customer_return_id: Uuid,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<CustomerReturn, Error> {
        let returned: CustomerReturn = document::decode("customer_return", self.customer_return_id, self.document)?;
        Ok(CustomerReturn { version: self.version, ..returned })
    }
}
