//! Looks at what the gauges of a service say: what is open, what is due, how far behind it is.

use std::time::Duration;

use callout_contract::events::v1::{GetBacklogRequest, GetBacklogResponse};
use callout_journal::{self as journal, Cursor, TenantTx, backlog, backlog::Waiting};
use callout_kit::{
    Caller, Error, attributes,
    call::Call,
    clock,
    deadline::Deadline,
    metrics::{Gauge, Observation},
};
use futures::future::join_all;
use tokio::time::MissedTickBehavior;
use tonic::{Response, Status};
use tracing::Instrument as _;

use crate::{
    Peers, Service, Worker, boxed,
    service::{DispatchFeed, EvaluationFeed, IntakeFeed, InventoryFeed, follows},
};

/// Time between two looks. Longer, and what is exported each minute is old; shorter, and nobody sees the difference.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Time for one look. What cannot be read in that time says nothing: the database has other work to do.
const LOOK_LIMIT: Duration = Duration::from_secs(5);

impl<S: Service> Worker<S> {
    /// Looks at the gauges of the service at intervals, for as long as the future is polled; it may be dropped at any time.
    pub async fn watch(&self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "the gauges cannot be read, they have no value until the next look");
            }
        }
    }

    /// Looks at the gauges of the service once: what they say is exported until the next look.
    ///
    /// # Errors
    /// [`Error::Busy`] and [`Error::DeadlineExceeded`] when the database does not answer; no gauge has a value then.
    pub async fn look(&self) -> Result<(), Error> {
        let deadline = Some(Deadline::after(LOOK_LIMIT));
        let call = Call { deadline, ..Self::own_work(Caller::EVERY_ORGANIZATION) };
        let looked = call.scope(self.observations()).instrument(tracing::info_span!("look at the gauges")).await;
        let (observations, outcome) = match looked {
            Ok(observations) => (observations, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        self.service.host().journal.metrics().observe(observations);
        outcome
    }

    async fn observations(&self) -> Result<Vec<Observation>, Error> {
        let as_of = clock::system_now();
        let service = self.service.clone();
        let read = boxed(move |tx: &mut TenantTx| {
            let service = service.clone();
            Box::pin(async move { Ok((service.observe(tx, as_of).await?, backlog::waiting(tx, as_of).await?)) })
        });
        let caller = Caller::service(S::SERVICE.schema(), Caller::EVERY_ORGANIZATION);
        let journal = &self.service.host().journal;
        let (mut observations, waiting) = journal.read(&caller, Caller::EVERY_ORGANIZATION, read).await?;
        let timers = [(Gauge::TimersDue, waiting.timers_due), (Gauge::TimersLate, waiting.timers_late)];
        observations.extend(timers.map(|(gauge, value)| Observation { gauge, value, attributes: Vec::new() }));
        observations.extend(self.behind(&waiting).await);
        Ok(observations)
    }

    /// How far the service is behind in the feeds that it follows. Only those who tell what happens know.
    async fn behind(&self, waiting: &Waiting) -> Vec<Observation> {
        let answers = follows::<S>().map(|(upstream, types)| async move {
            let place = waiting.places.get(&upstream).copied().unwrap_or(Cursor::START);
            let request = GetBacklogRequest {
                organization: format!("organizations/{}", Caller::EVERY_ORGANIZATION),
                cursor: place.encode(upstream),
                types,
            };
            (upstream, backlog_of(self.service.peers(), upstream, request).await)
        });
        let mut observations = Vec::new();
        for (upstream, answer) in join_all(answers).await {
            let upstream = upstream.schema();
            let GetBacklogResponse { event_count, oldest_age } = match answer {
                Ok(backlog) => backlog,
                Err(status) => {
                    tracing::warn!(upstream, code = %status.code(), "{upstream} does not say how far behind it we are");
                    continue;
                }
            };
            let lag_s = oldest_age.map_or(0, |age| age.seconds + i64::from(age.nanos > 0));
            for (gauge, value) in [(Gauge::JournalBacklog, i64::from(event_count)), (Gauge::JournalLag, lag_s)] {
                let attributes = vec![(attributes::UPSTREAM, upstream.into())];
                observations.push(Observation { gauge, value: u64::try_from(value).unwrap_or_default(), attributes });
            }
        }
        observations
    }
}

async fn backlog_of(
    peers: &Peers,
    upstream: journal::Service,
    request: GetBacklogRequest,
) -> Result<GetBacklogResponse, Status> {
    let backlog = match upstream {
        journal::Service::Intake => IntakeFeed::new(peers.intake.clone()).get_backlog(request).await,
        journal::Service::Dispatch => DispatchFeed::new(peers.dispatch.clone()).get_backlog(request).await,
        journal::Service::Inventory => InventoryFeed::new(peers.inventory.clone()).get_backlog(request).await,
        journal::Service::Evaluation => EvaluationFeed::new(peers.evaluation.clone()).get_backlog(request).await,
    };
    backlog.map(Response::into_inner)
}
