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
use futures::future::try_join_all;
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
            [intake, dispatch, inventory, evaluation]
                .map(Response::into_inner)
                .map(|answer| Standing { progress: answer.progress.unwrap_or_default(), next_due: answer.next_due_at })
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
        let mut standings = self.settle().await?;
        while let Some(due) = next_due(&standings)?.filter(|due| *due <= to) {
            standings = self.set(due).await?;
            self.settle_from(&mut standings).await?;
        }
        // Nothing is due any more by then: the last step fires nothing, and nothing has to settle after it.
        if to > now { self.set(to).await.map(drop) } else { Ok(()) }
    }

    /// Lets each service follow the others until nothing is told any more.
    pub async fn settle(&mut self) -> Result<[Standing; 4], Error> {
        let request = || pb::GetNextDueRequest { organization: self.organization.clone() };
        let mut standings = all!(self, get_next_due, request())?;
        self.settle_from(&mut standings).await?;
        Ok(standings)
    }

    /// Each round asks those who have not dealt yet with all that was told. What comes of it is told in their answers.
    async fn settle_from(&mut self, standings: &mut [Standing; 4]) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let told = told(standings);
            let behind = standings.each_ref().map(|standing| standing.is_behind(&told));
            if !behind.contains(&true) {
                return Ok(());
            }
            let asked = Service::ALL.into_iter().zip(behind).map(|(service, behind)| {
                let request = pb::SettleRequest { organization: self.organization.clone(), told: told.clone() };
                let clocks = &*self;
                async move { if behind { clocks.ask(service, request).await.map(Some) } else { Ok(None) } }
            });
            for (standing, answer) in standings.iter_mut().zip(try_join_all(asked).await?) {
                if let Some(answer) = answer {
                    *standing = answer;
                }
            }
        }
        Err(Error::Internal(anyhow::anyhow!("{} does not come to rest", self.organization)))
    }

    async fn ask(&self, service: Service, request: pb::SettleRequest) -> Result<Standing, Error> {
        let answer = match service {
            Service::Intake => self.intake.clone().settle(request).await,
            Service::Dispatch => self.dispatch.clone().settle(request).await,
            Service::Inventory => self.inventory.clone().settle(request).await,
            Service::Evaluation => self.evaluation.clone().settle(request).await,
        };
        let pb::SettleResponse { progress, next_due_at: next_due, .. } = answer?.into_inner();
        Ok(Standing { progress: progress.unwrap_or_default(), next_due })
    }

    async fn set(&mut self, now: Timestamp) -> Result<[Standing; 4], Error> {
        let request =
            || pb::SetClockRequest { organization: self.organization.clone(), now: Some(parse::to_timestamp(now)) };
        Ok(all!(self, set_clock, request())?)
    }
}

/// How far a service is with the others, and when its next timer runs.
pub struct Standing {
    progress: pb::Progress,
    next_due: Option<prost_types::Timestamp>,
}

impl Standing {
    /// Whether more was told than the service has dealt with.
    fn is_behind(&self, told: &BTreeMap<String, i64>) -> bool {
        self.progress.dealt_with.iter().any(|(kind, dealt_with)| told.get(kind).is_some_and(|told| told > dealt_with))
    }
}

/// How many events of each type the services have told together: some types are told by several of them.
fn told(standings: &[Standing; 4]) -> BTreeMap<String, i64> {
    let mut told = BTreeMap::new();
    for (kind, number) in standings.iter().flat_map(|standing| &standing.progress.told) {
        *told.entry(kind.clone()).or_default() += number;
    }
    told
}

/// When the next timer runs, whichever service's it is.
fn next_due(standings: &[Standing; 4]) -> Result<Option<Timestamp>, Error> {
    let dues: Result<Vec<_>, _> =
        standings.iter().filter_map(|standing| standing.next_due).map(parse::timestamp).collect();
    Ok(dues.map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?.into_iter().min())
}
