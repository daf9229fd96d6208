//! What other services' events make inventory do, and what it does when a limit is near its end or runs out.

use anyhow::Context as _;
use callout_casework::{
    Host, Peers, Service,
    ids::{CaseId, CustodyId, Id as _, LoanSlipId, PartsRequisitionId, WorkOrderId},
    limits,
    rehearse::{Looked, Place, Rehearsal},
};
use callout_contract::{
    dispatch::v1::{WorkOrder, WorkOrderProgressed},
    events::v1::Event,
    intake::v1::{Case, CaseEnded, CaseProgressed, CaseReceived},
};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{
    Error, attributes,
    metrics::{Gauge, Observation},
    parse,
};
use jiff::Timestamp;
use prost::{Message, Name};

use crate::{
    Inventory, custody,
    followed::{
        case::{self, CaseView},
        work_order::{self, WorkOrderView},
    },
    loan_slip::{self, store::OpenLoans},
    parts_requisition, rehearse, reservation,
};

impl Service for Inventory {
    const SERVICE: journal::Service = journal::Service::Inventory;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] = &[
        (
            journal::Service::Intake,
            &["callout.intake.v1.CaseReceived", "callout.intake.v1.CaseProgressed", "callout.intake.v1.CaseEnded"],
        ),
        (journal::Service::Dispatch, &["callout.dispatch.v1.WorkOrderProgressed"]),
    ];

    const REHEARSED: &'static [&'static str] = rehearse::REHEARSED;

    fn host(&self) -> &Host {
        &self.host
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    async fn on_event(&self, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
        let as_of = parse::timestamp(event.recorded_at.unwrap_or_default())
            .map_err(|fault| Error::Internal(anyhow::anyhow!("event {}: {fault}", event.id)))?;
        if let Some(case) = case_in(event)? {
            learn_of_case(self, tx, &case, event.r#type == CaseEnded::full_name(), as_of).await?;
        }
        if let Some(order) = order_in(event)? {
            learn_of_order(self, tx, &order, as_of).await?;
        }
        Ok(())
    }

    async fn rehearse(&self, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
        rehearse::look(self, tx, rehearsal, place).await
    }

    async fn on_timer(&self, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
        let subject = timer.subject.as_str();
        if timer.kind == limits::TIMER {
            if let Ok((_, id)) = LoanSlipId::parse(subject) {
                return loan_slip::commands::follow_limits(self, tx, id).await;
            }
            if let Ok((_, id)) = PartsRequisitionId::parse(subject) {
                return parts_requisition::commands::follow_limits(self, tx, id).await;
            }
            if let Ok((_, id)) = CustodyId::parse(subject) {
                return custody::commands::follow_limits(self, tx, id).await;
            }
        }
        Err(Error::Internal(anyhow::anyhow!("timer {} of kind {} is not inventory's", timer.key, timer.kind)))
    }

    async fn observe(&self, tx: &mut TenantTx, as_of: Timestamp) -> Result<Vec<Observation>, Error> {
        let of_mode = |open: &OpenLoans| {
            let mode = open.mode.to_lowercase();
            let counted = [
                (Gauge::LoansOutstanding, open.outstanding),
                (Gauge::LoansOverdue, open.overdue),
                (Gauge::RequisitionsOpen, open.requisitions),
            ];
            counted.map(|(gauge, value)| Observation {
                gauge,
                value: u64::try_from(value).unwrap_or_default(),
                attributes: vec![(attributes::MODE, mode.clone().into())],
            })
        };
        Ok(loan_slip::store::count_open(tx, as_of).await?.iter().flat_map(of_mode).collect())
    }
}

/// The case that an event of intake tells of.
fn case_in(event: &Event) -> Result<Option<Case>, Error> {
    Ok(if event.r#type == CaseReceived::full_name() {
        payload::<CaseReceived>(event)?.case
    } else if event.r#type == CaseProgressed::full_name() {
        payload::<CaseProgressed>(event)?.case
    } else if event.r#type == CaseEnded::full_name() {
        payload::<CaseEnded>(event)?.case
    } else {
        None
    })
}

/// The work order that an event of dispatch tells of.
fn order_in(event: &Event) -> Result<Option<WorkOrder>, Error> {
    let progressed = event.r#type == WorkOrderProgressed::full_name();
    Ok(if progressed { payload::<WorkOrderProgressed>(event)?.work_order } else { None })
}

async fn learn_of_case(
    inventory: &Inventory,
    tx: &mut TenantTx,
    case: &Case,
    ended: bool,
    as_of: Timestamp,
) -> Result<(), Error> {
    let (_, id) = CaseId::parse(&case.name).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    let view = CaseView::of(case)?;
    let is_news = case::put(tx, id, &view, as_of).await?;
    if ended {
        reservation::commands::case_ended(tx, id).await
    } else if is_news {
        reservation::commands::case_changed(inventory, tx, id, &view).await
    } else {
        Ok(())
    }
}

async fn learn_of_order(
    inventory: &Inventory,
    tx: &mut TenantTx,
    order: &WorkOrder,
    as_of: Timestamp,
) -> Result<(), Error> {
    let (_, id) = WorkOrderId::parse(&order.name).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    let view = WorkOrderView::of(order)?;
    if work_order::put(tx, id, &view, as_of).await? {
        loan_slip::commands::work_order_changed(inventory, tx, id, &view).await?;
        parts_requisition::commands::work_order_changed(inventory, tx, id, &view).await?;
    }
    Ok(())
}

fn payload<M: Message + Name + Default>(event: &Event) -> Result<M, Error> {
    let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    M::decode(payload).with_context(|| format!("event {} of type {}", event.id, event.r#type)).map_err(Error::Internal)
}
