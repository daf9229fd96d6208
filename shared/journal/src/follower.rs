//! What this service does because of what happened in another one.

use std::time::Duration;

use callout_contract::events::v1::{Event, SubscribeRequest};
use callout_kit::{Caller, Error, telemetry::propagation::continue_from_stored};
use futures::{Stream, StreamExt as _};
use tonic::Status;
use tracing::Instrument as _;

use crate::{
    Cursor, DatabaseResult as _, Journal, Service, TenantTx, audit,
    database_error::{Tries, settled},
    faults,
    tenant::Access,
};

/// Wait before the first try after a failure; doubled with each failure in a row, up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);

/// Longest wait between tries: a fault that is mended shall not take long to be noticed.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Follows the feed of another service, from where it left off.
///
/// For each event the handler runs in a transaction for the event's organisation, which also moves this service's place
/// in that feed: an event takes effect once, although it may be sent more than once and several replicas may follow.
/// They take turns, event by event, on the row that holds the place.
///
/// An event that cannot be dealt with is tried again and again, and the feed waits behind it: what comes after may rest
/// on it, and no case may be lost. It is logged each time, with the number of the try.
pub struct Follower<U, H> {
    journal: Journal,
    upstream: Service,
    types: Vec<String>,
    subscribe: U,
    handler: H,
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
        Self { journal, upstream, types, subscribe, handler }
    }

    /// Follows for as long as the future is polled. It may be dropped at any time: what was under way is rolled back.
    pub async fn run(&self) {
        let mut failures = 0;
        loop {
            match self.follow(false, &mut failures).await {
                // The server ended the stream, as it does when it drains.
                Ok(_) => failures = 0,
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

    /// Reads to the end once, beside `run` or without it: whatever was told before the call has had its effect then. Returns
    /// how many events it read, for all organisations; those that `run` or another replica was at meanwhile may be among
    /// them or not. Whether everything has come to rest is what [`settling`](crate::settling) says.
    ///
    /// # Errors
    /// Those of the handler, [`Error::Upstream`] when the feed cannot be read, [`Error::Busy`] when the database is out
    /// of reach.
    pub async fn settle(&self) -> Result<usize, Error> {
        self.follow(true, &mut 0).await
    }

    /// Deals with the events after the stored place, to the end of the stream; returns how many came.
    async fn follow(&self, until_end: bool, failures: &mut u32) -> Result<usize, Error> {
        let mut events = self.subscribe(Caller::EVERY_ORGANIZATION, self.place().await?, until_end).await?;
        let mut read = 0;
        while let Some(event) = events.next().await {
            self.apply(&event.map_err(Error::from)?).await?;
            *failures = 0;
            read += 1;
        }
        Ok(read)
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

    async fn apply(&self, event: &Event) -> Result<(), Error> {
        let span = tracing::info_span!(
            "follow",
            otel.name = format!("follow {}", event.r#type),
            otel.kind = "consumer",
            messaging.message.id = event.id,
            messaging.destination.name = self.upstream.schema(),
        );
        continue_from_stored(&span, &event.traceparent);
        let applied = self.apply_again(event).instrument(span.clone()).await;
        if let Err(error) = &applied {
            let _entered = span.enter();
            tracing::error!(%error, event.id, event.r#type, "an event cannot be dealt with, the feed waits behind it");
        }
        applied
    }

    async fn apply_again(&self, event: &Event) -> Result<(), Error> {
        let mut tries = Tries::default();
        loop {
            match self.apply_once(event).await {
                Err(error) if tries.again(&error) => {}
                result => return result.map_err(settled),
            }
        }
    }

    async fn apply_once(&self, event: &Event) -> Result<(), Error> {
        let place = Cursor::decode(self.upstream, &event.cursor)?;
        let organization = event.organization.strip_prefix("organizations/").unwrap_or(&event.organization);
        let caller = Caller::service(self.journal.service().schema(), organization);
        let (mut tx, _) = TenantTx::open(&self.journal, Access::Write, &caller, organization, None).await?;
        let result = self.take_effect(&mut tx, &caller, place, event).await;
        tx.end(result).await
    }

    async fn take_effect(&self, tx: &mut TenantTx, caller: &Caller, place: Cursor, event: &Event) -> Result<(), Error> {
        if !take_turn(tx, self.upstream, place).await? && !faults::planted(faults::EFFECT_WITHOUT_FENCE) {
            return Ok(());
        }
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

/// Moves the place in the feed past the event at `place`, and waits for another replica that is at it. False when the
/// event was dealt with already.
async fn take_turn(tx: &mut TenantTx, upstream: Service, place: Cursor) -> Result<bool, Error> {
    let moved = sqlx::query(
        "insert into follower (name, xid, position) values ($1, $2::text::xid8, $3)
             on conflict (name) do update set xid = excluded.xid, position = excluded.position
          where (follower.xid, follower.position) < (excluded.xid, excluded.position)",
    )
    .bind(upstream.schema())
    .bind(place.xid())
    .bind(place.position())
    .execute(tx.conn())
    .await
    .db()?;
    Ok(moved.rows_affected() > 0)
}

fn wait_after(failures: u32) -> Duration {
    // Doubled nine times, the first wait is longer than the longest.
    FIRST_WAIT.saturating_mul(1 << failures.min(9)).min(LONGEST_WAIT)
}
