//! What happens to an agreement, each in one transaction.

use callout_casework::{
    day_of,
    ids::{AgreementId, Id as _},
    occurred_at, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text};
use callout_regulation::Actor;
use jiff::Timestamp;

use super::{Agreement, End, History, Step, store};
use crate::{Evaluation, settlement};

/// Ends an agreement before its term, on a ground that holds.
///
/// # Errors
/// [`Error::Refused`] from a role that may not, and by the ground's rule while it does not hold; [`Error::WrongState`] for
/// one that was ended before.
pub async fn terminate(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::TerminateAgreementRequest,
) -> Result<pb::Agreement, Error> {
    let mut agreement = store::lock(tx, AgreementId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, agreement.version, &request.name)?;
    let regulation = agreement.regulation(&evaluation.host.library)?;
    let starts_at = settlement::begin_of(&regulation, agreement.starts_on)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(starts_at))?;
    let step = Step::Terminate(End { at, ground: request.ground.clone(), by: caller.subject.clone() });
    // Whether it may be ended at all comes before why.
    agreement.state.clone().apply(step.clone(), &request.name)?;

    let mut history = History::of(tx, agreement.id).await?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let terms = agreement.terms(&regulation)?;
    let scores = history.scores(&agreement, &regulation)?;
    let holding = regulation.terminations(&agreement.kind, terms, &scores, &history.counted(tx.now()));
    regulation
        .admit_termination(&agreement.kind, &request.ground, &actor, &holding)
        .map_err(|refusals| refused(&request.name, refusals))?;
    let answer = end(evaluation, tx, &mut agreement, &mut history, step).await?;
    tx.audit_as(answer.name.clone(), at);
    Ok(answer)
}

/// Ends an agreement: it covers its machines no longer, and settlements of periods that begin later are void.
///
/// # Errors
/// [`Error::WrongState`] for one that was ended before.
pub async fn end(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    agreement: &mut Agreement,
    history: &mut History,
    step: Step,
) -> Result<pb::Agreement, Error> {
    let Step::Terminate(End { at, .. }) = &step;
    let at = *at;
    let regulation = agreement.regulation(&evaluation.host.library)?;
    let name = agreement.id.name(tx.organization_id());
    agreement.state = agreement.state.clone().apply(step, &name)?;
    let last = day_of(at, regulation.zone()).clamp(agreement.starts_on, agreement.ends_on);
    agreement.ends_on = last;
    settlement::commands::void_after(evaluation, tx, agreement, history, last, at).await?;
    save(evaluation, tx, agreement, history, "terminated", at).await
}

/// Writes an agreement and tells of it.
///
/// # Errors
/// [`Error::Stale`] when it is not the version that was locked.
pub async fn save(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    agreement: &mut Agreement,
    history: &History,
    event: &str,
    at: Timestamp,
) -> Result<pb::Agreement, Error> {
    store::save(tx, agreement).await?;
    tell(evaluation, tx, agreement, history, event, at)
}

/// Tells of an agreement as it is.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub fn tell(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    agreement: &Agreement,
    history: &History,
    event: &str,
    at: Timestamp,
) -> Result<pb::Agreement, Error> {
    let answer = agreement.to_proto(&evaluation.host.library, tx, history)?;
    let progressed = pb::AgreementProgressed { event: event.to_owned(), agreement: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    Ok(answer)
}

/// An instant that does not lie within the agreement.
#[must_use]
pub fn outside(field: &str, agreement: &Agreement) -> Error {
    let (first, last) = (agreement.starts_on, agreement.ends_on);
    let fault = Text::new(
        format!("must lie within the agreement, {first} to {last}"),
        format!("须在合同期 {first} 至 {last} 内"),
    );
    Error::invalid(field, fault)
}
