//! Every statement on `inventory.loan_slip` and `inventory.loan_line`.

use std::collections::HashMap;

use callout_casework::{
    ids::{Id, ItemId, LoanSlipId, WorkOrderId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Line, LoanSlip};
use crate::document;

/// A slip with the time at which something is due next, which is a column for the sake of its constraint and index.
#[derive(Debug)]
pub struct Kept {
    /// The slip.
    pub slip: LoanSlip,
    /// When something is due next.
    pub next_due_at: Option<Timestamp>,
}

/// Writes a new slip with its lines.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn insert(
    tx: &mut TenantTx,
    slip: &LoanSlip,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into inventory.loan_slip
            (organization, loan_slip_id, number, purpose, place_id, work_order_id, agency_id, state, issued_at, owner,
             next_due_at, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        organization,
        slip.id.uuid(),
        slip.number,
        slip.purpose,
        slip.place.uuid(),
        slip.work_order.map(Id::uuid),
        slip.agency.map(Id::uuid),
        slip.state.word(),
        slip.state.issued_at().map(ToSqlx::to_sqlx) as _,
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        document::encode(slip)?,
        slip.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    for line in &slip.lines {
        sqlx::query!(
            "insert into inventory.loan_line (organization, loan_slip_id, line, item_id, quantity)
             values ($1, $2, $3, $4, $5)",
            organization,
            slip.id.uuid(),
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

/// Writes a slip that was locked, with its lines; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked; [`Error::Internal`] when a line does not balance: the database refuses.
pub async fn save(
    tx: &mut TenantTx,
    slip: &mut LoanSlip,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update inventory.loan_slip
            set agency_id = $3, state = $4, issued_at = $5, owner = $6, next_due_at = $7, document = $8,
                version = version + 1
          where organization = $1 and loan_slip_id = $2 and version = $9",
        organization,
        slip.id.uuid(),
        slip.agency.map(Id::uuid),
        slip.state.word(),
        slip.state.issued_at().map(ToSqlx::to_sqlx) as _,
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        document::encode(slip)?,
        slip.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: slip.id.name(&organization) });
    }
    for line in &slip.lines {
        save_line(tx, slip.id, line).await?;
    }
    slip.version += 1;
    Ok(())
}

async fn save_line(tx: &mut TenantTx, slip: LoanSlipId, line: &Line) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "update inventory.loan_line
            set issued = $4, unused = $5, replaced = $6, consumed = $7, lost = $8, outstanding = $9, good = $10,
                damaged = $11, zeroed = $12
          where organization = $1 and loan_slip_id = $2 and line = $3",
        organization,
        slip.uuid(),
        line.number,
        line.issued,
        line.unused,
        line.replaced,
        line.consumed,
        line.lost,
        line.outstanding,
        line.good,
        line.damaged,
        line.zeroed,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a slip, and holds it with its lines until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: LoanSlipId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select loan_slip_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.loan_slip where organization = $1 and loan_slip_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    one(tx, id, row).await
}

/// Reads a slip.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: LoanSlipId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select loan_slip_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.loan_slip where organization = $1 and loan_slip_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    one(tx, id, row).await
}

/// A page of slips, those of one order or all, the latest first.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: Option<WorkOrderId>) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select loan_slip_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.loan_slip
            where organization = $1 and loan_slip_id < inventory.page_before($2)
              and ($3::uuid is null or work_order_id = $3)
            order by loan_slip_id desc limit $4"#,
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

/// Some of the slips that were entered in the period of a rehearsal.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select loan_slip_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from inventory.loan_slip
            where organization = $1 and loan_slip_id > $2 and loan_slip_id < $3 order by loan_slip_id limit $4"#,
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

/// The slips for an order that are not at zero.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn open_of_work_order(tx: &mut TenantTx, order: WorkOrderId) -> Result<Vec<LoanSlipId>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids = sqlx::query_scalar!(
        "select loan_slip_id from inventory.loan_slip
          where organization = $1 and work_order_id = $2 and state <> 'ZEROED' order by loan_slip_id",
        organization,
        order.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(ids.into_iter().map(LoanSlipId::from_uuid).collect())
}

