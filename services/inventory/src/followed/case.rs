//! Cases, as far as the queue for a part looks at them.

use callout_casework::{
    ids::{CaseId, Id as _},
    regulation_named,
};
use callout_contract::intake::v1::{self as intake, cases_client::CasesClient};
use callout_journal::{DatabaseResult as _, TenantTx};
use callout_kit::{Error, parse};
use callout_regulation::{Facts, Library, Queue, vocabulary::words};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tonic::Request;

use crate::{Inventory, document};

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseView {
    /// When it was received.
    pub received_at: Timestamp,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What is known of it.
    pub facts: Facts,
}

impl CaseView {
    /// The case as intake tells of it.
    ///
    /// # Errors
    /// [`Error::Internal`] for one without the time of its receipt.
    pub fn of(case: &intake::Case) -> Result<Self, Error> {
        let received_at = case.received_at.and_then(|at| parse::timestamp(at).ok());
        let received_at =
            received_at.ok_or_else(|| Error::Internal(anyhow::anyhow!("{} was never received", case.name)))?;
        let mut facts = Facts::default();
        facts.set(words::CASE_URGENT, case.urgent);
        if let Some(kind) = kind_word(case.kind()) {
            facts.set(words::CASE_KIND, kind);
        }
        if !case.work.is_empty() {
            facts.set(words::CASE_WORK, case.work.as_str());
        }
        if let Some(verdict) = &case.verdict {
            facts.set_verdict(verdict);
        }
        Ok(Self { received_at, regulation: case.regulation.clone(), facts })
    }

    /// Its place in the queue for a part: lower ranks first, then the earlier received.
    ///
    /// Behind all others while the regulation cannot tell, because a fact such as the class of the product is missing.
    ///
    /// # Errors
    /// [`Error::Internal`] when its regulation is not in the library any more.
    pub fn rank(&self, library: &Library, urgent: bool) -> Result<Vec<Decimal>, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let facts = self.facts.clone().with(words::RESERVATION_URGENT, urgent);
        Ok(regulation.rank(Queue::Parts, &facts).unwrap_or_else(|_| vec![Decimal::MAX]))
    }
}

const fn kind_word(kind: intake::case::Kind) -> Option<&'static str> {
    match kind {
        intake::case::Kind::Unspecified => None,
        intake::case::Kind::Repair => Some("repair"),
        intake::case::Kind::Enquiry => Some("enquiry"),
        intake::case::Kind::Complaint => Some("complaint"),
        intake::case::Kind::PartsPurchase => Some("parts_purchase"),
    }
}

/// The case, asked for at intake when nothing is known of it here.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Busy`] when intake cannot answer.
pub async fn get(inventory: &Inventory, tx: &mut TenantTx, id: CaseId) -> Result<CaseView, Error> {
    if let Some(known) = read(tx, id).await? {
        return Ok(known);
    }
    let name = id.name(tx.organization_id());
    let mut cases = CasesClient::new(inventory.peers.intake.clone());
    let case = cases.get_case(Request::new(intake::GetCaseRequest { name })).await?.into_inner();
    let view = CaseView::of(&case)?;
    let now = tx.now();
    put(tx, id, &view, now).await?;
    Ok(view)
}

/// Writes what was known at `as_of`, unless more is known already; says whether it did.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn put(tx: &mut TenantTx, id: CaseId, view: &CaseView, as_of: Timestamp) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into inventory.case_view (organization, case_id, as_of, document) values ($1, $2, $3, $4)
             on conflict (organization, case_id) do update set as_of = excluded.as_of, document = excluded.document
          where case_view.as_of <= excluded.as_of",
        organization,
        id.uuid(),
        as_of.to_sqlx() as _,
        document::encode(view)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

async fn read(tx: &mut TenantTx, id: CaseId) -> Result<Option<CaseView>, Error> {
    let organization = tx.organization_id().to_owned();
    let known = sqlx::query_scalar!(
        "select document from inventory.case_view where organization = $1 and case_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    known.map(|known| document::decode("case_view", id.uuid(), known)).transpose()
}
