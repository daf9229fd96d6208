//! Every statement on `evaluation.conduct_card`.

use callout_casework::ids::{CardId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use callout_regulation::CardCount;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Card;
use crate::document;

/// Writes a card.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, card: &Card) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.conduct_card (organization, card_id, kind, person, shown_on, document)
         values ($1, $2, $3, $4, $5, $6)",
        organization,
        card.id.uuid(),
        card.kind,
        card.person,
        card.shown_on.to_sqlx() as _,
        document::write(card)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// How many cards of each kind a person was shown from the first to the last day of a period; kinds without any are left
/// out.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn counted(tx: &mut TenantTx, person: &str, first_on: Date, last_on: Date) -> Result<Vec<CardCount>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        r#"select kind, count(*) as "count!" from evaluation.conduct_card
            where organization = $1 and person = $2 and shown_on between $3 and $4 group by kind order by kind"#,
        organization,
        person,
        first_on.to_sqlx() as _,
        last_on.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let counted =
        rows.into_iter().map(|row| CardCount { kind: row.kind, count: u32::try_from(row.count).unwrap_or(u32::MAX) });
    Ok(counted.collect())
}

/// Reads a card.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: CardId) -> Result<Card, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select card_id, document from evaluation.conduct_card where organization = $1 and card_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of cards, the latest entered first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<Card>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select card_id, document from evaluation.conduct_card
          where organization = $1 and card_id < evaluation.page_before($2) and ($3::text is null or person = $3)
          order by card_id desc limit $4",
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
    card_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<Card, Error> {
        let card: Card = document::read("conduct_card", self.card_id, self.document)?;
        Ok(Card { id: CardId::from_uuid(self.card_id), ..card })
    }
}
