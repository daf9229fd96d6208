//! What happens to a duty, each in one transaction.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{DutyId, Id as _},
    occurred_at, refused, regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events, timers};
use callout_kit::{Caller, Error, Violations};
use callout_regulation::{Actor, Refusal, Regulation, Text, calendar::is_late, pack::Routine};
use jiff::{Timestamp, civil::Date};

use super::{Done, Duty, State, Step, opening, store};
use crate::{
    Evaluation,
    rate::{self, Tally},
};

/// Characters that an outcome may have.
const LONGEST_OUTCOME: usize = 20_000;

/// A duty was done; one that goes by interval is followed by the next one.
///
/// # Errors
/// [`Error::WrongState`] for one that was done before, [`Error::Refused`] by the routine's rule from a role that does not
/// owe it.
pub async fn complete(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CompleteDutyRequest,
) -> Result<pb::Duty, Error> {
    let mut violations = Violations::default();
    violations.at_most("outcome", &request.outcome, LONGEST_OUTCOME);
    violations.finish()?;
    let mut duty = store::lock(tx, DutyId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, duty.version, &request.name)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(duty.counted_from))?;
    let fields: BTreeMap<String, String> = request.fields.into_iter().collect();
    let done = Done { at, by: caller.subject.clone(), outcome: request.outcome, fields: fields.clone() };
    duty.state = duty.state.clone().apply(Step::Complete(done), &request.name, duty.due_at)?;
    let regulation = regulation_named(&evaluation.host.library, &duty.explanation.revision)?;
    require_owner(&regulation, &duty, caller, &request.name)?;
    if duty.lapses && is_late(duty.due_at, at) {
        return Err(counts_for_the_next(&regulation, &duty, &request.name));
    }
    regulation.admit_outcome(&duty.routine, &fields).map_err(|refusals| refused(&request.name, refusals))?;
    require_rates(tx, &regulation, &duty, &request.name).await?;

    store::save(tx, &mut duty).await?;
    let key = duty.timer_key(tx.organization_id());
    timers::cancel(tx, &key);
    let answer = tell(tx, &duty, at);
    tx.audit_as(answer.name.clone(), at);
    opening::open_next(evaluation, tx, &duty, at).await?;
    Ok(answer)
}

/// What a duty of a period asks for was done with something else, `outcome`, by somebody whom the regulation lets do that:
/// the duty is done too, unless it was done before or there is none.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn done_with(
    tx: &mut TenantTx,
    caller: &Caller,
    (routine, subject, first_on): (&str, &str, Date),
    outcome: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(mut duty) = store::lock_of_period(tx, routine, subject, first_on).await? else { return Ok(()) };
    match duty.state {
        State::Open | State::Missed { .. } => {}
        State::Done(_) => return Ok(()),
    }
    let done = Done { at, by: caller.subject.clone(), outcome: outcome.to_owned(), fields: BTreeMap::new() };
    let name = duty.id.name(tx.organization_id());
    duty.state = duty.state.clone().apply(Step::Complete(done), &name, duty.due_at)?;
    store::save(tx, &mut duty).await?;
    let key = duty.timer_key(tx.organization_id());
    timers::cancel(tx, &key);
    tell(tx, &duty, at);
    Ok(())
}

/// The time of a duty has run out: tells of it, unless it was done. One that lapses is missed from then on.
///
/// # Errors
/// [`Error::NotFound`] when there is no such duty.
pub async fn overdue(tx: &mut TenantTx, id: DutyId, at: Timestamp) -> Result<(), Error> {
    let mut duty = store::lock(tx, id).await?;
    match duty.state {
        State::Open => {
            if duty.lapses {
                let name = duty.id.name(tx.organization_id());
                duty.state = State::Open.apply(Step::Lapse(at), &name, duty.due_at)?;
                store::save(tx, &mut duty).await?;
            }
            tell(tx, &duty, at);
            Ok(())
        }
        State::Done(_) | State::Missed { .. } => Ok(()),
    }
}

fn tell(tx: &mut TenantTx, duty: &Duty, at: Timestamp) -> pb::Duty {
    let answer = duty.to_proto(tx);
    events::append(tx, &answer.name, &pb::DutyProgressed { duty: Some(answer.clone()) }, at);
    answer
}

/// Refuses a duty to somebody in none of the roles that see to its routine.
fn require_owner(regulation: &Regulation, duty: &Duty, caller: &Caller, name: &str) -> Result<(), Error> {
    let pack = regulation.pack();
    let Some(routine) = pack.routines.get(&duty.routine) else { return Ok(()) };
    if Actor::of(caller.roles.iter().cloned()).is_one_of(&routine.by) {
        return require_person(routine, duty, caller, name);
    }
    let roles = || routine.by.iter().filter_map(|role| pack.roles.get(role));
    let (en, zh): (Vec<&str>, Vec<&str>) = roles().map(|role| (role.en.as_str(), role.zh.as_str())).unzip();
    let message = Text {
        en: format!("only the {} may see to the {}", en.join(" or "), routine.en),
        zh: format!("{}只能由{}办理", routine.zh, zh.join("或")),
    };
    let lifted_by = routine.by.iter().map(|role| format!("role:{role}")).collect();
    let entry = format!("routines.{}", duty.routine);
    Err(refused(name, vec![Refusal { rule: routine.rule.clone(), entry, message, lifted_by }]))
}

/// Refuses a duty that is somebody's own to anybody else of his role.
fn require_person(routine: &Routine, duty: &Duty, caller: &Caller, name: &str) -> Result<(), Error> {
    if duty.person.is_empty() || duty.person == caller.subject {
        return Ok(());
    }
    let message = Text {
        en: format!("the {} is for {} to do, who is in charge of the customer", routine.en, duty.person),
        zh: format!("{}由负责该客户的 {} 办理", routine.zh, duty.person),
    };
    let (entry, lifted_by) = (format!("routines.{}", duty.routine), vec![format!("person:{}", duty.person)]);
    Err(refused(name, vec![Refusal { rule: routine.rule.clone(), entry, message, lifted_by }]))
}

/// Refuses a duty while a rate of its period that the routine asks for is below its target.
async fn require_rates(tx: &mut TenantTx, regulation: &Regulation, duty: &Duty, name: &str) -> Result<(), Error> {
    let rates = regulation.pack().routines.get(&duty.routine).map(|routine| routine.rates.as_slice());
    let mut refusals = Vec::new();
    for rate in rates.unwrap_or_default() {
        let Some(days) = duty.period else { continue };
        let Tally { counted, holding } = rate::store::tally(tx, rate, (days.first, days.last)).await?;
        refusals.extend(regulation.below_target(&duty.routine, rate, counted, holding));
    }
    if refusals.is_empty() { Ok(()) } else { Err(refused(name, refusals)) }
}

/// The refusal of what comes after the period of a duty that lapses.
fn counts_for_the_next(regulation: &Regulation, duty: &Duty, name: &str) -> Error {
    let routine = regulation.pack().routines.get(&duty.routine);
    let (rule, en, zh) = routine.map_or(("", "", ""), |it| (it.rule.as_str(), it.en.as_str(), it.zh.as_str()));
    let message = Text {
        en: format!("the {en} was due in its period; what is done now counts for the next one"),
        zh: format!("{zh}已逾期，本次计入下一期"),
    };
    let entry = format!("routines.{}", duty.routine);
    refused(name, vec![Refusal { rule: rule.to_owned(), entry, message, lifted_by: Vec::new() }])
}
