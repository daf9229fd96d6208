//! What the four services are alike in: each follows the others, does things at their time, and tells what happened.

use std::{collections::BTreeMap, future::Future, sync::Arc};

pub(crate) use callout_contract::{
    dispatch::v1::feed_client::FeedClient as DispatchFeed, evaluation::v1::feed_client::FeedClient as EvaluationFeed,
    intake::v1::feed_client::FeedClient as IntakeFeed, inventory::v1::feed_client::FeedClient as InventoryFeed,
};
use callout_contract::{
    events::v1::{Event, GetBacklogRequest, GetBacklogResponse, SubscribeRequest},
    intake::v1::OrganizationChanged,
    types::v1 as pb,
};
use callout_journal::{
    self as journal, Clock, Cursor, Organization, TenantTx, backlog, etag,
    feed::{self, Subscription},
    follower::Follower,
    organizations,
    settling::{self, Standing},
    timers::{self, Timer},
};
use callout_kit::{Caller, Error, call::Call, client::Channel, metrics::Observation, parse};
use futures::{
    StreamExt as _,
    future::{BoxFuture, join_all, try_join_all},
    stream::BoxStream,
};
use jiff::Timestamp;
use prost::{Message as _, Name as _};
use tonic::{Request, Response, Status, Streaming};

use crate::{
    Host,
    host::Work,
    ids,
    rehearse::{Looked, Place, Rehearsal},
};

/// The ways to the four services; all of them may lead to the same address.
#[derive(Clone)]
pub struct Peers {
    /// To intake.
    pub intake: Channel,
    /// To dispatch.
    pub dispatch: Channel,
    /// To inventory.
    pub inventory: Channel,
    /// To evaluation.
    pub evaluation: Channel,
}

/// One of the four services of the suite.
pub trait Service: Clone + Send + Sync + 'static {
    /// Which one.
    const SERVICE: journal::Service;

    /// Whom it follows, itself perhaps among them, and which events of theirs matter to it.
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])];

    /// What it has that is judged by a regulation, by the words that a rehearsal counts it under.
    const REHEARSED: &'static [&'static str];

    /// Its schema and the regulations that it knows.
    fn host(&self) -> &Host;

    /// The ways to the others.
    fn peers(&self) -> &Peers;

    /// What an event of another service makes it do. May see an event again, after a failure only.
    fn on_event(&self, tx: &mut TenantTx, event: &Event) -> impl Future<Output = Result<(), Error>> + Send;

    /// What it does when a timer that it set runs.
    fn on_timer(&self, tx: &mut TenantTx, timer: &Timer) -> impl Future<Output = Result<(), Error>> + Send;

    /// Judges some of what it has at a place, [`PAGE`](crate::rehearse::PAGE) at most, by another regulation too; nothing at the end.
    fn rehearse(
        &self,
        tx: &mut TenantTx,
        rehearsal: &Rehearsal,
        place: Place,
    ) -> impl Future<Output = Result<Looked, Error>> + Send;

    /// What the gauges say that are its own, of all organisations as of `as_of` (in a sandbox by its clock). By one
    /// statement, since it is asked every few seconds. The transaction is one for [`Caller::EVERY_ORGANIZATION`].
    fn observe(
        &self,
        _tx: &mut TenantTx,
        _as_of: Timestamp,
    ) -> impl Future<Output = Result<Vec<Observation>, Error>> + Send {
        std::future::ready(Ok(Vec::new()))
    }
}

/// A service at its own work: following, keeping time, and the RPCs by which it is told to.
#[derive(Clone)]
pub struct Worker<S> {
    pub(crate) service: S,
}

/// A follower of `$upstream` for a service. A macro, because only of closures that it sees can the compiler prove that
/// the futures of `AsyncFn` are `Send`.
macro_rules! follower {
    ($service:expr, $upstream:expr, $types:expr) => {{
        let (upstream, peers) = ($upstream, Arc::new($service.peers().clone()));
        let subscribe = move |request: SubscribeRequest| -> BoxFuture<'static, _> {
            let peers = Arc::clone(&peers);
            Box::pin(async move { subscribe_to(&peers, upstream, request).await })
        };
        let service = $service.clone();
        let apply = applied_by(move |tx, event| {
            let (service, event) = (service.clone(), event.clone());
            Box::pin(async move {
                if event.r#type == OrganizationChanged::full_name() {
                    adopt(tx, &event).await?;
                }
                if asks_for::<S>(&event) { service.on_event(tx, &event).await } else { Ok(()) }
            })
        });
        Follower::new($service.host().journal.clone(), upstream, $types, subscribe, apply)
    }};
}

