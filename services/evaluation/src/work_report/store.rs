//! Every statement on `evaluation.work_report`.

use callout_casework::ids::{Id as _, WorkReportId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::civil::Date;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::WorkReport;
use crate::document;

/// Writes a new report.
///
/// # Errors
/// [`Error::AlreadyExists`] when its author made it before.
pub async fn insert(tx: &mut TenantTx, report: &WorkReport) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.work_report
            (organization, work_report_id, report, day, branch, author, state, document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict on constraint report_is_one do nothing",
        organization,
        report.id.uuid(),
        report.report,
        report.day.to_sqlx() as _,
        report.branch,
        report.author,
        report.state.word(),
        document::write(report)?,
        report.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 1 {
        return Ok(());
    }
    let first = sqlx::query_scalar!(
        "select work_report_id from evaluation.work_report
          where organization = $1 and report = $2 and day = $3 and branch = $4 and author = $5",
        organization,
        report.report,
        report.day.to_sqlx() as _,
        report.branch,
        report.author,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    Err(Error::AlreadyExists { name: WorkReportId::from_uuid(first).name(&organization) })
}

/// Writes a report that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, report: &mut WorkReport) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.work_report set state = $3, document = $4, version = version + 1
          where organization = $1 and work_report_id = $2 and version = $5",
        organization,
        report.id.uuid(),
        report.state.word(),
        document::write(report)?,
        report.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: report.id.name(&organization) });
    }
    report.version += 1;
    Ok(())
}

/// Reads a report, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: WorkReportId) -> Result<WorkReport, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select work_report_id, document, version from evaluation.work_report
          where organization = $1 and work_report_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a report.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: WorkReportId) -> Result<WorkReport, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select work_report_id, document, version from evaluation.work_report
          where organization = $1 and work_report_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The reports of a branch and a day that were sent, the earlier made first.
pub async fn sent(tx: &mut TenantTx, report: &str, day: Date, branch: &str) -> Result<Vec<WorkReport>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select work_report_id, document, version from evaluation.work_report
          where organization = $1 and report = $2 and day = $3 and branch = $4 and state = 'SENT'
          order by work_report_id",
        organization,
        report,
        day.to_sqlx() as _,
        branch,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// A page of reports, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<WorkReport>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select work_report_id, document, version from evaluation.work_report
          where organization = $1 and work_report_id < evaluation.page_before($2)
          order by work_report_id desc limit $3",
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
    work_report_id: Uuid,
    document: serde_json::Value,
    version: i64,
}

impl Row {
    fn decode(self) -> Result<WorkReport, Error> {
        let report: WorkReport = document::read("work_report", self.work_report_id, self.document)?;
        Ok(WorkReport { id: WorkReportId::from_uuid(self.work_report_id), version: self.version, ..report })
    }
}
