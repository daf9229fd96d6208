//! How a case and its work order find each other: the order is dispatch's, and either side may die between the two.

use callout_casework::ids::{CaseId, Id as _, WorkOrderId};
use callout_contract::{dispatch::v1 as dispatch, intake::v1 as pb};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, parse};
use callout_regulation::vocabulary::{Event, Transition, words};
use jiff::Timestamp;
use tonic::Request;
use uuid::Uuid;

use super::{
    Solution, State, Step,
    change::Change,
    store::{self, Kept},
    waiting,
};
use crate::Intake;

/// Dispatch opens a work order.
///
/// The call to dispatch is made inside the transaction, under a request id that follows from this one's: however often
/// this is tried, there is one order. Should this end between the two, the order's event makes up for it ([`work_begun`]),
/// and the request that comes again finds the order that it asked for, before that event or after it.
pub async fn dispatch(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::DispatchCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
    let request_id = parse::request_id(&request.request_id).map_err(|fault| Error::invalid("request_id", fault))?;
    let asked_by = Uuid::new_v5(&request_id, b"dispatch.CreateWorkOrder");
    let solution = match change.case.state.clone() {
        State::SolutionFixed { solution } => solution,
        State::Dispatched { asked_by: Some(earlier), .. } if earlier == asked_by => {
            let kept = store::get(tx, change.case.id).await?;
            return kept.case.to_proto(&intake.host.library, tx, kept.next_due_at);
        }
        _ => {
            let nobody = WorkOrderId::from_uuid(Uuid::nil());
            let refused = change.step(Step::Dispatch { work_order: nobody, asked_by: None });
            return refused.and(Err(Error::Internal(anyhow::anyhow!("dispatched from nowhere"))));
        }
    };
    let subject = change.case.subject(&intake.host.library, tx.organization_id())?;
    let verdict = subject.judged(tx)?.verdict();
    // For dispatch alone: kept here, what it says would be taken for known when the case is decided anew.
    let mut facts = subject.standing.facts.clone();
    facts.set_verdict(&verdict);
    let mut about_to_go = subject.clone();
    about_to_go.standing.facts.set(words::ORDER_MODE, solution.mode.word());
    if let Some(distance_km) = solution.distance_km {
        about_to_go.standing.facts.set(words::ORDER_DISTANCE_KM, distance_km);
    }
    about_to_go.gate(tx, Transition::Dispatch, change.at, caller)?;
    waiting::require_turn(intake, tx, &change.case, change.at).await?;
    let organization = tx.organization_id();
    let order = dispatch::CreateWorkOrderRequest {
        parent: format!("organizations/{organization}"),
        case: change.case.id.name(organization),
        mode: dispatch::WorkMode::from(solution.mode).into(),
        distance_km: solution.distance_km.map(callout_casework::money::plain).unwrap_or_default(),
        verdict: Some(verdict),
        facts: facts.written(),
        milestones: change.case.standing.to_milestones(),
        records: change.case.standing.to_records(),
        regulation: change.case.regulation.clone(),
        options: options(&solution),
        // As it was said: a time filled in here would make another request of one that comes again.
        occurred_at: request.occurred_at,
        request_id: asked_by.to_string(),
    };
    let mut orders = dispatch::work_orders_client::WorkOrdersClient::new(intake.peers.dispatch.clone());
    let order = orders.create_work_order(Request::new(order)).await?.into_inner();
    let (_, work_order) =
        WorkOrderId::parse(&order.name).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    change.step(Step::Dispatch { work_order, asked_by: Some(asked_by) })?;
    change.happened(Event::Dispatched);
    change.commit(intake, tx, Event::Dispatched.word()).await
}

/// Dispatch opened a work order. The case knows of it by the answer of dispatch, unless that was lost on the way.
pub async fn work_begun(
    intake: &Intake,
    tx: &mut TenantTx,
    id: CaseId,
    work_order: WorkOrderId,
    asked_by: Option<Uuid>,
    at: Timestamp,
) -> Result<(), Error> {
    let case = match store::lock(tx, id).await {
        Ok(Kept { case, .. }) => case,
        Err(Error::NotFound { .. }) => return Ok(()),
        Err(other) => return Err(other),
    };
    if !matches!(case.state, State::SolutionFixed { .. }) {
        return Ok(());
    }
    let name = case.id.name(tx.organization_id());
    let mut change = Change { open_before: true, case, name, at };
    change.step(Step::Dispatch { work_order, asked_by })?;
    change.happened(Event::Dispatched);
    change.commit(intake, tx, Event::Dispatched.word()).await.map(drop)
}

/// Dispatch closed the work order, or ended it without work.
pub async fn work_ended(
    intake: &Intake,
    tx: &mut TenantTx,
    order: WorkOrderId,
    closed: bool,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(id) = store::of_work_order(tx, order).await? else { return Ok(()) };
    let Kept { case, .. } = store::lock(tx, id).await?;
    let name = case.id.name(tx.organization_id());
    if !matches!(case.state, State::Dispatched { work_order, .. } if work_order == order) {
        return Ok(());
    }
    let mut change = Change { open_before: true, case, name, at };
    change.step(if closed { Step::Close } else { Step::Reopen })?;
    change.commit(intake, tx, if closed { "solved" } else { "reopened" }).await.map(drop)
}

fn options(solution: &Solution) -> Vec<dispatch::SolutionOption> {
    let option = |(index, option): (usize, &super::SolutionOption)| dispatch::SolutionOption {
        mode: dispatch::WorkMode::from(option.mode).into(),
        solves: option.solves,
        company_cost: callout_casework::money::written(option.company_cost),
        customer_cost: callout_casework::money::written(option.customer_cost),
        chosen: index == 0,
    };
    solution.options.iter().enumerate().map(option).collect()
}
