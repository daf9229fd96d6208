//! Every statement on `evaluation.goal_sheet`.

use callout_casework::ids::{GoalSheetId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::GoalSheet;
use crate::document;

/// Writes a sheet.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, sheet: &GoalSheet) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.goal_sheet (organization, goal_sheet_id, card, person, period_start_on, document)
         values ($1, $2, $3, $4, $5, $6)",
        organization,
        sheet.id.uuid(),
        sheet.card,
        sheet.person,
        sheet.first_on.to_sqlx() as _,
        document::write(sheet)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// What holds for a period: the sheet that was entered last, if any.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_period(
    tx: &mut TenantTx,
    card: &str,
    person: &str,
    first_on: Date,
) -> Result<Option<GoalSheet>, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select goal_sheet_id, document from evaluation.goal_sheet
          where organization = $1 and card = $2 and person = $3 and period_start_on = $4
          order by goal_sheet_id desc limit 1",
        organization,
        card,
        person,
        first_on.to_sqlx() as _,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.map(Row::decode).transpose()
}

/// Reads a sheet.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: GoalSheetId) -> Result<GoalSheet, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select goal_sheet_id, document from evaluation.goal_sheet where organization = $1 and goal_sheet_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of sheets, the latest entered first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<GoalSheet>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select goal_sheet_id, document from evaluation.goal_sheet
          where organization = $1 and goal_sheet_id < evaluation.page_before($2) and ($3::text is null or person = $3)
          order by goal_sheet_id desc limit $4",
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
    goal_sheet_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<GoalSheet, Error> {
        let sheet: GoalSheet = document::read("goal_sheet", self.goal_sheet_id, self.document)?;
        Ok(GoalSheet { id: GoalSheetId::from_uuid(self.goal_sheet_id), ..sheet })
    }
}
