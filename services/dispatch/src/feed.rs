//! What other services' events make dispatch do.

use anyhow::Context as _;
use callout_casework::{Host, Peers, Service};
use callout_contract::{events::v1::Event, intake::v1::CaseProgressed};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{Error, parse};
use prost::{Message as _, Name as _};

use crate::{Dispatch, timers, work_order};

impl Service for Dispatch {
    const SERVICE: journal::Service = journal::Service::Dispatch;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] =
        &[(journal::Service::Intake, &["callout.intake.v1.CaseProgressed"])];

    fn host(&self) -> &Host {
        &self.host
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    async fn on_event(&self, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
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
}
