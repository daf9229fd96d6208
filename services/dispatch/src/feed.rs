//! What other services' events make dispatch do.

use anyhow::Context as _;
use callout_casework::{
    Host, Peers, Service,
    ids::{Id as _, WorkOrderId},
    rehearse::{Looked, Place, Rehearsal},
};
use callout_contract::{dispatch::v1::WorkOrderProgressed, events::v1::Event, intake::v1::CaseProgressed};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{Error, parse};
use callout_regulation::vocabulary;
use prost::{Message as _, Name as _};

use crate::{Dispatch, maintenance, timers, work_order};

impl Service for Dispatch {
    const SERVICE: journal::Service = journal::Service::Dispatch;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] = &[
        (journal::Service::Intake, &["callout.intake.v1.CaseProgressed"]),
        // Its own, since an outside company's engineer may complete what counts for a plan that he may not see.
        (journal::Service::Dispatch, &["callout.dispatch.v1.WorkOrderProgressed"]),
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
        if event.r#type != CaseProgressed::full_name() {
            return Ok(());
        }
        let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
        let broken = || format!("event {} of intake", event.id);
        let CaseProgressed { event: word, case } =
            CaseProgressed::decode(payload).with_context(broken).map_err(Error::Internal)?;
        // Of what happens to a case, only a finding and a record bear on what it is entitled to.
        if word != "analysed" && !word.starts_with("record:") {
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

/// A completion, or a paper on record, may count for the care of a product.
async fn order_progressed(dispatch: &Dispatch, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
    let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    let progressed = WorkOrderProgressed::decode(payload)
        .with_context(|| format!("event {} of dispatch", event.id))
        .map_err(Error::Internal)?;
    let order = progressed.work_order.unwrap_or_default().name;
    let (_, id) = WorkOrderId::parse(&order).map_err(|fault| Error::Internal(anyhow::anyhow!("{order}: {fault}")))?;
    if progressed.event == vocabulary::Event::Completed.word() || progressed.event.starts_with("record:") {
        maintenance::commands::order_progressed(dispatch, tx, id).await?;
    }
    Ok(())
}
