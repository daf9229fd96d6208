//! Every statement on `intake.service_case`.

use callout_casework::{
    ids::{CaseId, Id, WorkOrderId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_contract::intake::v1 as pb;
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use uuid::Uuid;

use super::Case;

/// A case with the time at which something is due next, which is a column for the sake of its constraint and index.
pub struct Kept {
    pub case: Case,
    pub next_due_at: Option<Timestamp>,
}

/// Writes a new case.
pub async fn insert(
    tx: &mut TenantTx,
    case: &Case,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into intake.service_case
            (organization, case_id, number, product_id, customer_id, work_order_id, state, owner, next_due_at, received_at,
             document, version, register, register_number, previous_case_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        organization,
        case.id.uuid(),
        case.number,
        case.product.map(Id::uuid),
        case.customer.map(Id::uuid),
        case.work_order().map(Id::uuid),
        case.state.word(),
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        case.received_at.to_sqlx() as _,
        document(case)?,
        case.version,
        case.registered.as_ref().map(|entry| entry.register.as_str()),
        case.registered.as_ref().map(|entry| entry.number.as_str()),
        case.previous.map(Id::uuid),
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Refuses the name of a case that is not there; none is fine.
pub async fn require(tx: &mut TenantTx, id: Option<CaseId>) -> Result<(), Error> {
    match id {
        Some(id) => get(tx, id).await.map(drop),
        None => Ok(()),
    }
}

/// Writes a case that was locked; its version grows.
pub async fn save(
    tx: &mut TenantTx,
    case: &mut Case,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update intake.service_case
            set state = $3, owner = $4, next_due_at = $5, work_order_id = $6, product_id = $7, customer_id = $8,
                document = $9, version = version + 1, register = $11, register_number = $12, previous_case_id = $13
          where organization = $1 and case_id = $2 and version = $10",
        organization,
        case.id.uuid(),
        case.state.word(),
        owner,
        next_due_at.map(ToSqlx::to_sqlx) as _,
        case.work_order().map(Id::uuid),
        case.product.map(Id::uuid),
        case.customer.map(Id::uuid),
        document(case)?,
        case.version,
        case.registered.as_ref().map(|entry| entry.register.as_str()),
        case.registered.as_ref().map(|entry| entry.number.as_str()),
        case.previous.map(Id::uuid),
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: case.id.name(&organization) });
    }
    case.version += 1;
    Ok(())
}

/// Reads a case, and holds it until the end of the transaction.
pub async fn lock(tx: &mut TenantTx, id: CaseId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select case_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from intake.service_case where organization = $1 and case_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a case.
pub async fn get(tx: &mut TenantTx, id: CaseId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select case_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from intake.service_case where organization = $1 and case_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The case of a work order; none when intake has not heard of that order.
pub async fn of_work_order(tx: &mut TenantTx, order: WorkOrderId) -> Result<Option<CaseId>, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select case_id from intake.service_case where organization = $1 and work_order_id = $2",
        organization,
        order.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(id.map(CaseId::from_uuid))
}

/// The cases that may be dispatched one day and were not, the earlier received first.
pub async fn waiting(tx: &mut TenantTx) -> Result<Vec<Case>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select case_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from intake.service_case
            where organization = $1 and state in ('RECEIVED', 'AT_DESK', 'SOLUTION_FIXED')
            order by received_at, case_id"#,
        organization,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(|row| row.decode().map(|kept| kept.case)).collect()
}

/// A page of cases, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, state: pb::case::State) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let state = match state {
        pb::case::State::Unspecified => None,
        state => Some(state.as_str_name().trim_start_matches("STATE_")),
    };
    let rows = sqlx::query_as!(
        Row,
        r#"select case_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from intake.service_case
            where organization = $1 and case_id < intake.page_before($2) and ($3::text is null or state = $3)
            order by case_id desc limit $4"#,
        organization,
        page.after().copied(),
        state,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Some of the cases that were received in the period of a rehearsal. None is entered before it is received, so they are
/// among those that were made since the period began.
pub async fn received_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Case>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select case_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from intake.service_case
            where organization = $1 and case_id > $2 and received_at >= $3 and received_at < $4
            order by case_id limit $5"#,
        organization,
        place.after,
        rehearsal.from.to_sqlx() as _,
        rehearsal.to.to_sqlx() as _,
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(|row| Ok(row.decode()?.case)).collect()
}

/// Open cases that have something in common.
pub struct OpenCases {
    /// `LIVE` or `SANDBOX`.
    pub mode: String,
    pub state: String,
    /// How many of the ages that were asked for they have reached.
    pub age: i32,
    pub cases: i64,
}

/// Counts the open cases of all organisations by where they stand and how old they are; `ages` are the seconds at which
/// they come into the next group, in order.
pub async fn count_open(tx: &mut TenantTx, as_of: Timestamp, ages: &[i64]) -> Result<Vec<OpenCases>, Error> {
    sqlx::query_as!(
        OpenCases,
        r#"select mode as "mode!", state as "state!", age as "age!", cases as "cases!" from intake.open_cases($1, $2)"#,
        as_of.to_sqlx() as _,
        ages,
    )
    .fetch_all(tx.conn())
    .await
    .db()
}

struct Row {
    case_id: Uuid,
    document: serde_json::Value,
    version: i64,
    next_due_at: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn decode(self) -> Result<Kept, Error> {
        let case: Case = crate::document("service_case", self.case_id, self.document)?;
        let case = Case { id: CaseId::from_uuid(self.case_id), version: self.version, ..case };
        Ok(Kept { case, next_due_at: self.next_due_at.map(jiff_sqlx::Timestamp::to_jiff) })
    }
}

fn document(case: &Case) -> Result<serde_json::Value, Error> {
    serde_json::to_value(case).map_err(|fault| Error::Internal(fault.into()))
}
