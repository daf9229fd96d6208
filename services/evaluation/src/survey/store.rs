//! Every statement on `evaluation.call`, `evaluation.call_register` and `evaluation.survey_card`.

use callout_casework::ids::{CaseId, Id as _, SurveyCardId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::{Date as SqlDate, Timestamp as SqlTimestamp, ToSqlx as _};
use uuid::Uuid;

use super::SurveyCard;
use crate::document;

/// A call of a day.
pub struct Call {
    /// Which.
    pub case: CaseId,
    /// Whether its card was sent.
    pub has_card: bool,
}

/// Knows a call, once.
pub async fn put_call(tx: &mut TenantTx, case: CaseId, day: Date) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.call (organization, case_id, day) values ($1, $2, $3) on conflict do nothing",
        organization,
        case.uuid(),
        day.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// The day of a call; none for one that is not known.
pub async fn day_of_call(tx: &mut TenantTx, case: CaseId) -> Result<Option<Date>, Error> {
    let organization = tx.organization_id().to_owned();
    let day = sqlx::query_scalar!(
        r#"select day as "day: SqlDate" from evaluation.call where organization = $1 and case_id = $2"#,
        organization,
        case.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(day.map(SqlDate::to_jiff))
}

/// The calls of a day, in the order in which they came in.
pub async fn calls(tx: &mut TenantTx, survey: &str, day: Date) -> Result<Vec<Call>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query!(
        r#"select case_id, exists (
              select from evaluation.survey_card s
               where s.organization = c.organization and s.case_id = c.case_id and s.survey = $2) as "has_card!"
             from evaluation.call c where organization = $1 and day = $3 order by case_id"#,
        organization,
        survey,
        day.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    Ok(rows.into_iter().map(|row| Call { case: CaseId::from_uuid(row.case_id), has_card: row.has_card }).collect())
}

/// Writes that the register of a day was sent.
///
/// # Errors
/// [`Error::AlreadyExists`] when it was.
pub async fn insert_register(tx: &mut TenantTx, survey: &str, day: Date, at: Timestamp, by: &str) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.call_register (organization, survey, day, sent_at, sent_by) values ($1, $2, $3, $4, $5)
             on conflict on constraint register_of_day do nothing",
        organization,
        survey,
        day.to_sqlx() as _,
        at.to_sqlx() as _,
        by,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    Err(Error::AlreadyExists { name: format!("organizations/{organization}/callRegisters/{day}") })
}

/// When the register of a day was sent; none before.
pub async fn register_sent_at(tx: &mut TenantTx, survey: &str, day: Date) -> Result<Option<Timestamp>, Error> {
    let organization = tx.organization_id().to_owned();
    let sent_at = sqlx::query_scalar!(
        r#"select sent_at as "sent_at: SqlTimestamp" from evaluation.call_register
            where organization = $1 and survey = $2 and day = $3"#,
        organization,
        survey,
        day.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(sent_at.map(SqlTimestamp::to_jiff))
}

/// Writes a card that was sent.
///
/// # Errors
/// [`Error::AlreadyExists`] when the call has one.
pub async fn insert(tx: &mut TenantTx, card: &SurveyCard) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.survey_card (organization, survey_card_id, survey, case_id, day, document, version)
         values ($1, $2, $3, $4, $5, $6, $7)
             on conflict on constraint card_is_one do nothing",
        organization,
        card.id.uuid(),
        card.survey,
        card.case.uuid(),
        card.day.to_sqlx() as _,
        document::write(card)?,
        card.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let first = sqlx::query_scalar!(
        "select survey_card_id from evaluation.survey_card where organization = $1 and survey = $2 and case_id = $3",
        organization,
        card.survey,
        card.case.uuid(),
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: SurveyCardId::from_uuid(first).name(&organization) })
}

/// Writes a card that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, card: &mut SurveyCard) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.survey_card set person = $3, document = $4, version = version + 1
          where organization = $1 and survey_card_id = $2 and version = $5",
        organization,
        card.id.uuid(),
        card.state.answered().map(|answer| answer.person.as_str()),
        document::write(card)?,
        card.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: card.id.name(&organization) });
    }
    card.version += 1;
    Ok(())
}

/// Reads a card, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: SurveyCardId) -> Result<SurveyCard, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select survey_card_id, document, version from evaluation.survey_card
          where organization = $1 and survey_card_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a card.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: SurveyCardId) -> Result<SurveyCard, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select survey_card_id, document, version from evaluation.survey_card
          where organization = $1 and survey_card_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The cards that rate a person, of calls between two days.
pub async fn of_person(
    tx: &mut TenantTx,
    survey: &str,
    person: &str,
    (first, last): (Date, Date),
) -> Result<Vec<SurveyCard>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select survey_card_id, document, version from evaluation.survey_card
          where organization = $1 and survey = $2 and person = $3 and day between $4 and $5",
        organization,
        survey,
        person,
        first.to_sqlx() as _,
        last.to_sqlx() as _,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// A page of cards, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<SurveyCard>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select survey_card_id, document, version from evaluation.survey_card
          where organization = $1 and survey_card_id < evaluation.page_before($2)
          order by survey_card_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    survey_card_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<SurveyCard, Error> {
        let card: SurveyCard = document::read("survey_card", self.survey_card_id, self.document)?;
        Ok(SurveyCard { id: SurveyCardId::from_uuid(self.survey_card_id), version: self.version, ..card })
    }
}
