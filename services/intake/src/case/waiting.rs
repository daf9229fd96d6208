//! In which order cases are dispatched, where the regulation keeps one.

use callout_casework::{Settings, ids::Id as _, refused};
use callout_journal::TenantTx;
use callout_kit::Error;
use callout_regulation::Waiting;
use jiff::Timestamp;

use super::{Case, Kind, store};
use crate::Intake;

/// Refuses to dispatch a case while others wait that go first.
///
/// # Errors
/// [`Error::Refused`] with each of them.
pub async fn require_turn(intake: &Intake, tx: &mut TenantTx, case: &Case, at: Timestamp) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let subject = case.subject(&intake.host.library, &organization)?;
    if subject.regulation.pack().priorities.dispatch.is_none() {
        return Ok(());
    }
    let waiting = |case: &Case| Waiting {
        name: case.id.name(&organization),
        received_at: case.received_at,
        facts: case.standing.facts.clone(),
    };
    let waits = |other: &&Case| other.id != case.id && other.regulation == case.regulation && may_need_work(other.kind);
    let others = store::waiting(tx).await?;
    let others: Vec<Waiting> = others.iter().filter(waits).map(waiting).collect();
    let holidays = Settings::of(tx)?.holidays()?;
    subject
        .regulation
        .dispatch_in_order(&waiting(case), &others, &holidays, at)
        .map_err(|refusals| refused(&subject.name, refusals))
}

/// Whether somebody usually goes for it: questions and complaints are answered first, and keep nobody waiting.
const fn may_need_work(kind: Kind) -> bool {
    match kind {
        Kind::Repair | Kind::PartsPurchase => true,
        Kind::Enquiry | Kind::Complaint => false,
    }
}
