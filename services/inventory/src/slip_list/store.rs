//! Every statement on `inventory.slip_list` and its entries.

use std::collections::HashMap;

use callout_casework::ids::{Id, LoanSlipId, SlipListId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use serde_json::Value;
use uuid::Uuid;

use super::SlipList;
use crate::document;

/// Writes a list with its entries.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn insert(tx: &mut TenantTx, list: &SlipList) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.slip_list (organization, slip_list_id, routine, document) values ($1, $2, $3, $4)",
        organization,
        list.id.uuid(),
        list.routine,
        document::encode(list)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    let slips: Vec<Uuid> = list.loan_slips.iter().copied().map(Id::uuid).collect();
    sqlx::query!(
        "insert into inventory.slip_list_entry (organization, slip_list_id, position, loan_slip_id)
         select $1, $2, position::int, slip from unnest($3::uuid[]) with ordinality as listed (slip, position)",
        organization,
        list.id.uuid(),
        &slips,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a list.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: SlipListId) -> Result<SlipList, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select slip_list_id, document from inventory.slip_list where organization = $1 and slip_list_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let found = with_entries(tx, row.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::NotFound { name: id.name(&organization) })
}

/// A page of lists, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<SlipList>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select slip_list_id, document from inventory.slip_list
          where organization = $1 and slip_list_id < inventory.page_before($2)
          order by slip_list_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_entries(tx, rows).await
}

struct Row {
    slip_list_id: Uuid,
    document: Value,
}

/// The lists of these rows, with their entries.
async fn with_entries(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<SlipList>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.slip_list_id).collect();
    let entries = sqlx::query!(
        "select slip_list_id, loan_slip_id from inventory.slip_list_entry
          where organization = $1 and slip_list_id = any ($2) order by slip_list_id, position",
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let mut by_list: HashMap<Uuid, Vec<LoanSlipId>> = HashMap::new();
    for entry in entries {
        by_list.entry(entry.slip_list_id).or_default().push(LoanSlipId::from_uuid(entry.loan_slip_id));
    }
    let decode = |row: Row| {
        let list: SlipList = document::decode("slip_list", row.slip_list_id, row.document)?;
        Ok(SlipList { loan_slips: by_list.remove(&row.slip_list_id).unwrap_or_default(), ..list })
    };
    rows.into_iter().map(decode).collect()
}
