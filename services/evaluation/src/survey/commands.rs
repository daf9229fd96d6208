//! What happens to cards and registers, each in one transaction.

use std::collections::BTreeMap;

use callout_casework::{
    day_of,
    ids::{self, CaseId, Id as _, SurveyCardId},
    occurred_at, regulation_named,
};
use callout_contract::{evaluation::v1 as pb, intake::v1 as intake};
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, Regulation};
use jiff::civil::Date;

use super::{Answer, State, SurveyCard, day, store};
use crate::{Evaluation, decode, in_force};

/// Characters that what a customer wishes may have.
const LONGEST_TEXT: usize = 2_000;

/// Intake took a call in: where the regulation asks about each, it is one of the calls of its day.
///
/// # Errors
/// [`Error::Internal`] for a case that intake does not send, and when the statement fails.
pub async fn received(evaluation: &Evaluation, tx: &mut TenantTx, case: &intake::Case) -> Result<(), Error> {
    let wrong = |fault: Text| Error::Internal(anyhow::anyhow!("{}: {}", case.name, fault.en));
    let (_, id) = CaseId::parse(&case.name).map_err(wrong)?;
    let regulation = regulation_named(&evaluation.host.library, &case.regulation)?;
    if regulation.pack().surveys.is_empty() {
        return Ok(());
    }
    let received_at = parse::timestamp(case.received_at.unwrap_or_default()).map_err(wrong)?;
    store::put_call(tx, id, day_of(received_at, regulation.zone())).await
}

/// The register of the calls of a day was sent.
///
/// # Errors
/// [`Error::Refused`] from a role that does not send it, [`Error::AlreadyExists`] when it was sent, [`Error::Invalid`]
/// before the day is over.
pub async fn send_register(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SendCallRegisterRequest,
) -> Result<pb::SurveyDay, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let day = date(&request.day)?;
    let regulation = in_force::on(evaluation, tx, "day", day)?;
    regulation
        .send_register(&request.survey, &Actor::of(caller.roles.iter().cloned()))
        .map_err(in_force::refusing(&request.parent))?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    if day_of(at, regulation.zone()) <= day {
        return Err(Error::invalid("day", Text::new("must be over", "当日尚未结束")));
    }
    store::insert_register(tx, &request.survey, day, at, &caller.subject).await?;
    let answer = day::check(tx, &regulation, &request.survey, day).await?;
    events::append(tx, &request.parent, &pb::CallRegisterSent { survey_day: Some(answer.clone()) }, at);
    tx.audit_as(request.parent, at);
    Ok(answer)
}

/// The card of a call was sent.
///
/// # Errors
/// [`Error::Refused`] from a role that does not send cards, [`Error::NotFound`] for a call of which intake did not tell,
/// [`Error::AlreadyExists`] when it has its card.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateSurveyCardRequest,
) -> Result<pb::SurveyCard, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.survey_card.unwrap_or_default();
    let case = CaseId::of(caller, "survey_card.case", &asked.case)?;
    let day = store::day_of_call(tx, case).await?;
    let day = day.ok_or_else(|| Error::NotFound { name: asked.case.clone() })?;
    let regulation = in_force::on(evaluation, tx, "survey_card.case", day)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    regulation.send_card(&asked.survey, &actor).map_err(in_force::refusing(&request.parent))?;
    let card = SurveyCard {
        id: SurveyCardId::new(tx.now()),
        version: 1,
        survey: asked.survey,
        case,
        day,
        state: State::Sent,
        created_at: tx.now(),
    };
    store::insert(tx, &card).await?;
    Ok(tell(tx, &card))
}

/// A card came back.
///
/// # Errors
/// [`Error::Refused`] from a role that does not enter it and for what cannot be ticked, [`Error::WrongState`] when it came
/// back before.
pub async fn answer(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AnswerSurveyCardRequest,
) -> Result<pb::SurveyCard, Error> {
    let mut violations = Violations::default();
    violations.at_most("person", &request.person, decode::LONGEST_PERSON);
    violations.at_most("suggestions", &request.suggestions, LONGEST_TEXT);
    violations.at_most("grievances", &request.grievances, LONGEST_TEXT);
    let mut degrees = BTreeMap::new();
    for (criterion, degree) in &request.degrees {
        let degree = u32::try_from(*degree).map_err(|_| Text::new("must not be negative", "不能为负数"));
        if let Some(degree) = violations.take(format!("degrees[{criterion}]"), degree) {
            degrees.insert(criterion.clone(), degree);
        }
    }
    violations.finish()?;
    let mut card = store::lock(tx, SurveyCardId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, card.version, &request.name)?;
    let regulation = in_force::on(evaluation, tx, "name", card.day)?;
    let refuse = in_force::refusing(&request.name);
    admit(&regulation, &card.survey, caller, &degrees).map_err(refuse)?;
    let answer =
        Answer { person: request.person, degrees, suggestions: request.suggestions, grievances: request.grievances };
    card.state = card.state.answer(answer, &request.name)?;
    store::save(tx, &mut card).await?;
    Ok(tell(tx, &card))
}

fn admit(
    regulation: &Regulation,
    survey: &str,
    caller: &Caller,
    degrees: &BTreeMap<String, u32>,
) -> Result<(), Vec<callout_regulation::Refusal>> {
    regulation.send_card(survey, &Actor::of(caller.roles.iter().cloned()))?;
    regulation.read_card(survey, degrees)
}

fn tell(tx: &mut TenantTx, card: &SurveyCard) -> pb::SurveyCard {
    let (answer, now) = (card.to_proto(tx.organization_id()), tx.now());
    events::append(tx, &answer.name, &pb::SurveyCardChanged { survey_card: Some(answer.clone()) }, now);
    tx.audit_as(answer.name.clone(), now);
    answer
}

/// The day of a request.
///
/// # Errors
/// [`Error::Invalid`] about `day`.
pub fn date(day: &str) -> Result<Date, Error> {
    parse::date(day).map_err(|fault| Error::invalid("day", fault))
}
