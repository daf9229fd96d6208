//! What happens to maintenance plans, each in one transaction.

use std::collections::BTreeSet;

use callout_casework::{
    Settings,
    ids::{self, Id as _, MaintenancePlanId, ProductId, WorkOrderId},
    refused, regulation_named,
};
use callout_contract::{
    dispatch::v1 as pb,
    intake::v1::{GetProductRequest, products_client::ProductsClient},
};
use callout_journal::{TenantTx, etag, events, timers};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Cadence,
    vocabulary::{Event, words},
};
use jiff::Timestamp;
use tonic::Request;

use super::{Plan, State, Step, Visit, gap_to_proto, store, word};
use crate::{Dispatch, work_order};

/// The kind of timer that runs when there may be a new breach.
pub const TIMER: &str = "maintenance";

/// Takes a product into care.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateMaintenancePlanRequest,
) -> Result<pb::MaintenancePlan, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.maintenance_plan.unwrap_or_default();
    let product = ProductId::of(caller, "maintenance_plan.product", &asked.product)?;
    let starts_on =
        parse::date(&asked.starts_on).map_err(|fault| Error::invalid("maintenance_plan.starts_on", fault))?;
    let regulation = Settings::of(tx)?.regulation_at(&dispatch.host.library, tx.now())?;
    let routine =
        regulation.maintenance_routine(&asked.routine).map_err(|refusals| refused(&asked.product, refusals))?;
    let mut products = ProductsClient::new(dispatch.peers.intake.clone());
    products.get_product(Request::new(GetProductRequest { name: asked.product.clone() })).await?;
    let plan = Plan {
        id: MaintenancePlanId::new(tx.now()),
        version: 1,
        visits: Vec::new(),
        product,
        routine: asked.routine,
        starts_on,
        state: State::Active,
        role: routine.by.first().map_or(regulation.desk(), String::as_str).to_owned(),
        regulation: regulation.revision().to_owned(),
        told: BTreeSet::new(),
        created_at: tx.now(),
    };
    let kept = plan.cadence(&dispatch.host.library, tx)?;
    store::insert(tx, &plan, &kept).await?;
    let (plan, kept) = follow(dispatch, tx, plan).await?;
    Ok(tell_changed(tx, &plan, &kept))
}

/// The product is not in care any more.
pub async fn end(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::EndMaintenancePlanRequest,
) -> Result<pb::MaintenancePlan, Error> {
    let mut violations = Violations::default();
    let ends_on = violations.take("ends_on", parse::date(&request.ends_on));
    let Some(ends_on) = ends_on else { return Err(violations.into_error()) };
    let mut plan = store::lock(tx, MaintenancePlanId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, plan.version, &request.name)?;
    plan.state = plan.state.apply(Step::End(ends_on), &request.name)?;
    if ends_on < plan.starts_on {
        return Err(Error::invalid("ends_on", Text::new("must not be before starts_on", "不能早于 starts_on")));
    }
    let (plan, kept) = follow(dispatch, tx, plan).await?;
    Ok(tell_changed(tx, &plan, &kept))
}

/// Something happened to a work order: when its work sees to a routine, and is completed with its paper on record, it
/// counts for the plan of its product.
///
/// # Errors
/// Those of the statements.
pub async fn order_progressed(dispatch: &Dispatch, tx: &mut TenantTx, id: WorkOrderId) -> Result<(), Error> {
    let order = work_order::get(tx, id).await?;
    let Some(completed_at) = order.standing.last(Event::Completed) else { return Ok(()) };
    let (facts, records) = (&order.standing.facts, &order.standing.records);
    let (Some(product), Some(work)) = (facts.text(words::CASE_PRODUCT), facts.text(words::CASE_WORK)) else {
        return Ok(());
    };
    let Ok((_, product)) = ProductId::parse(&product) else { return Ok(()) };
    for plan in store::of_product(tx, product).await? {
        let regulation = regulation_named(&dispatch.host.library, &plan.regulation)?;
        let routine = regulation.pack().routines.get(&plan.routine);
        let Some(seen) = routine.and_then(|routine| routine.seen_to_by.as_ref()) else { continue };
        let on_record = |kind: &String| records.iter().any(|record| record.entry.kind == *kind);
        if !seen.works.contains(&work) || !seen.record.as_ref().is_none_or(on_record) {
            continue;
        }
        let done_on = plan.day_of(&dispatch.host.library, completed_at)?;
        let is_in_care = plan.starts_on <= done_on && plan.state.ends_on().is_none_or(|last| done_on <= last);
        if is_in_care && store::insert_visit(tx, plan.id, Visit { order: id, done_on }).await? {
            let plan = store::lock(tx, plan.id).await?;
            follow(dispatch, tx, plan).await?;
        }
    }
    Ok(())
}

/// There may be a new breach.
///
/// # Errors
/// [`Error::NotFound`] when there is no such plan.
pub async fn look_again(dispatch: &Dispatch, tx: &mut TenantTx, id: MaintenancePlanId) -> Result<(), Error> {
    let plan = store::lock(tx, id).await?;
    follow(dispatch, tx, plan).await.map(drop)
}

/// Tells of new breaches, sets the timer for the next one, and writes the plan.
async fn follow(dispatch: &Dispatch, tx: &mut TenantTx, mut plan: Plan) -> Result<(Plan, Cadence), Error> {
    let kept = plan.cadence(&dispatch.host.library, tx)?;
    let (name, product) = (plan.id.name(tx.organization_id()), plan.product.name(tx.organization_id()));
    for gap in &kept.gaps {
        if plan.told.insert(word(gap)) {
            let missed = pb::MaintenanceMissed {
                maintenance_plan: name.clone(),
                product: product.clone(),
                gap: Some(gap_to_proto(gap)),
            };
            let now = tx.now();
            events::append(tx, &name, &missed, now);
        }
    }
    let key = format!("{name}/maintenance");
    match kept.look_again_at {
        Some(run_at) => {
            let timer = timers::Schedule { key: &key, kind: TIMER, subject: &name, run_at, payload: &[] };
            timers::schedule(tx, timer);
        }
        None => timers::cancel(tx, &key),
    }
    store::save(tx, &mut plan, &kept).await?;
    Ok((plan, kept))
}

fn tell_changed(tx: &mut TenantTx, plan: &Plan, kept: &Cadence) -> pb::MaintenancePlan {
    let now: Timestamp = tx.now();
    let answer = plan.to_proto(kept, tx.organization_id());
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::MaintenancePlanChanged { maintenance_plan: Some(answer.clone()) }, now);
    answer
}
