//! Every statement on `dispatch.fee`.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{COLLECTION, Fee, State};
use crate::document;

/// Writes a new fee.
///
/// # Errors
/// [`Error::AlreadyExists`] when the order has its fee.
pub async fn insert(tx: &mut TenantTx, fee: &Fee) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.fee (organization, fee_id, work_order_id, amount, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7)
             on conflict on constraint fee_of_order do nothing",
        organization,
        fee.id,
        fee.order.uuid(),
        fee.amount,
        fee.state.word(),
        document::write(&Kept::of(fee))?,
        fee.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let first = sqlx::query_scalar!(
        "select fee_id from dispatch.fee where organization = $1 and work_order_id = $2",
        organization,
        fee.order.uuid(),
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: name(&organization, fee.order, first) })
}

/// Writes a fee that was locked; its version grows.
///
/// # Errors
/// [`Error::AlreadyExists`] when the number of its invoice was used.
pub async fn save(tx: &mut TenantTx, fee: &mut Fee) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update dispatch.fee set state = $3, invoice_number = $4, document = $5, version = version + 1
          where organization = $1 and fee_id = $2 and version = $6",
        organization,
        fee.id,
        fee.state.word(),
        fee.state.invoice().map(|invoice| invoice.number.as_str()),
        document::write(&Kept::of(fee))?,
        fee.version,
    )
    .execute(tx.conn())
    .await;
    if written.as_ref().is_err_and(|error| violates(error, "fee_invoice")) {
        let number = fee.state.invoice().map(|invoice| invoice.number.clone()).unwrap_or_default();
        return Err(Error::AlreadyExists { name: format!("organizations/{organization}/invoices/{number}") });
    }
    if written.db()?.rows_affected() == 0 {
        return Err(Error::Stale { name: fee.name(&organization) });
    }
    fee.version += 1;
    Ok(())
}

/// Reads a fee of an order, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn lock(tx: &mut TenantTx, order: WorkOrderId, id: Uuid) -> Result<Fee, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select fee_id, work_order_id, amount, document, version from dispatch.fee
          where organization = $1 and work_order_id = $2 and fee_id = $3 for update",
        organization,
        order.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: name(&organization, order, id) })?.decode()
}

/// Reads a fee of an order.
///
/// # Errors
/// As [`lock`].
pub async fn get(tx: &mut TenantTx, order: WorkOrderId, id: Uuid) -> Result<Fee, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select fee_id, work_order_id, amount, document, version from dispatch.fee
          where organization = $1 and work_order_id = $2 and fee_id = $3",
        organization,
        order.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: name(&organization, order, id) })?.decode()
}

/// A page of the fees of an order.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: WorkOrderId) -> Result<Vec<Fee>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select fee_id, work_order_id, amount, document, version from dispatch.fee
          where organization = $1 and work_order_id = $2 and fee_id < dispatch.page_before($3)
          order by fee_id desc limit $4",
        organization,
        order.uuid(),
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

fn name(organization: &str, order: WorkOrderId, id: Uuid) -> String {
    format!("{}/{COLLECTION}/{id}", order.name(organization))
}

/// The document of the row.
#[derive(Serialize, Deserialize)]
struct Kept {
    state: State,
    currency: String,
    created_at: Timestamp,
}

impl Kept {
    fn of(fee: &Fee) -> Self {
        Self { state: fee.state.clone(), currency: fee.currency.clone(), created_at: fee.created_at }
    }
}

struct Row {
    fee_id: Uuid,
    work_order_id: Uuid,
    amount: Decimal,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Fee, Error> {
        let Kept { state, currency, created_at } = document::read("fee", self.fee_id, self.document)?;
        Ok(Fee {
            id: self.fee_id,
            order: WorkOrderId::from_uuid(self.work_order_id),
            amount: self.amount,
            state,
            currency,
            created_at,
            version: self.version,
        })
    }
}