/// Gives a closure the signature that [`Follower`] asks for.
fn applied_by<F: for<'t, 'e> Fn(&'t mut TenantTx, &'e Event) -> Work<'t, ()>>(apply: F) -> F {
    apply
}

impl<S: Service> Worker<S> {
    /// The work of `service`.
    pub fn new(service: S) -> Self {
        Self { service }
    }

    /// Follows the others and runs timers, for as long as the future is polled; it may be dropped at any time.
    pub async fn run(&self) {
        let follow = join_all(follows::<S>().map(|(upstream, types)| async move {
            follower!(self.service, upstream, types).run().await;
        }));
        let service = self.service.clone();
        let timers = async move |tx: &mut TenantTx, timer: &Timer| service.on_timer(tx, timer).await;
        let work = async { tokio::join!(follow, timers::run(&self.service.host().journal, &timers)) };
        Self::own_work(Caller::EVERY_ORGANIZATION).scope(work).await;
    }

    /// How far the service is with a sandbox, by its id.
    ///
    /// # Errors
    /// Those of [`settling::standing`].
    pub async fn standing(&self, organization: &str) -> Result<Standing, Error> {
        settling::standing(&self.service.host().journal, organization).await.map(of_all_followed::<S>)
    }

    /// Moves the clock of a sandbox and runs the timers that are due by then.
    ///
    /// # Errors
    /// [`Error::ClockFixed`] for a live organisation, and those of the timers.
    pub async fn move_clock(&self, organization: &str, now: Timestamp) -> Result<Standing, Error> {
        let service = self.service.clone();
        let run = async move |tx: &mut TenantTx, timer: &Timer| service.on_timer(tx, timer).await;
        let fired = timers::fire_due(&self.service.host().journal, organization, now, &run);
        Self::own_work(organization).scope(fired).await.map(of_all_followed::<S>)
    }

    /// Deals with what the services have told, `told` of each type, since it settled last.
    ///
    /// # Errors
    /// The first failure of a follower.
    pub async fn settle(&self, organization: &str, told: &BTreeMap<String, i64>) -> Result<Standing, Error> {
        let journal = &self.service.host().journal;
        let standing = self.standing(organization).await?;
        let (mut dealt_with, mut feeds) = (BTreeMap::new(), Vec::new());
        for (upstream, types) in follows::<S>() {
            let told = types.iter().filter_map(|kind| Some((kind.clone(), *told.get(kind)?)));
            let news: Vec<(String, i64)> = told.filter(|(kind, told)| standing.behind(kind, *told) > 0).collect();
            if !news.is_empty() {
                feeds.push((upstream, types));
                dealt_with.extend(news);
            }
        }
        if feeds.is_empty() {
            return Ok(standing);
        }
        let read = feeds
            .into_iter()
            .map(|(upstream, types)| async move { follower!(self.service, upstream, types).settle().await });
        Self::own_work(Caller::EVERY_ORGANIZATION).scope(try_join_all(read)).await?;
        settling::note(journal, organization, &dealt_with).await.map(of_all_followed::<S>)
    }

    /// Answers [`Worker::standing`].
    ///
    /// # Errors
    /// Its own, [`Error::NotFound`] for an organisation that is not the caller's, [`Error::PermissionMissing`] for whoever is
    /// no service of the suite.
    pub async fn get_next_due(
        &self,
        request: Request<pb::GetNextDueRequest>,
    ) -> Result<Response<pb::GetNextDueResponse>, Status> {
        let organization = moved_by_sibling::<S, _>(&request, |request| &request.organization)?;
        let (next_due_at, progress) = told_of(self.standing(&organization).await?);
        Ok(Response::new(pb::GetNextDueResponse { next_due_at, progress }))
    }

    /// Answers [`Worker::move_clock`].
    ///
    /// # Errors
    /// Its own, and those of [`Worker::get_next_due`].
    pub async fn set_clock(
        &self,
        request: Request<pb::SetClockRequest>,
    ) -> Result<Response<pb::SetClockResponse>, Status> {
        let organization = moved_by_sibling::<S, _>(&request, |request| &request.organization)?;
        let now = request.get_ref().now;
        let now = now.ok_or_else(|| Error::invalid("now", callout_kit::Text::new("is required", "必填")))?;
        let now = parse::timestamp(now).map_err(|fault| Error::invalid("now", fault))?;
        let (next_due_at, progress) = told_of(self.move_clock(&organization, now).await?);
        Ok(Response::new(pb::SetClockResponse { next_due_at, progress, ..pb::SetClockResponse::default() }))
    }

