//! What happens to a work order, each in one transaction.

use std::collections::BTreeMap;

use callout_casework::{
    Standing, day_of,
    ids::{self, EngineerId, Id as _, WorkOrderId},
    limits, money, occurred_at,
};
use callout_contract::{dispatch::v1 as pb, intake::v1 as intake};
use callout_journal::{TenantTx, events, numbers};
use callout_kit::{Caller, Error, Refusal, Text, Violations, clock, parse};
use callout_regulation::{
    RecordEntry, Regulation, SolutionOption,
    pack::Sort,
    vocabulary::{Event, Transition},
};
use jiff::Timestamp;

use super::{
    AHEAD, QuoteStanding, State, Step, Visit, WorkOrder,
    change::{Change, keep},
    decode::{self, Opening},
    store, visit, wrong_state,
};
use crate::{Dispatch, engineer, quote};

/// Characters that a free text may have at most.
const LONGEST_NOTE: usize = 2000;

/// Opens the order of a case.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?.to_owned();
    let (stated, request_id) = (request.occurred_at, request.request_id.clone());
    let opening = Opening::decode(&dispatch.host.library, caller, request)?;
    let opened_at = occurred_at("occurred_at", stated, tx.now(), Some(opening.received_at))?;
    choose(&opening, &opening.case.name(&organization))?;
    let Opening { case, mode, distance_km, verdict, facts, milestones, records, received_at, regulation, .. } = opening;
    let mut order = WorkOrder {
        id: WorkOrderId::new(tx.now()),
        version: 1,
        next_due_at: None,
        visits: Vec::new(),
        number: String::new(),
        case,
        mode,
        distance_km,
        agency: None,
        state: State::Open { at: opened_at },
        verdict,
        quote: QuoteStanding::None,
        fee: None,
        taken_away: false,
        received_at,
        regulation: regulation.revision().to_owned(),
        material: BTreeMap::new(),
        standing: Standing { facts, milestones, inherited: records, ..Standing::default() },
        created_at: tx.now(),
    };
    order.standing.happened(Event::Dispatched, opened_at);
    order.renew_facts();
    let mut subject = order.subject(&dispatch.host.library, &organization)?;
    order.next_due_at = Some(limits::follow(tx, &mut subject)?);
    order.standing = subject.standing;
    order.number = number(tx, &regulation).await?;
    store::insert(tx, &order, &regulation).await?;
    let answer = order.to_proto(&dispatch.host.library, tx)?;
    tx.audit_as(answer.name.clone(), opened_at);
    let created = pb::WorkOrderCreated { work_order: Some(answer.clone()), request_id };
    events::append(tx, &answer.name, &created, opened_at);
    Ok(answer)
}

/// Plans a visit: from then on its engineer is nowhere else in that time.
pub async fn schedule_visit(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ScheduleVisitRequest,
) -> Result<pb::WorkOrder, Error> {
    let asked = request.visit.unwrap_or_default();
    let engineer = EngineerId::of(caller, "visit.engineer", &asked.engineer)?;
    let (start_at, end_at) = span(&asked)?;
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.require(change.order.state.is_ahead(), "schedule a visit of", AHEAD)?;
    let engineer = engineer::store::get(tx, engineer).await?;
    let visit = Visit {
        id: clock::new_id(tx.now()),
        engineer: engineer.id,
        engineer_subject: engineer.subject,
        agency: engineer.agency,
        start_at,
        end_at,
        cancelled: false,
    };
    change.roles.insert(engineer.id, engineer.roles);
    change.order.agency = visit.agency;
    change.order.visits.push(visit.clone());
    change.gate(dispatch, tx, Transition::Schedule, caller)?;
    store::insert_visit(tx, change.order.id, &visit).await?;
    change.commit(dispatch, tx, "visit_scheduled").await
}

/// Takes a planned visit off again; of an order under way the last one stays.
pub async fn cancel_visit(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CancelVisitRequest,
) -> Result<pb::WorkOrder, Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", &request.name, visit::COLLECTION)?;
    let order = order.name(tx.organization_id());
    let mut change = Change::begin(tx, caller, "name", &order, "").await?;
    change.require(change.order.state.is_ahead(), "cancel a visit of", AHEAD)?;
    let standing = change.order.visits.iter().filter(|visit| !visit.cancelled).count();
    let under_way = !matches!(change.order.state, State::Open { .. });
    let found = change.order.visits.iter_mut().find(|visit| visit.id == id);
    let visit = found.ok_or_else(|| Error::NotFound { name: request.name.clone() })?;
    if visit.cancelled {
        return Err(Error::WrongState {
            name: request.name,
            state: "CANCELLED".to_owned(),
            attempted: "cancel".to_owned(),
            allowed: Vec::new(),
        });
    }
    if under_way && standing == 1 {
        return Err(wrong_state(&change.order.state, "cancel the only visit of", &["OPEN"], &order));
    }
    visit.cancelled = true;
    store::cancel_visit(tx, id).await?;
    if let Some(remaining) = change.order.visits.iter().rfind(|visit| !visit.cancelled) {
        change.order.agency = remaining.agency;
    }
    change.commit(dispatch, tx, "visit_cancelled").await
}

