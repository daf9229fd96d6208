//! Every statement on `evaluation.annual_income`.

use callout_casework::ids::{AnnualIncomeId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use uuid::Uuid;

use super::AnnualIncome;
use crate::document;

/// Writes an income.
///
/// # Errors
/// [`Error::AlreadyExists`], naming it, when the year of the person was made up before.
pub async fn insert(tx: &mut TenantTx, income: &AnnualIncome) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let year = i32::from(income.day.year());
    let written = sqlx::query!(
        "insert into evaluation.annual_income (organization, annual_income_id, person, year, total, document)
         values ($1, $2, $3, $4, $5, $6)
             on conflict on constraint annual_income_once do nothing",
        organization,
        income.id.uuid(),
        income.person,
        year,
        income.total,
        document::write(income)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    let there = sqlx::query_scalar!(
        "select annual_income_id from evaluation.annual_income where organization = $1 and person = $2 and year = $3",
        organization,
        income.person,
        year,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: AnnualIncomeId::from_uuid(there).name(&organization) })
}

/// Reads an income.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: AnnualIncomeId) -> Result<AnnualIncome, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select annual_income_id, document from evaluation.annual_income
          where organization = $1 and annual_income_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of incomes, the latest first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<AnnualIncome>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select annual_income_id, document from evaluation.annual_income
          where organization = $1 and annual_income_id < evaluation.page_before($2) and ($3::text is null or person = $3)
          order by annual_income_id desc limit $4",
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
    annual_income_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<AnnualIncome, Error> {
        let income: AnnualIncome = document::read("annual_income", self.annual_income_id, self.document)?;
        Ok(AnnualIncome { id: AnnualIncomeId::from_uuid(self.annual_income_id), ..income })
    }
}
