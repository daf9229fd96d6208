//! What other services' events make intake do, and what it does when its limits are near their end or run out.

use callout_casework::{
    Host, Peers, Service,
    ids::{CaseId, CustomerAgreementId, Id as _, ProductId, WorkOrderId},
    limits,
    rehearse::{Looked, Place, Rehearsal},
};
use callout_contract::{
    dispatch::v1::{WorkOrder, WorkOrderCreated, WorkOrderEnded, work_order::State},
    events::v1::Event,
};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{Error, Text, metrics::Observation, parse};
use jiff::Timestamp;
use prost::{Message as _, Name as _};
use uuid::Uuid;

use crate::{Intake, agreement, case, product};

const CASE: &str = "case";
const PRODUCT: &str = "product";

impl Service for Intake {
    const SERVICE: journal::Service = journal::Service::Intake;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] = &[(
        journal::Service::Dispatch,
        &["callout.dispatch.v1.WorkOrderCreated", "callout.dispatch.v1.WorkOrderEnded"],
    )];

    const REHEARSED: &'static [&'static str] = &[CASE, PRODUCT];

    fn host(&self) -> &Host {
        &self.host
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    async fn on_event(&self, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
        let Some((order, asked_by)) = order_in(event)? else { return Ok(()) };
        let broken = |fault: Text| Error::Internal(anyhow::anyhow!("event {} of dispatch: {fault}", event.id));
        let (_, id) = WorkOrderId::parse(&order.name).map_err(broken)?;
        let at = parse::timestamp(event.occurred_at.unwrap_or_default()).map_err(broken)?;
        if event.r#type == WorkOrderEnded::full_name() {
            return case::dispatching::work_ended(self, tx, id, order.state() == State::Closed, at).await;
        }
        let (_, case) = CaseId::parse(&order.case).map_err(broken)?;
        case::dispatching::work_begun(self, tx, case, id, asked_by, at).await
    }

    async fn on_timer(&self, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
        if timer.kind != limits::TIMER {
            return Ok(());
        }
        if let Ok((_, id)) = CaseId::parse(&timer.subject) {
            case::change::follow_limits(self, tx, id).await
        } else if let Ok((_, id)) = ProductId::parse(&timer.subject) {
            product::commands::follow_limits(self, tx, id).await
        } else if let Ok((_, id)) = CustomerAgreementId::parse(&timer.subject) {
            agreement::commands::follow_limits(self, tx, id).await
        } else {
            Ok(())
        }
    }

    async fn rehearse(&self, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
        match place.kind {
            CASE => case::rehearse::look(self, tx, rehearsal, place).await,
            PRODUCT => product::rehearse::look(self, tx, rehearsal, place).await,
            _ => Ok(Looked::default()),
        }
    }

    async fn observe(&self, tx: &mut TenantTx, as_of: Timestamp) -> Result<Vec<Observation>, Error> {
        case::pace::open(tx, as_of).await
    }
}

/// The work order that an event of dispatch tells of, and the request id under which it was asked for, of a new one.
fn order_in(event: &Event) -> Result<Option<(WorkOrder, Option<Uuid>)>, Error> {
    let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    let order = if event.r#type == WorkOrderEnded::full_name() {
        WorkOrderEnded::decode(payload).map(|ended| (ended.work_order.unwrap_or_default(), None))
    } else if event.r#type == WorkOrderCreated::full_name() {
        WorkOrderCreated::decode(payload).map(|created| {
            let asked_by = Uuid::try_parse(&created.request_id).ok();
            (created.work_order.unwrap_or_default(), asked_by)
        })
    } else {
        return Ok(None);
    };
    order.map(Some).map_err(|fault| Error::Internal(anyhow::anyhow!("event {} of dispatch: {fault}", event.id)))
}
