//! What this service does because of what happened in another one.

use std::{sync::Arc, time::Duration};

use callout_contract::events::v1::{Event, SubscribeRequest};
use callout_kit::{Caller, Error, telemetry::propagation::continue_from_stored};
use futures::{Stream, StreamExt as _};
use tonic::Status;
use tracing::Instrument as _;

use crate::{
    Cursor, DatabaseResult as _, Journal, Service, TenantTx, audit,
    database_error::{Tries, settled},
    faults,
    reading::Reading,
    tenant::Access,
};

/// Wait before the first try after a failure; doubled with each failure in a row, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Longest wait between tries: a fault that is mended shall not take long to be noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Events whose effects commit together at most, when so many of one organisation have arrived. More, and other replicas
/// wait longer for their turn; fewer, and whoever lags behind catches up more slowly.
const AT_ONCE: usize = 50;

/// Follows the feed of another service, from where it left off.
///
/// For each event the handler runs in a transaction for the event's organisation, which also moves this service's place
/// in that feed: an event takes effect once, although it may be sent more than once and several replicas may follow.
/// They take turns on the row that holds the place, and followers in one process before that among themselves. Events of one
/// organisation that have arrived together share a transaction.
///
/// An event that cannot be dealt with is tried again and again, and the feed waits behind it: what comes after may rest
/// on it, and no case may be lost. It is logged each time, with the number of the try.
pub struct Follower<U, H> {
    journal: Journal,
    upstream: Service,
    reading: Arc<Reading>,
    types: Vec<String>,
    subscribe: U,
    handler: H,
}

/// An event, and the place in the feed after it.
struct Arrived {
    place: Cursor,
    event: Event,
}

impl Arrived {
    fn at(upstream: Service, event: Event) -> Result<Self, Error> {
        Ok(Self { place: Cursor::decode(upstream, &event.cursor)?, event })
    }
}

/// The place after all of them.
fn last_of(events: &[Arrived]) -> Cursor {
    events.iter().map(|arrived| arrived.place).max().unwrap_or(Cursor::START)
}

