//! Moves the clock of a sandbox in every service alike.
//!
//! What falls due on the way happens in its order, whichever service it falls due in: the clock goes from due time to
//! due time, everywhere, and at each the services first tell one another what has happened.

use std::collections::BTreeMap;

use callout_contract::{
    dispatch::v1::clocks_client::ClocksClient as Dispatch, evaluation::v1::clocks_client::ClocksClient as Evaluation,
    intake::v1::clocks_client::ClocksClient as Intake, inventory::v1::clocks_client::ClocksClient as Inventory,
    types::v1 as pb,
};
use callout_journal::Service;
use callout_kit::{Error, client::Channel, parse};
use jiff::Timestamp;
use tonic::Response;

use callout_casework::Peers;

/// Rounds of settling after which the services will tell one another things for ever: an effect has gone many times through
/// all of them.
const ROUNDS: usize = 64;

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
        let mut standing = self.settle().await?;
        while let Some(due) = standing.next_due()?.filter(|due| *due <= to) {
            let moved = self.set(due).await?;
            let news = moved.told() != standing.told();
            standing = moved;
            if news {
                self.settle_from(&mut standing).await?;
            }
        }
        // Nothing is due any more by then: the last step fires nothing, and nothing has to settle after it.
        if to > now { self.set(to).await.map(drop) } else { Ok(()) }
    }

    /// Lets each service follow the others until nothing is told any more.
    pub async fn settle(&mut self) -> Result<Standing, Error> {
        let request = || pb::GetNextDueRequest { organization: self.organization.clone() };
        let answers = all!(self, get_next_due, request())?;
        let mut standing = Standing(answers.map(|answer| (answer.told, answer.next_due_at)));
        self.settle_from(&mut standing).await?;
        Ok(standing)
    }

    /// Each round hands round how much each has told. Once they say the same again, nothing has come of the last round,
    /// and nothing will.
    async fn settle_from(&mut self, standing: &mut Standing) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let told = standing.told();
            let request = || pb::SettleRequest { organization: self.organization.clone(), told: told.clone() };
            let answers = all!(self, settle, request())?;
            *standing = Standing(answers.map(|answer| (answer.told, answer.next_due_at)));
            if standing.told() == told {
                return Ok(());
            }
        }
        Err(Error::Internal(anyhow::anyhow!("{} does not come to rest", self.organization)))
    }

    async fn set(&mut self, now: Timestamp) -> Result<Standing, Error> {
        let request =
            || pb::SetClockRequest { organization: self.organization.clone(), now: Some(parse::to_timestamp(now)) };
        let answers = all!(self, set_clock, request())?;
        Ok(Standing(answers.map(|answer| (answer.told, answer.next_due_at))))
    }
}

/// How many events each service has told, and when its next timer runs, in the order of [`Service::ALL`].
pub struct Standing([(i64, Option<prost_types::Timestamp>); 4]);

impl Standing {
    fn told(&self) -> BTreeMap<String, i64> {
        Service::ALL.iter().zip(&self.0).map(|(service, (told, _))| (service.schema().to_owned(), *told)).collect()
    }

    fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        let dues: Result<Vec<_>, _> = self.0.iter().filter_map(|(_, due)| *due).map(parse::timestamp).collect();
        Ok(dues.map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?.into_iter().min())
    }
}