/// The slips for one of these purposes that were issued from `from` on and before `until`, in the order of their issue.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn issued_between(
    tx: &mut TenantTx,
    purposes: &[String],
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<LoanSlipId>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids = sqlx::query_scalar!(
        "select loan_slip_id from inventory.loan_slip
          where organization = $1 and purpose = any ($2) and issued_at >= $3 and issued_at < $4
          order by issued_at, loan_slip_id",
        organization,
        purposes,
        from.to_sqlx() as _,
        until.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(ids.into_iter().map(LoanSlipId::from_uuid).collect())
}

/// The routines that made a list with this slip on it.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn routines_that_list(tx: &mut TenantTx, id: LoanSlipId) -> Result<Vec<String>, Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query_scalar!(
        "select distinct l.routine
           from inventory.slip_list_entry e
           join inventory.slip_list l on l.organization = e.organization and l.slip_list_id = e.slip_list_id
          where e.organization = $1 and e.loan_slip_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()
}

/// What is lent and wanted in all organisations of a mode.
#[derive(Debug)]
pub struct OpenLoans {
    /// `LIVE` or `SANDBOX`.
    pub mode: String,
    /// Issued slips of which something is outstanding.
    pub outstanding: i64,
    /// Those of them for which the time has passed by which somebody had to act.
    pub overdue: i64,
    /// Purchase requisitions that are not fulfilled.
    pub requisitions: i64,
}

/// Counts what is lent and wanted in all organisations, by the one statement that there is for it.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn count_open(tx: &mut TenantTx, as_of: Timestamp) -> Result<Vec<OpenLoans>, Error> {
    sqlx::query_as!(
        OpenLoans,
        r#"select mode as "mode!", outstanding as "outstanding!", overdue as "overdue!", requisitions as "requisitions!"
             from inventory.open_loans($1)"#,
        as_of.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()
}

struct Row {
    loan_slip_id: Uuid,
    document: Value,
    version: i64,
    next_due_at: Option<jiff_sqlx::Timestamp>,
}

async fn one(tx: &mut TenantTx, id: LoanSlipId, row: Option<Row>) -> Result<Kept, Error> {
    let found = with_lines(tx, row.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::NotFound { name: id.name(tx.organization_id()) })
}

/// The slips of these rows, with their lines.
async fn with_lines(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.loan_slip_id).collect();
    let lines = sqlx::query_as!(
        LineRow,
        "select loan_slip_id, line, item_id, quantity, issued, unused, replaced, consumed, lost, outstanding, good,
                damaged, zeroed
           from inventory.loan_line where organization = $1 and loan_slip_id = any ($2) order by loan_slip_id, line",
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let mut by_slip: HashMap<Uuid, Vec<Line>> = HashMap::new();
    for line in lines {
        by_slip.entry(line.loan_slip_id).or_default().push(line.decode());
    }
    let decode = |row: Row| {
        let slip: LoanSlip = document::decode("loan_slip", row.loan_slip_id, row.document)?;
        let lines = by_slip.remove(&row.loan_slip_id).unwrap_or_default();
        let slip = LoanSlip { version: row.version, lines, ..slip };
        Ok(Kept { slip, next_due_at: row.next_due_at.map(jiff_sqlx::Timestamp::to_jiff) })
    };
    rows.into_iter().map(decode).collect()
}

struct LineRow {
    loan_slip_id: Uuid,
    line: i32,
    item_id: Uuid,
    quantity: Decimal,
    issued: Decimal,
    unused: Decimal,
    replaced: Decimal,
    consumed: Decimal,
    lost: Decimal,
    outstanding: Decimal,
    good: Decimal,
    damaged: Decimal,
    zeroed: bool,
}

impl LineRow {
    fn decode(self) -> Line {
        Line {
            number: self.line,
            item: ItemId::from_uuid(self.item_id),
            quantity: self.quantity,
            issued: self.issued,
            unused: self.unused,
            replaced: self.replaced,
            consumed: self.consumed,
            lost: self.lost,
            outstanding: self.outstanding,
            good: self.good,
            damaged: self.damaged,
            zeroed: self.zeroed,
        }
    }
}