    /// Answers [`Worker::settle`].
    ///
    /// # Errors
    /// Its own, and those of [`Worker::get_next_due`].
    pub async fn settle_told(
        &self,
        request: Request<pb::SettleRequest>,
    ) -> Result<Response<pb::SettleResponse>, Status> {
        let organization = moved_by_sibling::<S, _>(&request, |request| &request.organization)?;
        let (next_due_at, progress) = told_of(self.settle(&organization, &request.get_ref().told).await?);
        Ok(Response::new(pb::SettleResponse { next_due_at, progress, ..pb::SettleResponse::default() }))
    }

    /// Streams what has happened here.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an organisation that is not the caller's, [`Error::Invalid`] for a cursor of another feed.
    pub fn subscribe(
        &self,
        request: &Request<SubscribeRequest>,
    ) -> Result<Response<BoxStream<'static, Result<Event, Status>>>, Status> {
        let caller = Caller::of(request)?.clone();
        let asked = request.get_ref();
        let subscription = subscription::<S>(caller, &asked.organization, &asked.cursor, &asked.types)?;
        let events = feed::subscribe(&self.service.host().journal, subscription, asked.until_end);
        Ok(Response::new(events.map(|event| event.map_err(Status::from)).boxed()))
    }

    /// Says how far somebody is behind who has dealt with everything up to a cursor.
    ///
    /// # Errors
    /// As [`Worker::subscribe`].
    pub async fn backlog(&self, request: Request<GetBacklogRequest>) -> Result<Response<GetBacklogResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let asked = request.get_ref();
        let subscription = subscription::<S>(caller, &asked.organization, &asked.cursor, &asked.types)?;
        let backlog = backlog::behind(&self.service.host().journal, &subscription).await?;
        let oldest_age =
            backlog.oldest_age.map(|age| prost_types::Duration { seconds: age.as_secs(), nanos: age.subsec_nanos() });
        Ok(Response::new(GetBacklogResponse { event_count: backlog.events, oldest_age }))
    }

    pub(crate) fn own_work(organization: &str) -> Call {
        let name = S::SERVICE.schema();
        Call::own_work(name, Caller::service(name, organization))
    }
}

/// What somebody reads of the feed of a service.
fn subscription<S: Service>(
    caller: Caller,
    organization: &str,
    cursor: &str,
    types: &[String],
) -> Result<Subscription, Error> {
    let organization = match organization.strip_prefix("organizations/") {
        Some(Caller::EVERY_ORGANIZATION) => Caller::EVERY_ORGANIZATION,
        Some(_) | None => ids::organization(&caller, "organization", organization)?,
    };
    let (organization, after) = (organization.to_owned(), Cursor::decode(S::SERVICE, cursor)?);
    Ok(Subscription { organization, after, types: types.to_vec(), caller })
}

/// How far a service is, with each type that it follows, also those of which it has heard nothing yet.
fn of_all_followed<S: Service>(mut standing: Standing) -> Standing {
    for kind in follows::<S>().flat_map(|(_, types)| types) {
        standing.dealt_with.entry(kind).or_default();
    }
    standing
}

/// When the next timer runs and how far a service is, as the contract says it.
fn told_of(standing: Standing) -> (Option<prost_types::Timestamp>, Option<pb::Progress>) {
    let Standing { told, dealt_with, next_due } = standing;
    (next_due.map(parse::to_timestamp), Some(pb::Progress { told, dealt_with }))
}

/// The organisation whose clock is to be moved, by its id. Refuses whoever is no service of the suite: clocks are moved by
/// intake, in all services; one moved alone would tell the services different times, whatever the roles of whoever
/// did it.
fn moved_by_sibling<S: Service, R>(request: &Request<R>, organization: impl Fn(&R) -> &str) -> Result<String, Error> {
    let caller = Caller::of(request)?;
    let organization = ids::organization(caller, "organization", organization(request.get_ref()))?;
    match caller.service {
        Some(_) => Ok(organization.to_owned()),
        None => Err(Error::PermissionMissing { permission: format!("{}.clocks.move", S::SERVICE.schema()) }),
    }
}

/// Whom a service follows and for which events: what it asks for, of itself too, and from intake the organisations, of
/// which every other service keeps a copy.
pub fn follows<S: Service>() -> impl Iterator<Item = (journal::Service, Vec<String>)> {
    let asked = |upstream| S::FOLLOWS.iter().filter(move |(of, _)| *of == upstream).flat_map(|(_, types)| types.iter());
    journal::Service::ALL.into_iter().filter_map(move |upstream| {
        let mut types: Vec<String> = asked(upstream).map(|name| (*name).to_owned()).collect();
        let organizations = OrganizationChanged::full_name();
        if upstream == journal::Service::Intake && upstream != S::SERVICE && !types.contains(&organizations) {
            types.push(organizations);
        }
        (!types.is_empty()).then_some((upstream, types))
    })
}