/// The engineer departed.
pub async fn depart(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::DepartWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    let before = change.order.state.clone();
    change.step(tx, Step::Depart, request.occurred_at)?;
    if change.order.engineer().is_none() {
        return Err(wrong_state(&before, "depart without a visit of", &["OPEN with a visit planned"], &change.name));
    }
    change.gate(dispatch, tx, Transition::Depart, caller)?;
    change.commit(dispatch, tx, Event::Departed.word()).await
}

/// Somebody arrived at the site.
pub async fn arrive(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ArriveWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Arrive, request.occurred_at)?;
    change.gate(dispatch, tx, Transition::Arrive, caller)?;
    change.commit(dispatch, tx, Event::Arrived.word()).await
}

/// The work begins on site.
pub async fn start(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::StartWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Start, request.occurred_at)?;
    change.gate(dispatch, tx, Transition::Start, caller)?;
    change.commit(dispatch, tx, Event::Started.word()).await
}

/// The work is done.
pub async fn complete(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CompleteWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let work_done = note("work_done", request.work_done)?;
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Complete(work_done), request.occurred_at)?;
    change.gate(dispatch, tx, Transition::Complete, caller)?;
    change.commit(dispatch, tx, Event::Completed.word()).await
}

/// The engineer is back: as the regulation allows it, or in breach of the rules that do not.
pub async fn come_back(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReturnWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Return, request.occurred_at)?;
    let rules: Vec<String> = match change.gate(dispatch, tx, Transition::Return, caller) {
        Ok(()) => Vec::new(),
        Err(Error::Refused(refusals)) if request.in_breach => refusals.into_iter().map(|it| it.rule).collect(),
        Err(refused) => return Err(refused),
    };
    let person = change.order.engineer().unwrap_or(&caller.subject).to_owned();
    let (name, at) = (change.name.clone(), change.at);
    let answer = change.commit(dispatch, tx, Event::Returned.word()).await?;
    if !rules.is_empty() {
        let breach = pb::WorkOrderBreached { work_order: Some(answer.clone()), rules, person };
        events::append(tx, &name, &breach, at);
    }
    Ok(answer)
}

/// The papers of the trip are handed in, complete.
pub async fn hand_in(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::HandInWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let expenses = decode::expenses(&request.expenses, tx.now())?;
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    let claimed = expenses.iter().map(decode::expense_to_proto).collect();
    change.step(tx, Step::HandIn(expenses), request.occurred_at)?;
    change.gate(dispatch, tx, Transition::HandIn, caller)?;
    let engineer = change.order.engineer().unwrap_or(&caller.subject).to_owned();
    let (name, at) = (change.name.clone(), change.at);
    let answer = change.commit(dispatch, tx, Event::HandedIn.word()).await?;
    let handed_in = pb::WorkOrderHandedIn { work_order: Some(answer.clone()), engineer, expenses: claimed };
    events::append(tx, &name, &handed_in, at);
    Ok(answer)
}

/// Nothing is outstanding any more.
pub async fn close(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CloseWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Close, request.occurred_at)?;
    change.gate(dispatch, tx, Transition::Close, caller)?;
    change.commit(dispatch, tx, "closed").await
}

/// The order ends without work, and its engineers are free again.
pub async fn cancel(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CancelWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let reason = note("reason", request.reason)?;
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Cancel(reason), request.occurred_at)?;
    for visit in change.order.visits.iter_mut().filter(|visit| !visit.cancelled) {
        visit.cancelled = true;
        store::cancel_visit(tx, visit.id).await?;
    }
    change.commit(dispatch, tx, "cancelled").await
}

