//! Every statement on `evaluation.rate_count`.

use callout_journal::{DatabaseResult as _, TenantTx};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;

use super::Tally;

/// Writes how a subject counts.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn put(tx: &mut TenantTx, rate: &str, subject: &str, day: Date, holds: bool) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.rate_count (organization, rate, subject, counted_on, holds)
         values ($1, $2, $3, $4, $5)
             on conflict (organization, rate, subject) do update
            set counted_on = excluded.counted_on, holds = excluded.holds",
        organization,
        rate,
        subject,
        day.to_sqlx() as _,
        holds,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// A subject counts no more.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn forget(tx: &mut TenantTx, rate: &str, subject: &str) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "delete from evaluation.rate_count where organization = $1 and rate = $2 and subject = $3",
        organization,
        rate,
        subject,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// How much counts between two days, both included.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn tally(tx: &mut TenantTx, rate: &str, (first, last): (Date, Date)) -> Result<Tally, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query!(
        r#"select count(*) as "counted!", count(*) filter (where holds) as "holding!"
             from evaluation.rate_count
            where organization = $1 and rate = $2 and counted_on between $3 and $4"#,
        organization,
        rate,
        first.to_sqlx() as _,
        last.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    let number = |count: i64| u32::try_from(count).map_err(|fault| Error::Internal(fault.into()));
    Ok(Tally { counted: number(row.counted)?, holding: number(row.holding)? })
}

/// Some of those of which it is not so, the earlier first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn missing(tx: &mut TenantTx, rate: &str, (first, last): (Date, Date)) -> Result<Vec<String>, Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query_scalar!(
        "select subject from evaluation.rate_count
          where organization = $1 and rate = $2 and counted_on between $3 and $4 and not holds
          order by counted_on, subject limit 100",
        organization,
        rate,
        first.to_sqlx() as _,
        last.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()
}
