//! Every statement on `evaluation.claim`.

use callout_casework::{
    ids::{ClaimId, Id as _, WorkOrderId},
    rehearse::{PAGE, Place, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page};
use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use uuid::Uuid;

use super::Claim;
use crate::document;

/// A claim with the time at which something is due next, which is a column for the sake of its constraint and index.
#[derive(Debug)]
pub struct Kept {
    /// The claim.
    pub claim: Claim,
    /// When something is due next; none when it is filed.
    pub next_due_at: Option<Timestamp>,
}

/// Writes a new claim; false when its order has one already.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn insert(
    tx: &mut TenantTx,
    claim: &Claim,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into evaluation.claim
            (organization, claim_id, work_order_id, engineer, state, owner, next_due_at, claimed, passed, refused, document,
             version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
             on conflict on constraint claim_of_work_order do nothing",
        organization,
        claim.id.uuid(),
        claim.work_order.uuid(),
        claim.engineer,
        claim.state.word(),
        owner,
        next_due_at.map(Timestamp::to_sqlx) as _,
        claim.claimed(),
        claim.state.audit().map(|audit| audit.passed),
        claim.state.audit().map(|audit| audit.refused),
        document::write(claim)?,
        claim.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// Writes a claim that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(
    tx: &mut TenantTx,
    claim: &mut Claim,
    owner: Option<&str>,
    next_due_at: Option<Timestamp>,
) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update evaluation.claim
            set state = $3, owner = $4, next_due_at = $5, passed = $6, refused = $7, document = $8, version = version + 1
          where organization = $1 and claim_id = $2 and version = $9",
        organization,
        claim.id.uuid(),
        claim.state.word(),
        owner,
        next_due_at.map(Timestamp::to_sqlx) as _,
        claim.state.audit().map(|audit| audit.passed),
        claim.state.audit().map(|audit| audit.refused),
        document::write(claim)?,
        claim.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: claim.id.name(&organization) });
    }
    claim.version += 1;
    Ok(())
}

/// Reads a claim, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn lock(tx: &mut TenantTx, id: ClaimId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select claim_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from evaluation.claim where organization = $1 and claim_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// Reads a claim.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub async fn get(tx: &mut TenantTx, id: ClaimId) -> Result<Kept, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select claim_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from evaluation.claim where organization = $1 and claim_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    row.ok_or_else(|| Error::NotFound { name: id.name(&organization) })?.decode()
}

/// A page of claims, the latest first.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, order: Option<WorkOrderId>) -> Result<Vec<Kept>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select claim_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from evaluation.claim
            where organization = $1 and claim_id < evaluation.page_before($2) and ($3::uuid is null or work_order_id = $3)
            order by claim_id desc limit $4"#,
        organization,
        page.after().copied(),
        order.map(WorkOrderId::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(Row::decode).collect()
}

/// Some of the claims that were entered in the period of a rehearsal.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn entered_in(tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Vec<Claim>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select claim_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from evaluation.claim
            where organization = $1 and claim_id > $2 and claim_id < $3 order by claim_id limit $4"#,
        organization,
        place.after,
        rehearsal.end(),
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    rows.into_iter().map(|row| Ok(row.decode()?.claim)).collect()
}

struct Row {
    claim_id: Uuid,
    document: serde_json::Value,
    version: i64,
    next_due_at: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn decode(self) -> Result<Kept, Error> {
        let claim: Claim = document::read("claim", self.claim_id, self.document)?;
        let claim = Claim { id: ClaimId::from_uuid(self.claim_id), version: self.version, ..claim };
        Ok(Kept { claim, next_due_at: self.next_due_at.map(jiff_sqlx::Timestamp::to_jiff) })
    }
}