impl<U, S, H> Follower<U, H>
where
    U: AsyncFn(SubscribeRequest) -> Result<S, Status>,
    S: Stream<Item = Result<Event, Status>> + Unpin,
    H: AsyncFn(&mut TenantTx, &Event) -> Result<(), Error>,
{
    /// Follows the events of `types` (none means all) of `upstream`, which `subscribe` calls.
    ///
    /// `handler` may run more than once for an event, but commits once. Both closures own what they use.
    pub fn new(journal: Journal, upstream: Service, types: Vec<String>, subscribe: U, handler: H) -> Self {
        let reading = journal.readings().of(upstream);
        Self { journal, upstream, reading, types, subscribe, handler }
    }

    /// Follows for as long as the future is polled. It may be dropped at any time: what was under way is rolled back.
    pub async fn run(&self) {
        let mut failures = 0;
        loop {
            match self.follow(false, &mut failures).await {
                // The server ended the stream, as it does when it drains.
                Ok(()) => failures = 0,
                Err(error) => {
                    failures += 1;
                    let upstream = self.upstream.schema();
                    // One that restarts, or stops together with us, is no cause for alarm; one that stays away is.
                    if failures == 1 {
                        tracing::info!(%error, upstream, failures, "cannot follow the feed, trying again");
                    } else {
                        tracing::warn!(%error, upstream, failures, "cannot follow the feed, trying again");
                    }
                }
            }
            tokio::time::sleep(wait_after(failures)).await;
        }
    }

    /// Reads to the end once, beside `run` or without it: whatever was told before the call has had its effect then. Who calls
    /// while another call of this process reads shares the next reading with all who do. Whether everything has come to rest is
    /// what [`settling`](crate::settling) says.
    ///
    /// # Errors
    /// Those of the handler, [`Error::Upstream`] when the feed cannot be read, [`Error::Busy`] when the database is out
    /// of reach.
    pub async fn settle(&self) -> Result<(), Error> {
        self.reading.to_the_end(Box::pin(self.follow(true, &mut 0))).await
    }

    /// Deals with the events after the stored place, to the end of the stream.
    async fn follow(&self, until_end: bool, failures: &mut u32) -> Result<(), Error> {
        let place = self.place().await?;
        // The database has the last word: one that was restored may be behind what is known here.
        *self.reading.dealt_with.lock().await = place;
        let events = self.subscribe(Caller::EVERY_ORGANIZATION, place, until_end).await?;
        let mut events = events.ready_chunks(AT_ONCE);
        while let Some(arrived) = events.next().await {
            let (mut intact, mut broken) = (Vec::new(), None);
            for event in arrived {
                match event.map_err(Error::from).and_then(|event| Arrived::at(self.upstream, event)) {
                    Ok(event) => intact.push(event),
                    Err(error) => {
                        broken = Some(error);
                        break;
                    }
                }
            }
            for events in intact.chunk_by(|one, next| one.event.organization == next.event.organization) {
                self.apply(events).await?;
                *failures = 0;
            }
            if let Some(error) = broken {
                return Err(error);
            }
        }
        Ok(())
    }

    async fn subscribe(&self, organization: &str, after: Cursor, until_end: bool) -> Result<S, Error> {
        let request = SubscribeRequest {
            organization: format!("organizations/{organization}"),
            cursor: after.encode(self.upstream),
            types: self.types.clone(),
            until_end,
        };
        (self.subscribe)(request).await.map_err(Error::from)
    }

    /// Deals with events of one organisation, unless it is known that this was done. When one of several fails each is dealt
    /// with by itself, so that those before it have their effect and it is known which it was.
    async fn apply(&self, events: &[Arrived]) -> Result<(), Error> {
        let mut dealt_with = self.reading.dealt_with.lock().await;
        let last = last_of(events);
        if last <= *dealt_with && !faults::planted(faults::EFFECT_WITHOUT_FENCE) {
            return Ok(());
        }
        if events.len() > 1 {
            match self.apply_again(events).await {
                Ok(()) => {
                    *dealt_with = last;
                    return Ok(());
                }
                Err(error) => {
                    tracing::info!(%error, "some events cannot be dealt with at once, each is tried by itself");
                }
            }
        }
        for arrived in events {
            if let Err(error) = self.apply_again(std::slice::from_ref(arrived)).await {
                let event = &arrived.event;
                let _entered = self.span(event).entered();
                tracing::error!(%error, event.id, event.r#type, "an event cannot be dealt with, the feed waits behind it");
                return Err(error);
            }
            *dealt_with = arrived.place.max(*dealt_with);
        }
        Ok(())
    }

    fn span(&self, event: &Event) -> tracing::Span {
        let span = tracing::info_span!(
            "follow",
            otel.name = format!("follow {}", event.r#type),
            otel.kind = "consumer",
            messaging.message.id = event.id,
            messaging.destination.name = self.upstream.schema(),
        );
        continue_from_stored(&span, &event.traceparent);
        span
    }

    async fn apply_again(&self, events: &[Arrived]) -> Result<(), Error> {
        let mut tries = Tries::default();
        loop {
            match self.apply_once(events).await {
                Err(error) if tries.again(&error) => {}
                result => return result.map_err(settled),
            }
        }
    }

    async fn apply_once(&self, events: &[Arrived]) -> Result<(), Error> {
        let Some(Arrived { event: first, .. }) = events.first() else { return Ok(()) };
        let organization = first.organization.strip_prefix("organizations/").unwrap_or(&first.organization);
        let caller = Caller::service(self.journal.service().schema(), organization);
        let (mut tx, _) = TenantTx::open(&self.journal, Access::Write, &caller, organization, None).await?;
        let result = self.take_effect(&mut tx, &caller, events).await;
        tx.end(result).await
    }

    async fn take_effect(&self, tx: &mut TenantTx, caller: &Caller, events: &[Arrived]) -> Result<(), Error> {
        let mut dealt_with = take_turn(tx, self.upstream, last_of(events)).await?;
        for Arrived { place, event } in events {
            if dealt_with < *place || faults::planted(faults::EFFECT_WITHOUT_FENCE) {
                self.take_effect_of(tx, caller, event).instrument(self.span(event)).await?;
                // One may be sent twice, also within a moment.
                dealt_with = dealt_with.max(*place);
            }
        }
        Ok(())
    }

    async fn take_effect_of(&self, tx: &mut TenantTx, caller: &Caller, event: &Event) -> Result<(), Error> {
        tx.begin_effect();
        (self.handler)(tx, event).await?;
        let entry = audit::Entry {
            class: audit::Class::Change,
            method: &event.r#type,
            resource: &event.subject,
            cause: &event.id,
        };
        audit::append_own(tx, caller, &entry);
        Ok(())
    }

    async fn place(&self) -> Result<Cursor, Error> {
        let row: Option<(String, i32)> = sqlx::query_as("select xid::text, position from follower where name = $1")
            .bind(self.upstream.schema())
            .fetch_optional(self.journal.pool())
            .await
            .db()
            .map_err(settled)?;
        row.map_or(Ok(Cursor::START), |(xid, position)| Cursor::from_row(&xid, position))
    }
}

/// Moves the place in the feed to `last`, and waits for another replica that is at it. Says where the place was: `last` when it
/// was there or beyond.
async fn take_turn(tx: &mut TenantTx, upstream: Service, last: Cursor) -> Result<Cursor, Error> {
    let before: Option<(Option<String>, Option<i32>)> = sqlx::query_as(
        "with before as materialized (select xid, position from follower where name = $1 for update)
         insert into follower (name, xid, position) values ($1, $2::text::xid8, $3)
             on conflict (name) do update set xid = excluded.xid, position = excluded.position
          where (follower.xid, follower.position) < (excluded.xid, excluded.position)
         returning (select xid::text from before), (select position from before)",
    )
    .bind(upstream.schema())
    .bind(last.xid())
    .bind(last.position())
    .fetch_optional(tx.conn())
    .await
    .db()?;
    match before {
        None => Ok(last),
        Some((Some(xid), Some(position))) => Cursor::from_row(&xid, position),
        Some(_) => Ok(Cursor::START),
    }
}

fn wait_after(failures: u32) -> Duration {
    // Doubled nine times, the first wait is longer than the longest.
    FIRST_WAIT.saturating_mul(1 << failures.min(9)).min(LONGEST_WAIT)
}