/// Whether a service asks for an event itself; the rest come for the sake of its copies.
fn asks_for<S: Service>(event: &Event) -> bool {
    S::FOLLOWS.iter().any(|(_, types)| types.contains(&event.r#type.as_str()))
}

/// Keeps the copy of an organisation that changed.
async fn adopt(tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
    let payload = event.payload.as_ref().map(|payload| payload.value.as_slice()).unwrap_or_default();
    let broken = |fault: anyhow::Error| Error::Internal(fault.context("an organisation that changed"));
    let changed = OrganizationChanged::decode(payload).map_err(|fault| broken(fault.into()))?;
    let mut organization = changed.organization.unwrap_or_default();
    let version = etag::version(&organization.etag).ok_or_else(|| broken(anyhow::anyhow!("its etag is none")))?;
    let clock = match organization.clock.take() {
        None => Clock::Live,
        Some(now) => Clock::Sandbox { now: parse::timestamp(now).map_err(|fault| broken(anyhow::anyhow!("{fault}")))? },
    };
    organization.etag.clear();
    let id = tx.organization_id().to_owned();
    organizations::put(tx, Organization { id, clock, document: organization.encode_to_vec(), version }).await
}

async fn subscribe_to(
    peers: &Peers,
    upstream: journal::Service,
    request: SubscribeRequest,
) -> Result<Streaming<Event>, Status> {
    let events = match upstream {
        journal::Service::Intake => IntakeFeed::new(peers.intake.clone()).subscribe(request).await,
        journal::Service::Dispatch => DispatchFeed::new(peers.dispatch.clone()).subscribe(request).await,
        journal::Service::Inventory => InventoryFeed::new(peers.inventory.clone()).subscribe(request).await,
        journal::Service::Evaluation => EvaluationFeed::new(peers.evaluation.clone()).subscribe(request).await,
    };
    events.map(Response::into_inner)
}

/// Implements the services `Feed`, `Clocks` and `Rehearsals` of a package for the [`Worker`] of its service: the four packages have
/// the same ones, each under its own name.
#[macro_export]
macro_rules! suite_rpcs {
    ($package:ident, $service:ty) => {
        #[doc(hidden)]
        mod suite_rpcs {
            use super::*;
            use callout_contract::{events::v1 as events, types::v1 as types, $package::v1 as pb};
            use futures::stream::BoxStream;
            use tonic::{Request, Response, Status};

            /// The package's own services over the worker of its service.
            #[derive(Clone)]
            pub struct SuiteRpcs(pub $crate::Worker<$service>);

            #[tonic::async_trait]
            impl pb::feed_server::Feed for SuiteRpcs {
                type SubscribeStream = BoxStream<'static, Result<events::Event, Status>>;

                async fn subscribe(
                    &self,
                    request: Request<events::SubscribeRequest>,
                ) -> Result<Response<Self::SubscribeStream>, Status> {
                    self.0.subscribe(&request)
                }

                async fn get_backlog(
                    &self,
                    request: Request<events::GetBacklogRequest>,
                ) -> Result<Response<events::GetBacklogResponse>, Status> {
                    self.0.backlog(request).await
                }
            }

            #[tonic::async_trait]
            impl pb::clocks_server::Clocks for SuiteRpcs {
                async fn get_next_due(
                    &self,
                    request: Request<types::GetNextDueRequest>,
                ) -> Result<Response<types::GetNextDueResponse>, Status> {
                    self.0.get_next_due(request).await
                }

                async fn set_clock(
                    &self,
                    request: Request<types::SetClockRequest>,
                ) -> Result<Response<types::SetClockResponse>, Status> {
                    self.0.set_clock(request).await
                }

                async fn settle(
                    &self,
                    request: Request<types::SettleRequest>,
                ) -> Result<Response<types::SettleResponse>, Status> {
                    self.0.settle_told(request).await
                }
            }

            #[tonic::async_trait]
            impl pb::rehearsals_server::Rehearsals for SuiteRpcs {
                type RehearseStream = BoxStream<'static, Result<types::RehearseResponse, Status>>;

                async fn rehearse(
                    &self,
                    request: Request<types::RehearseRequest>,
                ) -> Result<Response<Self::RehearseStream>, Status> {
                    self.0.rehearse(request).await
                }
            }
        }
        pub use suite_rpcs::SuiteRpcs;
    };
}
