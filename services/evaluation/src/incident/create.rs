//! An incident is entered: by somebody, or because a limit was missed.

use callout_casework::{
    Settings, day_of,
    ids::{self, AgreementId, Id as _, IncidentId, ProductId},
    occurred_at, refused,
};
use callout_contract::{
    evaluation::v1 as pb,
    events::v1::{LimitMissRetracted, LimitMissed},
};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Actor, Regulation,
    pack::{IncidentDetail, IncidentKind},
    vocabulary::Trigger,
};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{Incident, Miss, State, commands, store};
use crate::{
    Evaluation,
    agreement::{self, Agreement, History},
    concern::Concern,
    decode, settlement,
};

/// Characters that a cause may have.
const LONGEST_CAUSE: usize = 200;

/// Characters that a note may have.
const LONGEST_NOTE: usize = 2_000;

/// Enters an incident under an agreement.
///
/// # Errors
/// [`Error::Refused`] with every rule that is not met; [`Error::Invalid`] for a time outside of the agreement, a machine
/// that it does not cover, and a day to rectify it by where nothing is rectified; what the service that owns the subject
/// refuses with.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateIncidentRequest,
) -> Result<pb::Incident, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.incident.unwrap_or_default();
    let said = Said::decode(caller, &asked)?;
    let mut agreement =
        agreement::store::lock(tx, AgreementId::of(caller, "incident.agreement", &asked.agreement)?).await?;
    let regulation = agreement.regulation(&evaluation.host.library)?;
    if !asked.subject.is_empty() {
        // Only to see that there is such a case or order, and that the caller may see it.
        Concern::of(evaluation, caller, "incident.subject", &asked.subject).await?;
    }
    if let Some(product) = said.product {
        agreement::create::require_products(evaluation, tx, &[product]).await?;
    }
    let kind = regulation
        .admit_incident(&agreement.kind, &asked.kind, &Actor::of(caller.roles.iter().cloned()), &said.details(&asked))
        .map_err(|refusals| refused(&request.parent, refusals))?;
    if said.product.is_some_and(|product| !agreement.covers(product)) {
        let fault = Text::new("must be a machine of the agreement", "必须是合同范围内的设备");
        return Err(Error::invalid("incident.product", fault));
    }
    let begin = settlement::begin_of(&regulation, agreement.starts_on)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(begin))?;
    if !agreement.contains(day_of(at, regulation.zone())) {
        return Err(agreement::commands::outside("occurred_at", &agreement));
    }
    let incident = Incident {
        id: IncidentId::new(tx.now()),
        version: 1,
        agreement: agreement.id,
        kind: asked.kind.clone(),
        rule: kind.rule.clone(),
        product: said.product,
        cause: asked.cause.trim().to_owned(),
        cost: said.cost,
        subject: asked.subject,
        note: asked.note,
        rectify_by: said.rectify_by,
        state: state(tx, &regulation, kind, said.rectify_by, at)?,
        miss: None,
        entered_by: caller.subject.clone(),
        occurred_at: at,
        created_at: tx.now(),
    };
    store::insert(tx, &incident).await?;
    commands::set_timer(tx, &incident);
    let answer = commands::tell(tx, &incident, "entered", at);
    tx.audit_as(answer.name.clone(), at);
    let mut history = History::of(tx, agreement.id).await?;
    agreement::notices::review(evaluation, tx, &mut agreement, &mut history, at).await?;
    Ok(answer)
}

/// A limit was missed: an incident under each agreement that covers the machine and counts that, once.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn limit_missed(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    missed: &LimitMissed,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(limit) = &missed.limit else { return Ok(()) };
    let trigger = Trigger::Limit(limit.limit.clone());
    let miss = Miss { trigger: trigger.to_string(), subject: missed.subject.clone(), number: missed.retractions };
    let product = ProductId::parse(&missed.product).ok().map(|(_, product)| product);
    let Ok(regulation) = Settings::of(tx)?.regulation_at(&evaluation.host.library, at) else { return Ok(()) };
    for id in agreement::store::covering(tx, product, day_of(at, regulation.zone())).await? {
        let mut agreement = agreement::store::lock(tx, id).await?;
        let regulation = agreement.regulation(&evaluation.host.library)?;
        let kinds = agreement.terms(&regulation)?.incidents.iter().filter(|(_, kind)| kind.on.contains(&trigger));
        let mut entered = false;
        for (id, kind) in kinds {
            let incident = follows(tx, &agreement, (id, kind), product, &miss, at);
            if store::insert(tx, &incident).await? {
                commands::tell(tx, &incident, "entered", at);
                entered = true;
            }
        }
        if entered {
            let mut history = History::of(tx, agreement.id).await?;
            agreement::notices::review(evaluation, tx, &mut agreement, &mut history, at).await?;
        }
    }
    Ok(())
}

