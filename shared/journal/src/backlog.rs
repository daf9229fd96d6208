//! How far behind somebody is who follows this service, and what waits here for the service itself.

use std::collections::HashMap;

use callout_kit::{Caller, Error};
use jiff::{SignedDuration, Timestamp};
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;

use crate::{
    Cursor, DatabaseResult as _, Journal, Service, TenantTx, database_error::settled, feed::Subscription,
    tenant::Access,
};

/// Events that are counted at most: who is that far behind need not know how much further.
const MOST: i32 = 10_000;

/// A timer that has been due for longer is late: an idle worker looks every second.
const LATE_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// How far behind somebody is who has dealt with everything up to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Events after the place, counted up to 10,000.
    pub events: i32,
    /// How long the oldest of them has been there, by the clock of the server; none when there is none.
    pub oldest_age: Option<SignedDuration>,
}

/// What a service has not done yet, of all organisations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Timers of live organisations whose time has come.
    pub timers_due: u64,
    /// Those of them whose time came more than a minute ago.
    pub timers_late: u64,
    /// How far it has read the feeds that it follows; one of which it has read nothing is not among them.
    pub places: HashMap<Service, Cursor>,
}

/// How far behind somebody is who reads by this subscription.
///
/// # Errors
/// As [`feed::page`](crate::feed::page).
pub async fn behind(journal: &Journal, subscription: &Subscription) -> Result<Backlog, Error> {
    let Subscription { caller, organization, .. } = subscription;
    if organization == Caller::EVERY_ORGANIZATION {
        caller.require_every_organization()?;
        let read = async {
            let mut tx = journal.begin(Access::Read).await?;
            let counted = count(&mut tx, "select * from feed_backlog_of_all($1::text::xid8, $2, $3, $4)", subscription);
            let backlog = counted.await?;
            tx.commit().await.db()?;
            Ok(backlog)
        };
        return read.await.map_err(settled);
    }
    let asked = subscription.clone();
    let read = async move |tx: &mut TenantTx| {
        count(tx.conn(), "select * from feed_backlog($1::text::xid8, $2, $3, $4)", &asked).await
    };
    journal.read(caller, organization, read).await
}

async fn count(tx: &mut PgConnection, statement: &'static str, of: &Subscription) -> Result<Backlog, Error> {
    let (events, oldest_ms): (i64, i64) = sqlx::query_as(statement)
        .bind(of.after.xid())
        .bind(of.after.position())
        .bind(&of.types)
        .bind(MOST)
        .fetch_one(tx)
        .await
        .db()?;
    let oldest_age = (events > 0).then_some(SignedDuration::from_millis(oldest_ms));
    Ok(Backlog { events: i32::try_from(events).unwrap_or(MOST), oldest_age })
}

/// Timers due, those of them that are late, and a follower's place: its name, transaction and position. A row for each
/// follower, or one without a place.
type WaitingRow = (i64, i64, Option<String>, Option<String>, Option<i32>);

/// What waits as of `as_of`. The transaction may be one for [`Caller::EVERY_ORGANIZATION`].
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn waiting(tx: &mut TenantTx, as_of: Timestamp) -> Result<Waiting, Error> {
    let rows: Vec<WaitingRow> = sqlx::query_as(
        "select due, late, name, xid::text, position from timers_due($1, $2) left join follower on true",
    )
    .bind(as_of.to_sqlx())
    .bind((as_of - LATE_AFTER).to_sqlx())
    .fetch_all(tx.conn())
    .await
    .db()?;
    let mut waiting = Waiting { timers_due: 0, timers_late: 0, places: HashMap::new() };
    for (due, late, name, xid, position) in rows {
        waiting.timers_due = u64::try_from(due).unwrap_or_default();
        waiting.timers_late = u64::try_from(late).unwrap_or_default();
        let upstream = Service::ALL.into_iter().find(|upstream| Some(upstream.schema()) == name.as_deref());
        if let (Some(upstream), Some(xid), Some(position)) = (upstream, xid, position) {
            waiting.places.insert(upstream, Cursor::from_row(&xid, position)?);
        }
    }
    Ok(waiting)
}
