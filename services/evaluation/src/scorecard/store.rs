//! Every statement on `evaluation.scorecard`.

use callout_casework::ids::{Id as _, ScorecardId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Scorecard;
use crate::document;

/// Writes a rating.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, scorecard: &Scorecard) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.scorecard (organization, scorecard_id, card, person, day, result, document)
         values ($1, $2, $3, $4, $5, $6, $7)",
        organization,
        scorecard.id.uuid(),
        scorecard.card,
        scorecard.person,
        scorecard.day.to_sqlx() as _,
        scorecard.result,
        document::write(scorecard)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a rating.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: ScorecardId) -> Result<Scorecard, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select scorecard_id, document from evaluation.scorecard where organization = $1 and scorecard_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of ratings, the latest first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<Scorecard>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select scorecard_id, document from evaluation.scorecard
          where organization = $1 and ($2::uuid is null or scorecard_id < $2) and ($3::text is null or person = $3)
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

struct Row {
    scorecard_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<Scorecard, Error> {
        let scorecard: Scorecard = document::read("scorecard", self.scorecard_id, self.document)?;
        Ok(Scorecard { id: ScorecardId::from_uuid(self.scorecard_id), ..scorecard })
    }
}