/// Something is put on record.
pub async fn record(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateWorkOrderRecordRequest,
) -> Result<pb::WorkOrder, Error> {
    let mut change = Change::begin(tx, caller, "parent", &request.parent, "").await?;
    change.require_open("put something on record with")?;
    let record = request.record.unwrap_or_default();
    // A step that is taken by the record is taken when it was made; what is wrong with that time is said below.
    let stated = record.occurred_at.and_then(|at| parse::timestamp(at).ok());
    change.at = stated.unwrap_or(change.at);
    let mut subject = change.subject(dispatch, tx)?;
    let opened_at = change.order.opened_at();
    // A circumstance may be older than the order, such as a call before it that nobody answered.
    let kind = subject.regulation.pack().records.get(&record.kind);
    let is_circumstance = kind.is_some_and(|kind| kind.is == Sort::Circumstance);
    let record = subject.put_on_record(tx, caller, record, (!is_circumstance).then_some(opened_at))?;
    let RecordEntry { kind, occurred_at, .. } = record.entry.clone();
    change.at = occurred_at.max(opened_at);
    change.order.standing = subject.standing;
    if subject.regulation.step_of(&kind) == Some(Transition::AgreeReturn) {
        change.happened(Event::ReturnAgreed);
    }
    change.commit(dispatch, tx, &format!("record:{kind}")).await
}

/// Intake found something out about the case: its work order is judged anew.
///
/// A snapshot of the case from before it was dispatched names no order, and is older than what the order was opened with:
/// it changes nothing, however late it is read.
pub async fn learn(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    case: &intake::Case,
    event: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let Ok((_, id)) = WorkOrderId::parse(&case.work_order) else { return Ok(()) };
    let mut order = store::lock(tx, id).await?;
    if order.state.is_final() {
        return Ok(());
    }
    let tariff = order.verdict.tariff.clone();
    order.learn(case)?;
    if order.verdict.tariff != tariff {
        quote::void_open(tx, &mut order, at).await?;
    }
    let name = order.id.name(tx.organization_id());
    Change { order, name, at, certificates: Vec::new(), roles: BTreeMap::new() }
        .commit(dispatch, tx, event)
        .await
        .map(drop)
}

/// A limit is near its end or ran out: tells of it.
pub async fn follow_limits(dispatch: &Dispatch, tx: &mut TenantTx, id: WorkOrderId) -> Result<(), Error> {
    let order = store::lock(tx, id).await?;
    keep(dispatch, tx, order).await.map(drop)
}

/// Refuses the chosen way when another one solves the trouble fully and costs less in all.
fn choose(opening: &Opening, case: &str) -> Result<(), Error> {
    let Some(chosen) = opening.chosen.and_then(|chosen| opening.options.get(chosen)) else { return Ok(()) };
    let Some(best) = opening.regulation.choose_solution(&opening.options) else { return Ok(()) };
    let total = |option: &SolutionOption| option.company_cost + option.customer_cost;
    let Some(cheapest) = opening.options.get(best.index).filter(|cheapest| total(cheapest) < total(chosen)) else {
        return Ok(());
    };
    let (least, asked) = (money::written(total(cheapest)), money::written(total(chosen)));
    Err(Error::Refused(vec![Refusal {
        rule: best.explanation.rule,
        subject: case.to_owned(),
        message: Text::new(
            format!("{} solves it fully for {least} in all; {} costs {asked}", cheapest.mode, chosen.mode),
            format!("{} 可完全解决问题，总费用 {least}；{} 的总费用为 {asked}", cheapest.mode, chosen.mode),
        ),
        lifted_by: vec![format!("solution:{}", cheapest.mode)],
    }]))
}

/// When a visit takes its engineer up.
fn span(visit: &pb::Visit) -> Result<(Timestamp, Timestamp), Error> {
    let mut violations = Violations::default();
    let mut instant = |field: &str, stated: Option<prost_types::Timestamp>| {
        let stated = violations.require(field, stated)?;
        violations.take(field, parse::timestamp(stated))
    };
    let (start_at, end_at) = (instant("visit.start_at", visit.start_at), instant("visit.end_at", visit.end_at));
    match (start_at, end_at) {
        (Some(start_at), Some(end_at)) if start_at < end_at => Ok((start_at, end_at)),
        (Some(_), Some(_)) => {
            Err(Error::invalid("visit.end_at", Text::new("must be after start_at", "必须晚于 start_at")))
        }
        (Some(_) | None, None) | (None, Some(_)) => Err(violations.into_error()),
    }
}

fn note(field: &str, text: String) -> Result<String, Error> {
    if text.chars().count() <= LONGEST_NOTE {
        return Ok(text);
    }
    let fault = Text::new("must have 2,000 characters at most", "最多 2000 个字符");
    Err(Error::invalid(field, fault))
}

/// The next document number, such as `W2026-03-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation) -> Result<String, Error> {
    let today = day_of(tx.now(), regulation.zone());
    let serial = numbers::draw(tx, "W", today).await?;
    Ok(format!("W{}-{:02}-{serial:04}", today.year(), today.month()))
}
