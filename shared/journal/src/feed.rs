//! What this service has told, read in order.

use std::time::Duration;

use callout_contract::events::v1::Event;
use callout_kit::{Caller, Error, parse};
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream};
use sqlx::{FromRow as _, PgExecutor, Row as _, postgres::PgRow};
use tokio::time::{Instant, sleep_until};
use uuid::Uuid;

use crate::{Cursor, DatabaseResult as _, Journal, Service, database_error::settled};

/// Events read at a time.
const PAGE_SIZE: i32 = 500;

/// How closely the looks of a reader who waits follow one another. What happens in between is read together, and a follower
/// deals with it in one transaction; an event after a while of silence is read at once.
const PACE: Duration = Duration::from_millis(20);

/// Whose events are read, which of them, and from where on.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Who reads.
    pub caller: Caller,
    /// The id of the organisation, or [`Caller::EVERY_ORGANIZATION`].
    pub organization: String,
    /// The place after which to begin.
    pub after: Cursor,
    /// Types wanted; none means all.
    pub types: Vec<String>,
}

/// Some events in order.
#[derive(Clone, Debug)]
pub struct Page {
    /// Each with its cursor.
    pub events: Vec<Event>,
    /// The place up to which all events are among them: where to go on, behind others that were not asked for.
    pub read_to: Cursor,
    /// Whether there is nothing after them. False while events are committed that cannot be read yet, because an older
    /// transaction is still running (anywhere on the server) and may write some that come before.
    pub at_end: bool,
}

type Row = (String, i32, Uuid, String, String, String, Vec<u8>, String, jiff_sqlx::Timestamp, jiff_sqlx::Timestamp);

/// The columns of a row, the transaction id as text.
macro_rules! page_of {
    ($function:literal) => {
        concat!(
            "select xid::text, position, event_id, organization, subject, type, payload, traceparent, occurred_at, ",
            "recorded_at, at_end from ",
            $function,
            "($1::text::xid8, $2, $3, $4)"
        )
    };
}

/// The next `limit` events of a subscription.
///
/// # Errors
/// [`Error::NotFound`] when the caller asks for an organisation, or for all, and may not; [`Error::Busy`] when the
/// database is out of reach.
pub async fn page(journal: &Journal, subscription: &Subscription, limit: i32) -> Result<Page, Error> {
    let service = journal.service();
    let Subscription { caller, organization, .. } = subscription;
    if organization == Caller::EVERY_ORGANIZATION {
        caller.require_every_organization()?;
        let page = select(journal.pool(), page_of!("read_feed_of_all"), service, subscription, limit);
        return page.await.map_err(settled);
    }
    let wanted = subscription.clone();
    let read =
        async move |tx: &mut crate::TenantTx| select(tx.conn(), page_of!("read_feed"), service, &wanted, limit).await;
    journal.read(caller, organization, read).await
}

async fn select(
    executor: impl PgExecutor<'_>,
    statement: &'static str,
    service: Service,
    subscription: &Subscription,
    limit: i32,
) -> Result<Page, Error> {
    let mut rows = sqlx::query(statement)
        .bind(subscription.after.xid())
        .bind(subscription.after.position())
        .bind(&subscription.types)
        .bind(limit)
        .fetch_all(executor)
        .await
        .db()?;
    let last = if is_full(rows.len(), limit) { None } else { rows.pop() };
    let events: Vec<Event> =
        rows.iter().map(|row| event(service, Row::from_row(row).db()?)).collect::<Result<_, _>>()?;
    let (read_to, at_end) = match (last, events.last()) {
        (Some(last), _) => (place(&last)?, last.try_get("at_end").db()?),
        (None, Some(last)) => (Cursor::decode(service, &last.cursor)?, false),
        (None, None) => (subscription.after, false),
    };
    Ok(Page { events, read_to, at_end })
}

fn place(row: &PgRow) -> Result<Cursor, Error> {
    let xid: String = row.try_get("xid").db()?;
    Cursor::from_row(&xid, row.try_get("position").db()?)
}

fn event(service: Service, row: Row) -> Result<Event, Error> {
    let (xid, position, id, organization, subject, kind, payload, traceparent, occurred_at, recorded_at) = row;
    Ok(Event {
        id: id.to_string(),
        organization: format!("organizations/{organization}"),
        subject,
        occurred_at: Some(parse::to_timestamp(occurred_at.to_jiff())),
        recorded_at: Some(parse::to_timestamp(recorded_at.to_jiff())),
        traceparent,
        payload: Some(prost_types::Any { type_url: format!("type.googleapis.com/{kind}"), value: payload }),
        r#type: kind,
        cursor: Cursor::from_row(&xid, position)?.encode(service),
    })
}

/// The events of a subscription as they come, or only to the end when `until_end` is set: every event that was committed
/// before the call is read by then.
///
/// The stream ends with the first error; the reader goes on from the cursor of the last event that it dealt with.
pub fn subscribe(
    journal: &Journal,
    subscription: Subscription,
    until_end: bool,
) -> impl Stream<Item = Result<Event, Error>> + Send + use<> {
    // Hears from before the first look: what comes after the look has been announced, and is not missed.
    let ear = journal.wakeup().ear(subscription.types.clone());
    let reader =
        Reader { journal: journal.clone(), ear, subscription, until_end, at_end: false, not_before: Instant::now() };
    stream::try_unfold(Some(reader), |reader| async move {
        match reader {
            Some(reader) => reader.next().await,
            None => Ok(None),
        }
    })
    .map_ok(|events| stream::iter(events).map(Ok))
    .try_flatten()
}

struct Reader {
    journal: Journal,
    ear: crate::wakeup::Ear,
    subscription: Subscription,
    until_end: bool,
    /// Whether the last look found the end, so that there is nothing to see before the next announcement.
    at_end: bool,
    /// When the next look may be.
    not_before: Instant,
}

impl Reader {
    /// The next events, and who reads on; nobody at the end.
    async fn next(mut self) -> Result<Option<(Vec<Event>, Option<Self>)>, Error> {
        loop {
            if self.at_end {
                self.ear.next_look(true).await;
            }
            sleep_until(self.not_before).await;
            let looked_at = Instant::now();
            let Page { events, read_to, at_end } = page(&self.journal, &self.subscription, PAGE_SIZE).await?;
            self.subscription.after = read_to;
            self.at_end = at_end;
            if !self.until_end && !is_full(events.len(), PAGE_SIZE) {
                self.not_before = looked_at + PACE;
            }
            let end = at_end && self.until_end;
            if end || !events.is_empty() {
                return Ok(Some((events, (!end).then_some(self))));
            }
            if !at_end {
                self.ear.next_look(false).await;
            }
        }
    }
}

/// Whether as many events were read as were asked for: there may be more.
fn is_full(read: usize, limit: i32) -> bool {
    i32::try_from(read).is_ok_and(|read| read >= limit)
}
