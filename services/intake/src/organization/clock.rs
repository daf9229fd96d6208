//! Moves the clock of a sandbox in every service alike.
//!
//! What falls due on the way happens in its order, whichever service it falls due in: the clock goes from due time to
//! due time, everywhere, and at each the services first tell one another what has happened.

use std::{collections::BTreeMap, iter};

use callout_casework::Worker;
use callout_contract::{
    dispatch::v1::clocks_client::ClocksClient as Dispatch, evaluation::v1::clocks_client::ClocksClient as Evaluation,
    intake::v1::OrganizationChanged, inventory::v1::clocks_client::ClocksClient as Inventory, types::v1 as pb,
};
use callout_journal::{Service, settling::Standing};
use callout_kit::{Error, client::Channel, parse};
use futures::future::try_join_all;
use jiff::Timestamp;
use prost::Name as _;

use crate::Intake;

/// Rounds of settling after which the services will tell one another things for ever: an effect has gone many times through
/// all of them.
const ROUNDS: usize = 64;

/// The clocks of the four services. Intake's own is moved here, the others by RPC.
pub struct Clocks {
    /// The id of the organisation.
    organization: String,
    intake: Worker<Intake>,
    dispatch: Dispatch<Channel>,
    inventory: Inventory<Channel>,
    evaluation: Evaluation<Channel>,
}

/// What a service is asked to do; whatever it is, it answers how far it is then.
enum Ask {
    /// Nothing.
    Look,
    /// To move its clock.
    MoveClock(Timestamp),
    /// To deal with what was told, by the types of the events.
    Settle(BTreeMap<String, i64>),
}

/// Asks another service by its client.
macro_rules! ask {
    ($client:expr, $organization:expr, $ask:expr) => {{
        let (mut client, organization) = ($client.clone(), format!("organizations/{}", $organization));
        match $ask {
            Ask::Look => {
                let answer = client.get_next_due(pb::GetNextDueRequest { organization }).await?.into_inner();
                standing(answer.progress, answer.next_due_at)
            }
            Ask::MoveClock(now) => {
                let now = Some(parse::to_timestamp(*now));
                let answer = client.set_clock(pb::SetClockRequest { organization, now }).await?.into_inner();
                standing(answer.progress, answer.next_due_at)
            }
            Ask::Settle(told) => {
                let told = told.clone();
                let answer = client.settle(pb::SettleRequest { organization, told }).await?.into_inner();
                standing(answer.progress, answer.next_due_at)
            }
        }
    }};
}

impl Clocks {
    /// Those of an organisation, by its id.
    pub fn of(intake: &Intake, organization: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            intake: Worker::new(intake.clone()),
            dispatch: Dispatch::new(intake.peers.dispatch.clone()),
            inventory: Inventory::new(intake.peers.inventory.clone()),
            evaluation: Evaluation::new(intake.peers.evaluation.clone()),
        }
    }

    /// Moves them from `now` to `to`; what is due by then has happened when this returns.
    pub async fn advance(&self, now: Timestamp, to: Timestamp) -> Result<(), Error> {
        let mut standings = self.settle().await?;
        while let Some(due) = next_due(&standings).filter(|due| *due <= to) {
            standings = self.step(due).await?;
            self.settle_from(&mut standings).await?;
        }
        // Nothing is due any more by then: the last step fires nothing, and nothing has to settle after it.
        if to > now { self.step(to).await.map(drop) } else { Ok(()) }
    }

    /// Moves all of them to `time`. Intake's is the last: what it shows has been reached everywhere, and a move that came to
    /// nothing on the way is made up for by the next.
    async fn step(&self, time: Timestamp) -> Result<Vec<Standing>, Error> {
        let step = Ask::MoveClock(time);
        let others = self.ask_others(&step).await?;
        let own = self.ask(Service::Intake, &step).await?;
        // In the order of `Service::ALL`.
        Ok(iter::once(own).chain(others).collect())
    }

    /// Lets each service follow the others until nothing is told any more.
    async fn settle(&self) -> Result<Vec<Standing>, Error> {
        let mut standings = try_join_all(Service::ALL.map(|service| self.ask(service, &Ask::Look))).await?;
        self.settle_from(&mut standings).await?;
        Ok(standings)
    }

    /// Lets the other services hear of the organisation's change to `version` at once.
    pub async fn tell(&self, version: i64) -> Result<(), Error> {
        // Each version was told once.
        let settle = Ask::Settle(BTreeMap::from([(OrganizationChanged::full_name(), version)]));
        self.ask_others(&settle).await.map(drop)
    }

    /// Each round asks those who have not dealt yet with all that was told. What comes of it is told in their answers.
    async fn settle_from(&self, standings: &mut [Standing]) -> Result<(), Error> {
        for _ in 0..ROUNDS {
            let told = told(standings);
            let behind =
                Service::ALL.into_iter().zip(standings.iter_mut()).filter(|(_, standing)| is_behind(standing, &told));
            let settle = Ask::Settle(told.clone());
            let asked = behind.map(|(service, standing)| {
                let settle = &settle;
                async move {
                    *standing = self.ask(service, settle).await?;
                    Ok::<_, Error>(())
                }
            });
            if try_join_all(asked).await?.is_empty() {
                return Ok(());
            }
        }
        Err(Error::Internal(anyhow::anyhow!("organizations/{} does not come to rest", self.organization)))
    }

    /// All but intake.
    async fn ask_others(&self, what: &Ask) -> Result<Vec<Standing>, Error> {
        let others = Service::ALL.into_iter().filter(|service| *service != Service::Intake);
        try_join_all(others.map(|service| self.ask(service, what))).await
    }

    async fn ask(&self, service: Service, what: &Ask) -> Result<Standing, Error> {
        match service {
            Service::Intake => match what {
                Ask::Look => self.intake.standing(&self.organization).await,
                Ask::MoveClock(now) => self.intake.move_clock(&self.organization, *now).await,
                Ask::Settle(told) => self.intake.settle(&self.organization, told).await,
            },
            Service::Dispatch => ask!(self.dispatch, self.organization, what),
            Service::Inventory => ask!(self.inventory, self.organization, what),
            Service::Evaluation => ask!(self.evaluation, self.organization, what),
        }
    }
}

/// What a service has answered.
fn standing(progress: Option<pb::Progress>, next_due: Option<prost_types::Timestamp>) -> Result<Standing, Error> {
    let pb::Progress { told, dealt_with } = progress.unwrap_or_default();
    let next_due = next_due.map(parse::timestamp).transpose();
    let next_due = next_due.map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    Ok(Standing { told, dealt_with, next_due })
}

/// Whether more was told than a service has dealt with.
fn is_behind(standing: &Standing, told: &BTreeMap<String, i64>) -> bool {
    standing.dealt_with.keys().any(|kind| told.get(kind).is_some_and(|told| standing.behind(kind, *told) > 0))
}

/// How many events of each type the services have told together: some types are told by several of them.
fn told(standings: &[Standing]) -> BTreeMap<String, i64> {
    let mut told = BTreeMap::new();
    for (kind, number) in standings.iter().flat_map(|standing| &standing.told) {
        *told.entry(kind.clone()).or_default() += number;
    }
    told
}

/// When the next timer runs, whichever service's it is.
fn next_due(standings: &[Standing]) -> Option<Timestamp> {
    standings.iter().filter_map(|standing| standing.next_due).min()
}
