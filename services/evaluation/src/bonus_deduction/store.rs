//! Every statement on `evaluation.bonus_deduction`.

use callout_casework::ids::{BonusDeductionId, Id as _};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::BonusDeduction;
use crate::document;

/// Writes a deduction.
///
/// # Errors
/// [`Error::AlreadyExists`], naming it, when the person has one in that month.
pub async fn insert(tx: &mut TenantTx, deduction: &BonusDeduction) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let month_on = deduction.day.first_of_month();
    let written = sqlx::query!(
        "insert into evaluation.bonus_deduction
            (organization, bonus_deduction_id, deduction, person, month_on, cap, total, document)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict on constraint bonus_deducted_once do nothing",
        organization,
        deduction.id.uuid(),
        deduction.deduction,
        deduction.person,
        month_on.to_sqlx() as _,
        deduction.cap,
        deduction.total,
        document::write(deduction)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() > 0 {
        return Ok(());
    }
    let there = sqlx::query_scalar!(
        "select bonus_deduction_id from evaluation.bonus_deduction
          where organization = $1 and deduction = $2 and person = $3 and month_on = $4",
        organization,
        deduction.deduction,
        deduction.person,
        month_on.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: BonusDeductionId::from_uuid(there).name(&organization) })
}

/// Whether a later month than that of a day was deducted.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn deducted_after(tx: &mut TenantTx, kind: &str, person: &str, day: Date) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query_scalar!(
        r#"select exists (
               select from evaluation.bonus_deduction
                where organization = $1 and deduction = $2 and person = $3 and month_on > $4) as "there!""#,
        organization,
        kind,
        person,
        day.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()
}

/// Reads a deduction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: BonusDeductionId) -> Result<BonusDeduction, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select bonus_deduction_id, document from evaluation.bonus_deduction
          where organization = $1 and bonus_deduction_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of deductions, the latest first; of one person, or of all.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, person: Option<&str>) -> Result<Vec<BonusDeduction>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select bonus_deduction_id, document from evaluation.bonus_deduction
          where organization = $1 and bonus_deduction_id < evaluation.page_before($2)
            and ($3::text is null or person = $3)
          order by bonus_deduction_id desc limit $4",
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
    bonus_deduction_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<BonusDeduction, Error> {
        let deduction: BonusDeduction = document::read("bonus_deduction", self.bonus_deduction_id, self.document)?;
        Ok(BonusDeduction { id: BonusDeductionId::from_uuid(self.bonus_deduction_id), ..deduction })
    }
}
