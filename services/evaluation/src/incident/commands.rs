//! What happens to an incident, each in one transaction.

use callout_casework::{
    ids::{Id as _, IncidentId},
    occurred_at, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events, timers};
use callout_kit::{Caller, Error, Violations};
use callout_regulation::Actor;
use jiff::Timestamp;

use super::{Incident, State, Step, store};
use crate::{
    Evaluation,
    agreement::{self, History},
};

/// The kind of timer that tells of an incident that was not rectified in time.
pub const NOT_RECTIFIED: &str = "incident_not_rectified";

/// Characters that a reason may have.
const LONGEST_REASON: usize = 2_000;

/// What was pointed out was rectified.
///
/// # Errors
/// [`Error::WrongState`] where nothing is to be rectified, [`Error::Refused`] from a role that may not enter its kind.
pub async fn rectify(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::RectifyIncidentRequest,
) -> Result<pb::Incident, Error> {
    let change = Change::begin(evaluation, tx, caller, &request.name, &request.etag).await?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.incident.occurred_at))?;
    change.commit(evaluation, tx, Step::Rectify { at }, ("rectified", at)).await
}

/// An incident is taken back.
///
/// # Errors
/// [`Error::WrongState`] for one that was taken back before, [`Error::Refused`] from a role that may not enter its kind.
pub async fn withdraw(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::WithdrawIncidentRequest,
) -> Result<pb::Incident, Error> {
    let mut violations = Violations::default();
    violations.at_most("reason", &request.reason, LONGEST_REASON);
    violations.finish()?;
    let change = Change::begin(evaluation, tx, caller, &request.name, &request.etag).await?;
    let step = Step::Withdraw { reason: request.reason, by: caller.subject.clone() };
    let now = tx.now();
    change.commit(evaluation, tx, step, ("withdrawn", now)).await
}

/// The time to rectify an incident has run out: it counts, unless it was rectified.
///
/// # Errors
/// [`Error::NotFound`] when there is no such incident.
pub async fn ran_out(evaluation: &Evaluation, tx: &mut TenantTx, id: IncidentId, at: Timestamp) -> Result<(), Error> {
    let incident = store::get(tx, id).await?;
    let mut agreement = agreement::store::lock(tx, incident.agreement).await?;
    let incident = store::lock(tx, id).await?;
    if incident.state.runs_out_at().is_none() {
        return Ok(());
    }
    tell(tx, &incident, "not_rectified", at);
    let mut history = History::of(tx, agreement.id).await?;
    agreement::notices::review(evaluation, tx, &mut agreement, &mut history, at).await
}

/// The limit that an incident followed from was not missed after all: it is taken back, unless it was before.
///
/// # Errors
/// [`Error::NotFound`] when there is no such incident.
pub async fn retract(evaluation: &Evaluation, tx: &mut TenantTx, id: IncidentId, at: Timestamp) -> Result<(), Error> {
    let of = store::get(tx, id).await?.agreement;
    let agreement = agreement::store::lock(tx, of).await?;
    let incident = store::lock(tx, id).await?;
    if matches!(incident.state, State::Withdrawn { .. }) {
        return Ok(());
    }
    let name = id.name(tx.organization_id());
    let step = Step::Withdraw { reason: "the limit was not missed after all".to_owned(), by: String::new() };
    Change { agreement, incident, name }.commit(evaluation, tx, step, ("withdrawn", at)).await.map(drop)
}

/// Sets the timer of an incident that is to be rectified, and drops that of any other.
pub fn set_timer(tx: &mut TenantTx, incident: &Incident) {
    let key = incident.timer_key(tx.organization_id());
    match incident.state.runs_out_at() {
        Some(run_at) => {
            let subject = incident.id.name(tx.organization_id());
            let timer = timers::Schedule { key: &key, kind: NOT_RECTIFIED, subject: &subject, run_at, payload: &[] };
            timers::schedule(tx, timer);
        }
        None => timers::cancel(tx, &key),
    }
}

/// Tells of an incident as it is.
pub fn tell(tx: &mut TenantTx, incident: &Incident, event: &str, at: Timestamp) -> pb::Incident {
    let answer = incident.to_proto(tx);
    let progressed = pb::IncidentProgressed { event: event.to_owned(), incident: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    answer
}

/// An incident that is being changed, and its agreement. The agreement is locked first: whatever changes what counts under
/// it comes one after the other.
struct Change {
    agreement: agreement::Agreement,
    incident: Incident,
    name: String,
}

impl Change {
    async fn begin(
        evaluation: &Evaluation,
        tx: &mut TenantTx,
        caller: &Caller,
        name: &str,
        etag: &str,
    ) -> Result<Self, Error> {
        let id = IncidentId::of(caller, "name", name)?;
        let of = store::get(tx, id).await?.agreement;
        let agreement = agreement::store::lock(tx, of).await?;
        let incident = store::lock(tx, id).await?;
        etag::check(etag, incident.version, name)?;
        let regulation = agreement.regulation(&evaluation.host.library)?;
        let actor = Actor::of(caller.roles.iter().cloned());
        regulation
            .admit_incident_by(&agreement.kind, &incident.kind, &actor)
            .map_err(|refusals| refused(name, refusals))?;
        Ok(Self { agreement, incident, name: name.to_owned() })
    }

    async fn commit(
        mut self,
        evaluation: &Evaluation,
        tx: &mut TenantTx,
        step: Step,
        (event, at): (&str, Timestamp),
    ) -> Result<pb::Incident, Error> {
        self.incident.state = self.incident.state.clone().apply(step, &self.name)?;
        store::save(tx, &mut self.incident).await?;
        set_timer(tx, &self.incident);
        let answer = tell(tx, &self.incident, event, at);
        tx.audit_as(answer.name.clone(), at);
        let mut history = History::of(tx, self.agreement.id).await?;
        agreement::notices::review(evaluation, tx, &mut self.agreement, &mut history, at).await?;
        Ok(answer)
    }
}
