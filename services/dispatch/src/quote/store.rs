//! Every statement on `dispatch.quote`.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{COLLECTION, Quote, State};
use crate::document;

/// Writes a new quote.
pub async fn insert(tx: &mut TenantTx, quote: &Quote) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into dispatch.quote (organization, quote_id, work_order_id, state, total, document, version)
         values ($1, $2, $3, $4, $5, $6, $7)",
        organization,
        quote.id,
        quote.order.uuid(),
        quote.state.word(),
        quote.total,
        document::write(&Told { told: quote.told.clone() })?,
        quote.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Writes the state of a quote that was locked; its version grows.
pub async fn save(tx: &mut TenantTx, quote: &mut Quote) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update dispatch.quote set state = $3, version = version + 1
          where organization = $1 and quote_id = $2 and version = $4",
        organization,
        quote.id,
        quote.state.word(),
        quote.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: quote.name(&organization) });
    }
    quote.version += 1;
    Ok(())
}

/// Reads a quote of an order, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn lock(tx: &mut TenantTx, order: WorkOrderId, id: Uuid) -> Result<Quote, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select quote_id, work_order_id, state, total, document, version from dispatch.quote
          where organization = $1 and work_order_id = $2 and quote_id = $3 for update",
        organization,
        order.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| missing(&organization, order, id))?.decode()
}

/// Reads the quote of an order that is open or confirmed, and holds it until the end of the transaction.
pub async fn lock_standing(tx: &mut TenantTx, order: WorkOrderId) -> Result<Option<Quote>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select quote_id, work_order_id, state, total, document, version from dispatch.quote
          where organization = $1 and work_order_id = $2 and state in ('OPEN', 'CONFIRMED') for update",
        organization,
        order.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// Reads a quote of an order.
///
/// # Errors
/// As [`lock`].
pub async fn get(tx: &mut TenantTx, order: WorkOrderId, id: Uuid) -> Result<Quote, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select quote_id, work_order_id, state, total, document, version from dispatch.quote
          where organization = $1 and work_order_id = $2 and quote_id = $3",
        organization,
        order.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| missing(&organization, order, id))?.decode()
}

/// A page of the quotes of an order, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: WorkOrderId) -> Result<Vec<Quote>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select quote_id, work_order_id, state, total, document, version from dispatch.quote
          where organization = $1 and work_order_id = $2 and quote_id < dispatch.page_before($3)
          order by quote_id desc limit $4",
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

fn missing(organization: &str, order: WorkOrderId, id: Uuid) -> Error {
    Error::NotFound { name: format!("{}/{COLLECTION}/{id}", order.name(organization)) }
}

/// The document of the row.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Told {
    #[serde(with = "callout_casework::message")]
    told: pb::Quote,
}

struct Row {
    quote_id: Uuid,
    work_order_id: Uuid,
    state: String,
    total: Decimal,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Quote, Error> {
        let unknown = || Error::Internal(anyhow::anyhow!("dispatch.quote {}: state {}", self.quote_id, self.state));
        let state = State::from_word(&self.state).ok_or_else(unknown)?;
        let Told { told } = document::read("quote", self.quote_id, self.document)?;
        Ok(Quote {
            id: self.quote_id,
            order: WorkOrderId::from_uuid(self.work_order_id),
            state,
            total: self.total,
            told,
            version: self.version,
        })
    }
}
