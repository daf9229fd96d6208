//! Every statement on `evaluation.finding`.

use callout_casework::{
    ids::{FindingId, Id as _},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use uuid::Uuid;

use super::Finding;
use crate::document;

/// Writes a finding.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, finding: &Finding) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "insert into evaluation.finding (organization, finding_id, kind, person, subject, document)
         values ($1, $2, $3, $4, $5, $6)",
        organization,
        finding.id.uuid(),
        finding.kind,
        finding.person,
        finding.subject,
        document::write(finding)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// Reads a finding.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: FindingId) -> Result<Finding, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select finding_id, document from evaluation.finding where organization = $1 and finding_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of findings, the latest first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>) -> Result<Vec<Finding>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select finding_id, document from evaluation.finding
          where organization = $1 and finding_id < evaluation.page_before($2) order by finding_id desc limit $3",
        organization,
        page.after().copied(),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Some of the findings that were entered in the period of a rehearsal.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Finding>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select finding_id, document from evaluation.finding
          where organization = $1 and finding_id > $2 and finding_id < $3 order by finding_id limit $4",
        organization,
        place.after,
        rehearsal.end(),
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    finding_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<Finding, Error> {
        let finding: Finding = document::read("finding", self.finding_id, self.document)?;
        Ok(Finding { id: FindingId::from_uuid(self.finding_id), ..finding })
    }
}
