//! What other services' events make dispatch do.

use anyhow::Context as _;
use callout_casework::{
    Host, Peers, Service,
    ids::{Id as _, WorkOrderId},
    rehearse::{Looked, Place, Rehearsal},
};
use callout_contract::{
    dispatch::v1::WorkOrderProgressed,
    events::v1::Event,
    intake::v1::CaseProgressed,
    inventory::v1::{LoanSlipProgressed, PartsRequisitionProgressed},
};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{Error, parse};
use callout_regulation::vocabulary;
use prost::{Message, Name};

use crate::{
    Dispatch, maintenance, timers,
    work_order::{self, material::Out},
};

impl Service for Dispatch {
    const SERVICE: journal::Service = journal::Service::Dispatch;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] = &[
        (journal::Service::Intake, &["callout.intake.v1.CaseProgressed"]),
        // Its own, since an outside company's engineer may complete what counts for a plan that he may not see.
        (journal::Service::Dispatch, &["callout.dispatch.v1.WorkOrderProgressed"]),
        (
            journal::Service::Inventory,
            &["callout.inventory.v1.LoanSlipProgressed", "callout.inventory.v1.PartsRequisitionProgressed"],
        ),
    ];

    const REHEARSED: &'static [&'static str] = &["work_order"];

    fn host(&self) -> &Host {
        &self.host
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    async fn on_event(&self, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
        if event.r#type == WorkOrderProgressed::full_name() {
            return order_progressed(self, tx, event).await;
        }
        if event.r#type == LoanSlipProgressed::full_name() {
            let progressed: LoanSlipProgressed = payload(event)?;
            let out = Out::on_slip(&progressed.loan_slip.unwrap_or_default())?;
            return work_order::material::changed(self, tx, out).await;
        }
        if event.r#type == PartsRequisitionProgressed::full_name() {
            let progressed: PartsRequisitionProgressed = payload(event)?;
            let out = Out::on_requisition(&progressed.parts_requisition.unwrap_or_default())?;
            return work_order::material::changed(self, tx, out).await;
        }
        if event.r#type != CaseProgressed::full_name() {
            return Ok(());
        }
        let broken = || format!("event {} of intake", event.id);
        let CaseProgressed { event: word, case } = payload(event)?;
        // Of what happens to a case, only a finding, a record and a correction bear on how its order is judged.
        if !["analysed", "updated"].contains(&word.as_str()) && !word.starts_with("record:") {
            return Ok(());
        }
        let at = parse::timestamp(event.occurred_at.unwrap_or_default());
        let at = at.map_err(|fault| Error::Internal(anyhow::anyhow!("{}: {fault}", broken())))?;
        work_order::commands::learn(self, tx, &case.unwrap_or_default(), &word, at).await
    }

    async fn on_timer(&self, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
        timers::run(self, tx, timer).await
    }

    async fn rehearse(&self, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
        work_order::rehearse::look(self, tx, rehearsal, place).await
    }
}

fn payload<M: Message + Name + Default>(event: &Event) -> Result<M, Error> {
    let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    M::decode(payload).with_context(|| format!("event {}, {}", event.id, M::full_name())).map_err(Error::Internal)
}

/// A completion, or a paper on record, may count for the care of a product.
async fn order_progressed(dispatch: &Dispatch, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
    let progressed: WorkOrderProgressed = payload(event)?;
    let order = progressed.work_order.unwrap_or_default().name;
    let (_, id) = WorkOrderId::parse(&order).map_err(|fault| Error::Internal(anyhow::anyhow!("{order}: {fault}")))?;
    if progressed.event == vocabulary::Event::Completed.word() || progressed.event.starts_with("record:") {
        maintenance::commands::order_progressed(dispatch, tx, id).await?;
    }
    Ok(())
}
