//! What happens to a volume, each in one transaction.

use callout_casework::{
    Settings,
    ids::{self, Id as _, VolumeId},
    occurred_at, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, Regulation, calendar::Holidays};
use jiff::Timestamp;

use super::{Act, State, Step, Volume, store};
use crate::{Evaluation, duty};

/// Characters that the contents may have.
const LONGEST_CONTENTS: usize = 20_000;

/// Binds the records of a period that is over, by the regulation in force.
///
/// # Errors
/// [`Error::Refused`] from a role that binds none, and for what the regulation does not bind; [`Error::Invalid`] for a
/// period that is not over; [`Error::AlreadyExists`] when the period is bound.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateVolumeRequest,
) -> Result<pb::Volume, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.volume.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("volume.contents", &asked.contents, LONGEST_CONTENTS);
    let day = violations.take("volume.day", parse::date(&asked.day));
    let Some(day) = day.filter(|_| violations.is_empty()) else { return Err(violations.into_error()) };
    let settings = Settings::of(tx)?;
    let regulation = settings.regulation_at(&evaluation.host.library, tx.now())?;
    let binding = regulation
        .admit_binding(&asked.kept, &Actor::of(caller.roles.iter().cloned()))
        .map_err(|refusals| refused(&request.parent, refusals))?;
    let period = binding.period.containing(day).map_err(uncounted)?;
    let over_at = regulation.calendar(&Holidays::default()).period_ends_at(period).map_err(uncounted)?;
    if over_at >= tx.now() {
        return Err(Error::invalid("volume.day", Text::new("must lie in a period that is over", "该期间尚未结束")));
    }
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(over_at))?;
    let keeping = regulation
        .keeping(&asked.kept, period, at, &settings.values()?, &settings.holidays()?)
        .map_err(|refusals| refused(&request.parent, refusals))?;
    let volume = Volume {
        id: VolumeId::new(tx.now()),
        version: 1,
        kept: asked.kept,
        day,
        period: period.to_string(),
        first_on: period.first_on(),
        last_on: period.last_on(),
        contents: asked.contents,
        state: State::Bound,
        bound: Act { by: caller.subject.clone(), at },
        keep_until: keeping.until,
        explanation: keeping.explanation.into(),
        created_at: tx.now(),
    };
    if !store::insert(tx, &volume).await? {
        let name = store::of_period(tx, &volume.kept, volume.first_on).await?.name(tx.organization_id());
        return Err(Error::AlreadyExists { name });
    }
    let answer = tell(tx, &volume, "bound", at);
    tx.audit_as(answer.name.clone(), at);
    if let Some(routine) = &binding.routine {
        let organization = format!("organizations/{}", tx.organization_id());
        let of = (routine.as_str(), organization.as_str(), volume.first_on);
        duty::commands::done_with(tx, caller, of, &answer.name, at).await?;
    }
    Ok(answer)
}

/// Whoever keeps volumes takes one over.
///
/// # Errors
/// [`Error::WrongState`] for one that was taken over or destroyed, [`Error::Refused`] from any other role.
pub async fn take_over(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::TakeOverVolumeRequest,
) -> Result<pb::Volume, Error> {
    let change = Change::begin(evaluation, tx, caller, (&request.name, &request.etag), request.occurred_at).await?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let admitted = change.regulation.admit_taking_over(&change.volume.kept, &actor);
    admitted.map_err(|refusals| refused(&request.name, refusals))?;
    let act = Act { by: caller.subject.clone(), at: change.at };
    change.commit(tx, Step::TakeOver(act), "taken_over").await
}

/// A volume is destroyed after its term.
///
/// # Errors
/// [`Error::WrongState`] for one that was destroyed before; [`Error::Refused`] from a role that does not keep volumes, while
/// its term is not over, and where it is kept for ever.
pub async fn destroy(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::DestroyVolumeRequest,
) -> Result<pb::Volume, Error> {
    let change = Change::begin(evaluation, tx, caller, (&request.name, &request.etag), request.occurred_at).await?;
    let actor = Actor::of(caller.roles.iter().cloned());
    change
        .regulation
        .admit_destruction(&change.volume.kept, &actor, change.volume.keep_until, change.at)
        .map_err(|refusals| refused(&request.name, refusals))?;
    let act = Act { by: caller.subject.clone(), at: change.at };
    change.commit(tx, Step::Destroy(act), "destroyed").await
}

/// A volume that is being changed, and the regulation that it was bound by.
struct Change {
    volume: Volume,
    regulation: std::sync::Arc<Regulation>,
    name: String,
    at: Timestamp,
}

impl Change {
    async fn begin(
        evaluation: &Evaluation,
        tx: &mut TenantTx,
        caller: &Caller,
        (name, etag): (&str, &str),
        stated: Option<prost_types::Timestamp>,
    ) -> Result<Self, Error> {
        let volume = store::lock(tx, VolumeId::of(caller, "name", name)?).await?;
        etag::check(etag, volume.version, name)?;
        let last = volume.state.taken_over().map_or(volume.bound.at, |act| act.at);
        let at = occurred_at("occurred_at", stated, tx.now(), Some(last))?;
        let regulation = callout_casework::regulation_named(&evaluation.host.library, &volume.explanation.revision)?;
        Ok(Self { volume, regulation, name: name.to_owned(), at })
    }

    async fn commit(mut self, tx: &mut TenantTx, step: Step, event: &str) -> Result<pb::Volume, Error> {
        self.volume.state = self.volume.state.clone().apply(step, &self.name)?;
        store::save(tx, &mut self.volume).await?;
        let answer = tell(tx, &self.volume, event, self.at);
        tx.audit_as(answer.name.clone(), self.at);
        Ok(answer)
    }
}

fn tell(tx: &mut TenantTx, volume: &Volume, event: &str, at: Timestamp) -> pb::Volume {
    let answer = volume.to_proto(tx);
    let progressed = pb::VolumeProgressed { event: event.to_owned(), volume: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    answer
}

/// A calendar that runs out after the year 9999.
fn uncounted(fault: callout_regulation::calendar::Error) -> Error {
    Error::Internal(anyhow::Error::new(fault))
}
