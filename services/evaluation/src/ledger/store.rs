//! Every statement on `evaluation.ledger_entry`.

use callout_casework::ids::{FindingId, Id as _, LedgerEntryId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use callout_regulation::vocabulary::Trigger;
use uuid::Uuid;

use super::LedgerEntry;
use crate::document;

/// Writes an entry; false when it is there already: the miss has this consequence, or the entry is reversed.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(tx: &mut TenantTx, entry: &LedgerEntry) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.ledger_entry
            (organization, ledger_entry_id, finding_id, consequence, person, amount, currency, subject, trigger, document,
             retractions, reverses)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict do nothing",
        organization,
        entry.id.uuid(),
        entry.finding.map(FindingId::uuid),
        entry.consequence,
        entry.person,
        entry.amount,
        entry.currency,
        entry.subject,
        entry.trigger.to_string(),
        document::write(entry)?,
        entry.retractions,
        entry.reverses.map(LedgerEntryId::uuid),
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// Reads an entry.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: LedgerEntryId) -> Result<LedgerEntry, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select ledger_entry_id, document from evaluation.ledger_entry where organization = $1 and ledger_entry_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// The entries of findings, in the order in which they were made.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_findings(tx: &mut TenantTx, findings: &[FindingId]) -> Result<Vec<LedgerEntry>, Error> {
    let organization = tx.organization_id().to_owned();
    let findings: Vec<Uuid> = findings.iter().map(|finding| finding.uuid()).collect();
    let rows = sqlx::query_as!(
        Row,
        "select ledger_entry_id, document from evaluation.ledger_entry
          where organization = $1 and finding_id = any ($2) order by ledger_entry_id",
        organization,
        &findings,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// The entries that follow from a miss of a limit, in the order in which they were made.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn of_miss(
    tx: &mut TenantTx,
    subject: &str,
    trigger: &Trigger,
    retractions: i32,
) -> Result<Vec<LedgerEntry>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select ledger_entry_id, document from evaluation.ledger_entry
          where organization = $1 and subject = $2 and trigger = $3 and retractions = $4
            and finding_id is null and reverses is null
          order by ledger_entry_id",
        organization,
        subject,
        trigger.to_string(),
        retractions,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Which entries are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Only those against this person.
    pub person: Option<&'a str>,
    /// Only those that concern this resource.
    pub subject: Option<&'a str>,
}

/// A page of entries, the latest first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, wanted: Wanted<'_>) -> Result<Vec<LedgerEntry>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select ledger_entry_id, document from evaluation.ledger_entry
          where organization = $1 and ledger_entry_id < evaluation.page_before($2)
            and ($3::text is null or person = $3) and ($4::text is null or subject = $4)
          order by ledger_entry_id desc limit $5",
        organization,
        page.after().copied(),
        wanted.person,
        wanted.subject,
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

struct Row {
    ledger_entry_id: Uuid,
    document: serde_json::Value,
}

impl Row {
    fn decode(self) -> Result<LedgerEntry, Error> {
        let entry: LedgerEntry = document::read("ledger_entry", self.ledger_entry_id, self.document)?;
        Ok(LedgerEntry { id: LedgerEntryId::from_uuid(self.ledger_entry_id), ..entry })
    }
}
