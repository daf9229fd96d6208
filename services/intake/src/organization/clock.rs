//! Moves the clock of a sandbox in every service alike.
//!
//! What falls due on the way happens in its order, whichever service it falls due in: the clock goes from due time to
//! due time, everywhere, and at each the services first tell one another what has happened.

use callout_contract::{
    dispatch::v1::clocks_client::ClocksClient as Dispatch, evaluation::v1::clocks_client::ClocksClient as Evaluation,
    intake::v1::clocks_client::ClocksClient as Intake, inventory::v1::clocks_client::ClocksClient as Inventory,
    types::v1 as pb,
};
use callout_kit::{Error, client::Channel, parse};
use jiff::Timestamp;
use tonic::{Response, Status};

use callout_casework::Peers;

/// Rounds of settling after which an effect has gone once through all services and back. What is still told then is
/// other organisations' doing: the feeds are common to all.
const ROUNDS: usize = 8;

/// The clocks of the four services.
pub struct Clocks {
    organization: String,
    intake: Intake<Channel>,
    dispatch: Dispatch<Channel>,
    inventory: Inventory<Channel>,
    evaluation: Evaluation<Channel>,
}

/// Calls one method of all four.
macro_rules! all {
    ($clocks:ident, $method:ident, $request:expr) => {
        tokio::try_join!(
            $clocks.intake.$method($request),
            $clocks.dispatch.$method($request),
            $clocks.inventory.$method($request),
            $clocks.evaluation.$method($request),
        )
        .map(|(intake, dispatch, inventory, evaluation)| {
            [intake, dispatch, inventory, evaluation].map(Response::into_inner)
        })
    };
}

impl Clocks {
    /// Those of an organisation, `organizations/{org}`.
    pub fn of(peers: &Peers, organization: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            intake: Intake::new(peers.intake.clone()),
            dispatch: Dispatch::new(peers.dispatch.clone()),
            inventory: Inventory::new(peers.inventory.clone()),
            evaluation: Evaluation::new(peers.evaluation.clone()),
        }
    }

    /// Moves them from `now` to `to`; what is due by then has happened when this returns.
    pub async fn advance(&mut self, now: Timestamp, to: Timestamp) -> Result<(), Error> {
        self.settle().await?;
        while let Some(due) = self.next_due().await?.filter(|due| *due <= to) {
            self.set(due).await?;
            self.settle().await?;
        }
        // Nothing is due any more by then: the last step fires nothing, and nothing has to settle after it.
        if to > now { self.set(to).await } else { Ok(()) }
    }

    /// Lets each service follow the others until nothing is told any more.
    pub async fn settle(&mut self) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let request = || pb::SettleRequest { organization: self.organization.clone() };
            let answers = all!(self, settle, request())?;
            if answers.iter().all(|answer| answer.applied == 0) {
                break;
            }
        }
        Ok(())
    }

    async fn next_due(&mut self) -> Result<Option<Timestamp>, Error> {
        let request = || pb::GetNextDueRequest { organization: self.organization.clone() };
        let answers = all!(self, get_next_due, request())?;
        let dues = answers.into_iter().filter_map(|answer| answer.next_due_at).map(parse::timestamp);
        let dues: Result<Vec<_>, _> = dues.collect();
        Ok(dues.map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?.into_iter().min())
    }

    async fn set(&mut self, now: Timestamp) -> Result<(), Error> {
        let request =
            || pb::SetClockRequest { organization: self.organization.clone(), now: Some(parse::to_timestamp(now)) };
        let moved: Result<_, Status> = all!(self, set_clock, request());
        moved?;
        Ok(())
    }
}