/// What follows from the miss of a limit.
fn follows(
    tx: &TenantTx,
    agreement: &Agreement,
    (id, kind): (&str, &IncidentKind),
    product: Option<ProductId>,
    miss: &Miss,
    at: Timestamp,
) -> Incident {
    Incident {
        id: IncidentId::new(tx.now()),
        version: 1,
        agreement: agreement.id,
        kind: id.to_owned(),
        rule: kind.rule.clone(),
        product,
        cause: String::new(),
        cost: Decimal::ZERO,
        subject: miss.subject.clone(),
        note: String::new(),
        rectify_by: None,
        state: State::Entered,
        miss: Some(miss.clone()),
        entered_by: String::new(),
        occurred_at: at,
        created_at: tx.now(),
    }
}

/// The miss of a limit is taken back: so is each incident that followed from it, unless somebody took it back before.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn limit_miss_retracted(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    retracted: &LimitMissRetracted,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(limit) = &retracted.limit else { return Ok(()) };
    let trigger = Trigger::Limit(limit.limit.clone()).to_string();
    let miss = Miss { trigger, subject: retracted.subject.clone(), number: retracted.retractions };
    for incident in store::of_miss(tx, &miss).await? {
        commands::retract(evaluation, tx, incident.id, at).await?;
    }
    Ok(())
}

/// What is said of an incident, as far as it has to be read.
struct Said {
    product: Option<ProductId>,
    cost: Decimal,
    rectify_by: Option<Date>,
}

impl Said {
    fn decode(caller: &Caller, asked: &pb::Incident) -> Result<Self, Error> {
        let mut violations = Violations::default();
        violations.at_most("incident.cause", &asked.cause, LONGEST_CAUSE);
        violations.at_most("incident.note", &asked.note, LONGEST_NOTE);
        let cost = decode::stated(&asked.cost).map(parse::amount).transpose();
        let cost = violations.take("incident.cost", cost).flatten();
        let rectify_by = decode::stated(&asked.rectify_by).map(parse::date).transpose();
        let rectify_by = violations.take("incident.rectify_by", rectify_by).flatten();
        violations.finish()?;
        let product = ProductId::optional(caller, "incident.product", &asked.product)?;
        Ok(Self { product, cost: cost.unwrap_or_default(), rectify_by })
    }

    fn details(&self, asked: &pb::Incident) -> Vec<IncidentDetail> {
        let said = [
            (IncidentDetail::Product, self.product.is_some()),
            (IncidentDetail::Cause, !asked.cause.trim().is_empty()),
            (IncidentDetail::Cost, !asked.cost.is_empty()),
            (IncidentDetail::Subject, !asked.subject.is_empty()),
            (IncidentDetail::Note, !asked.note.trim().is_empty()),
        ];
        said.into_iter().filter(|(_, is_said)| *is_said).map(|(detail, _)| detail).collect()
    }
}

/// How it begins: what can be rectified needs a day, and nothing else has one.
fn state(
    tx: &TenantTx,
    regulation: &Regulation,
    kind: &IncidentKind,
    rectify_by: Option<Date>,
    at: Timestamp,
) -> Result<State, Error> {
    let fault = |en: &str, zh: &str| Error::invalid("incident.rectify_by", Text::new(en, zh));
    match (kind.rectifiable, rectify_by) {
        (false, None) => Ok(State::Entered),
        (false, Some(_)) => Err(fault("must be empty: nothing is rectified", "必须为空：该事项无须整改")),
        (true, None) => Err(fault("is required: by when it is to be rectified", "必填：整改期限")),
        (true, Some(day)) if day < day_of(at, regulation.zone()) => {
            Err(fault("must not be before the day on which it was pointed out", "不能早于指出之日"))
        }
        (true, Some(day)) => {
            let calendar = regulation.calendar(&Settings::of(tx)?.holidays()?);
            let due_at = calendar.ends_at(day).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
            Ok(State::ToRectify { due_at })
        }
    }
}
