//! Every statement on `evaluation.performance_pay`.

use callout_casework::ids::{Id as _, PerformancePayId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::{Paid, PerformancePay, State};
use crate::document;

/// Writes a share.
///
/// # Errors
/// [`Error::AlreadyExists`], naming it, when the result has it already.
pub async fn insert(tx: &mut TenantTx, pay: &PerformancePay) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.performance_pay
            (organization, performance_pay_id, share, scorecard_id, person, period_start_on, amount, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict on constraint performance_pay_once do nothing",
        organization,
        pay.id.uuid(),
        pay.share,
        pay.scorecard.uuid(),
        pay.person,
        pay.period.first.to_sqlx() as _,
        pay.amount,
        document::write(pay)?,
        pay.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    let there = sqlx::query_scalar!(
        "select performance_pay_id from evaluation.performance_pay
          where organization = $1 and scorecard_id = $2 and share = $3",
        organization,
        pay.scorecard.uuid(),
        pay.share,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: PerformancePayId::from_uuid(there).name(&organization) })
}

/// Writes that a share which was locked was paid; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, pay: &mut PerformancePay) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let paid = pay.state.paid();
    let written = sqlx::query!(
        "update evaluation.performance_pay set paid_at = $3, paid_by = $4, version = version + 1
          where organization = $1 and performance_pay_id = $2 and version = $5",
        organization,
        pay.id.uuid(),
        paid.map(|paid| paid.at.to_sqlx()) as _,
        paid.map(|paid| paid.by.as_str()),
        pay.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: pay.id.name(&organization) });
    }
    pay.version += 1;
    Ok(())
}

/// The shares of a person for the periods that begin from one day to another, in their order.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_person(
    tx: &mut TenantTx,
    person: &str,
    (from_on, to_on): (Date, Date),
) -> Result<Vec<PerformancePay>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select performance_pay_id, document, version, paid_at as "paid_at: jiff_sqlx::Timestamp", paid_by
             from evaluation.performance_pay
            where organization = $1 and person = $2 and period_start_on between $3 and $4
            order by performance_pay_id"#,
        organization,
        person,
        from_on.to_sqlx() as _,
        to_on.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Reads a share, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: PerformancePayId) -> Result<PerformancePay, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select performance_pay_id, document, version, paid_at as "paid_at: jiff_sqlx::Timestamp", paid_by
             from evaluation.performance_pay where organization = $1 and performance_pay_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a share.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: PerformancePayId) -> Result<PerformancePay, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select performance_pay_id, document, version, paid_at as "paid_at: jiff_sqlx::Timestamp", paid_by
             from evaluation.performance_pay where organization = $1 and performance_pay_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of shares, the latest first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<PerformancePay>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select performance_pay_id, document, version, paid_at as "paid_at: jiff_sqlx::Timestamp", paid_by
             from evaluation.performance_pay
            where organization = $1 and performance_pay_id < evaluation.page_before($2) and ($3::text is null or person = $3)
            order by performance_pay_id desc limit $4"#,
        organization,
        page.after().copied(),
        person,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    performance_pay_id: Uuid,
    document: serde_json::Value,
    version: i64,
    paid_at: Option<jiff_sqlx::Timestamp>,
    paid_by: Option<String>,
}

impl Row {
    fn decode(self) -> Result<PerformancePay, Error> {
        let pay: PerformancePay = document::read("performance_pay", self.performance_pay_id, self.document)?;
        let state = match (self.paid_at, self.paid_by) {
            (Some(at), Some(by)) => State::Paid(Paid { at: at.to_jiff(), by }),
            (Some(_) | None, Some(_) | None) => State::Due,
        };
        let id = PerformancePayId::from_uuid(self.performance_pay_id);
        Ok(PerformancePay { id, version: self.version, state, ..pay })
    }
}
