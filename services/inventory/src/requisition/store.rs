//! Every statement on `inventory.purchase_requisition`.

use callout_casework::ids::{Id as _, PurchaseRequisitionId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use serde_json::Value;
use uuid::Uuid;

use super::PurchaseRequisition;
use crate::document;

/// Writes a new requisition.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, requisition: &PurchaseRequisition) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.purchase_requisition
            (organization, purchase_requisition_id, item_id, quantity, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7)",
        organization,
        requisition.id.uuid(),
        requisition.item.uuid(),
        requisition.quantity,
        requisition.state.word(),
        document::encode(requisition)?,
        requisition.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Writes a requisition that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, requisition: &mut PurchaseRequisition) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.purchase_requisition set state = $3, document = $4, version = version + 1
          where organization = $1 and purchase_requisition_id = $2 and version = $5",
        organization,
        requisition.id.uuid(),
        requisition.state.word(),
        document::encode(requisition)?,
        requisition.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: requisition.id.name(&organization) });
    }
    requisition.version += 1;
    Ok(())
}

/// Reads a requisition, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: PurchaseRequisitionId) -> Result<PurchaseRequisition, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select purchase_requisition_id, document, version from inventory.purchase_requisition
          where organization = $1 and purchase_requisition_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a requisition.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: PurchaseRequisitionId) -> Result<PurchaseRequisition, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select purchase_requisition_id, document, version from inventory.purchase_requisition
          where organization = $1 and purchase_requisition_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of requisitions, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<PurchaseRequisition>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select purchase_requisition_id, document, version from inventory.purchase_requisition
          where organization = $1 and purchase_requisition_id < inventory.page_before($2)
          order by purchase_requisition_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    purchase_requisition_id: Uuid,
    document: Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<PurchaseRequisition, Error> {
        let requisition: PurchaseRequisition =
            document::decode("purchase_requisition", self.purchase_requisition_id, self.document)?;
        Ok(PurchaseRequisition { version: self.version, ..requisition })
    }
}
