//! Every statement on `inventory.parts_requisition` and `inventory.parts_requisition_line`.

use std::collections::HashMap;

use callout_casework::{
    ids::{Id, ItemId, PartsRequisitionId, WorkOrderId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Line, PartsRequisition};
use crate::document;

/// A requisition with the time at which something is due next, which is a column for the sake of its constraint and index.
#[derive(Debug)]
pub struct Kept {
    /// The requisition.
    pub requisition: PartsRequisition,
    /// When something is due next.
    pub next_due_at: Option<Timestamp>,
}

/// Writes a new requisition with its lines.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn insert(
    tx: &mut TenantTx,
    requisition: &PartsRequisition,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.parts_requisition
            (organization, parts_requisition_id, number, kind, work_order_id, agency_id, place_id, state, owner,
             next_due_at, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization,
        requisition.id.uuid(),
        requisition.number,
        requisition.kind,
        requisition.work_order.uuid(),
        requisition.agency.map(Id::uuid),
        requisition.place.uuid(),
        requisition.state.word(),
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        document::encode(requisition)?,
        requisition.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    for line in &requisition.lines {
        sqlx::query!(
            "insert into inventory.parts_requisition_line (organization, parts_requisition_id, line, item_id, quantity)
             values ($1, $2, $3, $4, $5)",
            organization,
            requisition.id.uuid(),
            line.number,
            line.item.uuid(),
            line.quantity,
        )
        .execute(tx.conn())
        .await
        .db()?;
    }
    Ok(())
}

/// Writes a requisition that was locked, with its lines; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked; [`Error::Internal`] when a line has more than is stated: the database refuses.
pub async fn save(
    tx: &mut TenantTx,
    requisition: &mut PartsRequisition,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.parts_requisition
            set agency_id = $8, state = $3, owner = $4, next_due_at = $5, document = $6, version = version + 1
          where organization = $1 and parts_requisition_id = $2 and version = $7",
        organization,
        requisition.id.uuid(),
        requisition.state.word(),
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        document::encode(requisition)?,
        requisition.version,
        requisition.agency.map(Id::uuid),
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: requisition.id.name(&organization) });
    }
    for line in &requisition.lines {
        sqlx::query!(
            "update inventory.parts_requisition_line set issued = $4, owed = $5, returned = $6
              where organization = $1 and parts_requisition_id = $2 and line = $3",
            organization,
            requisition.id.uuid(),
            line.number,
            line.issued,
            line.owed,
            line.returned,
        )
        .execute(tx.conn())
        .await
        .db()?;
    }
    requisition.version += 1;
    Ok(())
}

/// Reads a requisition, and holds it with its lines until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: PartsRequisitionId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select parts_requisition_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.parts_requisition where organization = $1 and parts_requisition_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    one(tx, id, row).await
}

/// Reads a requisition.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: PartsRequisitionId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select parts_requisition_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.parts_requisition where organization = $1 and parts_requisition_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    one(tx, id, row).await
}

/// A page of requisitions, those of one order or all, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: Option<WorkOrderId>) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select parts_requisition_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.parts_requisition
            where organization = $1 and parts_requisition_id < inventory.page_before($2)
              and ($3::uuid is null or work_order_id = $3)
            order by parts_requisition_id desc limit $4"#,
        organization,
        page.after().copied(),
        order.map(Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_lines(tx, rows).await
}

/// Some of the requisitions that were entered in the period of a rehearsal.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select parts_requisition_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.parts_requisition
            where organization = $1 and parts_requisition_id > $2 and parts_requisition_id < $3 order by parts_requisition_id limit $4"#,
        organization,
        place.after,
        rehearsal.end(),
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_lines(tx, rows).await
}

/// The requisitions for an order that are not settled.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn open_of_work_order(tx: &mut TenantTx, order: WorkOrderId) -> Result<Vec<PartsRequisitionId>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids = sqlx::query_scalar!(
        "select parts_requisition_id from inventory.parts_requisition
          where organization = $1 and work_order_id = $2 and state <> 'SETTLED' order by parts_requisition_id",
        organization,
        order.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(ids.into_iter().map(PartsRequisitionId::from_uuid).collect())
}

struct Row {
    parts_requisition_id: Uuid,
    document: Value,
    version: i64,
    next_due_at: Option<jiff_sqlx::Timestamp>,
}

async fn one(tx: &mut TenantTx, id: PartsRequisitionId, row: Option<Row>) -> Result<Kept, Error> {
    let found = with_lines(tx, row.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::NotFound { name: id.name(tx.organization_id()) })
}

/// The requisitions of these rows, with their lines.
async fn with_lines(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.parts_requisition_id).collect();
    let lines = sqlx::query_as!(
        LineRow,
        "select parts_requisition_id, line, item_id, quantity, issued, owed, returned
           from inventory.parts_requisition_line
          where organization = $1 and parts_requisition_id = any ($2) order by parts_requisition_id, line",
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let mut by_requisition: HashMap<Uuid, Vec<Line>> = HashMap::new();
    for line in lines {
        by_requisition.entry(line.parts_requisition_id).or_default().push(line.decode());
    }
    let decode = |row: Row| {
        let id = row.parts_requisition_id;
        let requisition: PartsRequisition = document::decode("parts_requisition", id, row.document)?;
        let lines = by_requisition.remove(&id).unwrap_or_default();
        let requisition = PartsRequisition { version: row.version, lines, ..requisition };
        Ok(Kept { requisition, next_due_at: row.next_due_at.map(jiff_sqlx::Timestamp::to_jiff) })
    };
    rows.into_iter().map(decode).collect()
}

struct LineRow {
    parts_requisition_id: Uuid,
    line: i32,
    item_id: Uuid,
    quantity: Decimal,
    issued: Decimal,
    owed: Decimal,
    returned: Decimal,
}

impl LineRow {
    fn decode(self) -> Line {
        Line {
            number: self.line,
            item: ItemId::from_uuid(self.item_id),
            quantity: self.quantity,
            issued: self.issued,
            owed: self.owed,
            returned: self.returned,
        }
    }
}
