//! Every statement on `evaluation.scorecard`.

use callout_casework::{
    day_of,
    ids::{Id as _, ScorecardId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::{Days, Scorecard};
use crate::document;

/// Writes a rating; `once` where a person has one result a period.
///
/// # Errors
/// [`Error::AlreadyExists`], naming it, when there is one for the period.
pub async fn insert(tx: &mut TenantTx, scorecard: &Scorecard, once: bool) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let once_from = scorecard.period.as_ref().filter(|_| once).map(|days| days.first);
    let written = sqlx::query!(
        "insert into evaluation.scorecard
            (organization, scorecard_id, card, person, day, result, document, standing, version, period_start_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
             on conflict (organization, card, person, period_start_on) where period_start_on is not null do nothing",
        organization,
        scorecard.id.uuid(),
        scorecard.card,
        scorecard.person,
        scorecard.day.to_sqlx() as _,
        scorecard.result,
        document::write(scorecard)?,
        document::write(&scorecard.standing)?,
        scorecard.version,
        once_from.map(Date::to_sqlx) as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    let there = match &scorecard.period {
        Some(Days { first, .. }) => of_period(tx, &scorecard.card, &scorecard.person, *first).await?,
        None => None,
    };
    Err(Error::AlreadyExists { name: there.map(|there| there.id.name(&organization)).unwrap_or_default() })
}

/// Writes what became of a rating that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(tx: &mut TenantTx, scorecard: &mut Scorecard) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.scorecard set standing = $3, version = version + 1
          where organization = $1 and scorecard_id = $2 and version = $4",
        organization,
        scorecard.id.uuid(),
        document::write(&scorecard.standing)?,
        scorecard.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: scorecard.id.name(&organization) });
    }
    scorecard.version += 1;
    Ok(())
}

/// Reads a rating, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: ScorecardId) -> Result<Scorecard, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select scorecard_id, document, standing, version from evaluation.scorecard
          where organization = $1 and scorecard_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a rating.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: ScorecardId) -> Result<Scorecard, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select scorecard_id, document, standing, version from evaluation.scorecard
          where organization = $1 and scorecard_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The one result of a person for the period that begins on a day, if there is one yet.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_period(
    tx: &mut TenantTx,
    card: &str,
    person: &str,
    first_on: Date,
) -> Result<Option<Scorecard>, Error> {
    Ok(of_person(tx, card, person, (first_on, first_on)).await?.into_iter().next())
}

/// The results of a person for the periods that begin from one day to another, one a period, in their order.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_person(
    tx: &mut TenantTx,
    card: &str,
    person: &str,
    (from_on, to_on): (Date, Date),
) -> Result<Vec<Scorecard>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select scorecard_id, document, standing, version from evaluation.scorecard
          where organization = $1 and card = $2 and person = $3 and period_start_on between $4 and $5
          order by period_start_on",
        organization,
        card,
        person,
        from_on.to_sqlx() as _,
        to_on.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// A page of ratings, the latest first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<Scorecard>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select scorecard_id, document, standing, version from evaluation.scorecard
          where organization = $1 and scorecard_id < evaluation.page_before($2) and ($3::text is null or person = $3)
          order by scorecard_id desc limit $4",
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

/// Some of the ratings whose day lies in the period of a rehearsal, whenever they were made.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_days(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Scorecard>, Error> {
    let organization = tx.organization_id().to_owned();
    let first_page = place.after == rehearsal.before_first();
    let zone = rehearsal.other.zone();
    let rows = sqlx::query_as!(
        Row,
        "select scorecard_id, document, standing, version from evaluation.scorecard
          where organization = $1 and scorecard_id > $2 and day between $3 and $4 order by scorecard_id limit $5",
        organization,
        if first_page { Uuid::nil() } else { place.after },
        day_of(rehearsal.from, zone).to_sqlx() as _,
        day_of(rehearsal.last(), zone).to_sqlx() as _,
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    scorecard_id: Uuid,
    document: serde_json::Value,
    standing: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<Scorecard, Error> {
        let scorecard: Scorecard = document::read("scorecard", self.scorecard_id, self.document)?;
        let standing = document::read("scorecard", self.scorecard_id, self.standing)?;
        Ok(Scorecard { id: ScorecardId::from_uuid(self.scorecard_id), standing, version: self.version, ..scorecard })
    }
}
