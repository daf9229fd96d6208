//! Every statement on `dispatch.charge`.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{COLLECTION, Charge};
use crate::document;

/// Writes a new charge.
///
/// # Errors
/// [`Error::AlreadyExists`] when the costs of this work were claimed from the party before.
pub async fn insert(tx: &mut TenantTx, charge: &Charge) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.charge (organization, charge_id, work_order_id, party, total, document)
         values ($1, $2, $3, $4, $5, $6)
             on conflict on constraint charge_party do nothing",
        organization,
        charge.id,
        charge.order.uuid(),
        charge.party,
        charge.total,
        document::write(&Claimed { claimed: charge.claimed.clone() })?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let first = sqlx::query_scalar!(
        "select charge_id from dispatch.charge where organization = $1 and work_order_id = $2 and party = $3",
        organization,
        charge.order.uuid(),
        charge.party,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: name(&organization, charge.order, first) })
}

/// Reads a charge of an order.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn get(tx: &mut TenantTx, order: WorkOrderId, id: Uuid) -> Result<Charge, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select charge_id, work_order_id, party, total, document from dispatch.charge
          where organization = $1 and work_order_id = $2 and charge_id = $3",
        organization,
        order.uuid(),
        id,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: name(&organization, order, id) })?.decode()
}

/// A page of the charges of an order, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: WorkOrderId) -> Result<Vec<Charge>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select charge_id, work_order_id, party, total, document from dispatch.charge
          where organization = $1 and work_order_id = $2 and charge_id < dispatch.page_before($3)
          order by charge_id desc limit $4",
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

/// The charges of orders.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_orders(tx: &mut TenantTx, orders: &[Uuid]) -> Result<Vec<Charge>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select charge_id, work_order_id, party, total, document from dispatch.charge
          where organization = $1 and work_order_id = any ($2) order by work_order_id, charge_id",
        organization,
        orders,
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
#[serde(transparent)]
struct Claimed {
    #[serde(with = "callout_casework::message")]
    claimed: pb::Charge,
}

struct Row {
    charge_id: Uuid,
    work_order_id: Uuid,
    party: String,
    total: Decimal,
    document: Value,
}

impl Row {
    fn decode(self) -> Result<Charge, Error> {
        let Claimed { claimed } = document::read("charge", self.charge_id, self.document)?;
        Ok(Charge {
            id: self.charge_id,
            order: WorkOrderId::from_uuid(self.work_order_id),
            party: self.party,
            total: self.total,
            claimed,
        })
    }
}
