//! Every statement on `evaluation.duty`.

use callout_casework::ids::{DutyId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Duty;
use crate::document;

/// Writes a new duty; false when the period has it already, or the last one of its routine and subject is still open.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, duty: &Duty) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.duty
            (organization, duty_id, routine, subject, period_start_on, period_end_on, due_at, done_at, missed_at, owner,
             document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $12, $9, $10, $11)
             on conflict do nothing",
        organization,
        duty.id.uuid(),
        duty.routine,
        duty.subject,
        duty.period.map(|days| days.first.to_sqlx()) as _,
        duty.period.map(|days| days.last.to_sqlx()) as _,
        duty.due_at.to_sqlx() as _,
        duty.state.done().map(|done| done.at.to_sqlx()) as _,
        duty.owner(),
        document::write(duty)?,
        duty.version,
        duty.state.missed_at().map(jiff_sqlx::ToSqlx::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// Writes a duty that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, duty: &mut Duty) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.duty
            set due_at = $3, done_at = $4, missed_at = $8, owner = $5, document = $6, version = version + 1
          where organization = $1 and duty_id = $2 and version = $7",
        organization,
        duty.id.uuid(),
        duty.due_at.to_sqlx() as _,
        duty.state.done().map(|done| done.at.to_sqlx()) as _,
        duty.owner(),
        document::write(duty)?,
        duty.version,
        duty.state.missed_at().map(jiff_sqlx::ToSqlx::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: duty.id.name(&organization) });
    }
    duty.version += 1;
    Ok(())
}

/// Reads a duty, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: DutyId) -> Result<Duty, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select duty_id, document, version from evaluation.duty where organization = $1 and duty_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a duty.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: DutyId) -> Result<Duty, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select duty_id, document, version from evaluation.duty where organization = $1 and duty_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The duty of a routine that goes by interval which was made last for a subject, held until the end of the transaction.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn lock_latest(tx: &mut TenantTx, routine: &str, subject: &str) -> Result<Option<Duty>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select duty_id, document, version from evaluation.duty
          where organization = $1 and routine = $2 and subject = $3 and period_start_on is null
          order by done_at desc nulls first, duty_id desc limit 1 for update",
        organization,
        routine,
        subject,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// The duty of a routine for a subject in the period that begins on a day, held until the end of the transaction.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn lock_of_period(
    tx: &mut TenantTx,
    routine: &str,
    subject: &str,
    period: Date,
) -> Result<Option<Duty>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select duty_id, document, version from evaluation.duty
          where organization = $1 and routine = $2 and subject = $3 and period_start_on = $4 for update",
        organization,
        routine,
        subject,
        period.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// Which duties are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Only those of this routine.
    pub routine: Option<&'a str>,
    /// Only those that concern this resource.
    pub subject: Option<&'a str>,
    /// Only those that this person owes.
    pub person: Option<&'a str>,
}

/// What a list of duties is ordered by.
pub type Key = (Timestamp, Uuid);

/// A page of duties by the time at which they are due.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Key>, wanted: Wanted<'_>) -> Result<Vec<Duty>, Error> {
    let organization = tx.organization_id().to_owned();
    let after = page.after().copied();
    let rows = sqlx::query_as!(
        Row,
        "select duty_id, document, version from evaluation.duty
          where organization = $1
            and (due_at, duty_id) > (evaluation.page_after($2::timestamptz), evaluation.page_after($3::uuid))
            and ($4::text is null or routine = $4) and ($5::text is null or subject = $5)
            and ($6::text is null or document ->> 'person' = $6)
          order by due_at, duty_id limit $7",
        organization,
        after.map(|(due_at, _)| due_at.to_sqlx()) as _,
        after.map(|(_, id)| id),
        wanted.routine,
        wanted.subject,
        wanted.person,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    duty_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Duty, Error> {
        let duty: Duty = document::read("duty", self.duty_id, self.document)?;
        Ok(Duty { id: DutyId::from_uuid(self.duty_id), version: self.version, ..duty })
    }
}
