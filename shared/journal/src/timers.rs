//! What is to be done later: limits about to fall due, overdue slips, surveys, recurring visits.
//!
//! A timer and what is done when it runs commit together, so it is done once. In a live organisation any replica may do
//! it: a worker leases due timers, which puts each off by its back-off, and completes one only while its lease is the
//! last. In a sandbox timers run when its owner moves the clock, in order, and nothing runs by itself.

use std::time::Duration;

use callout_kit::{Caller, Error, clock};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use tracing::Instrument as _;

use crate::{
    DatabaseResult as _, Journal, TenantTx, audit,
    closing::Scheduled,
    database_error::{Tries, settled},
    organizations::move_clock,
    settling::{self, Standing},
    tenant::Access,
};

/// Wait of an idle worker before it looks for due timers again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Timers leased at a time. They are worked on one after another: too many, and the leases of the last ones run out
/// before their turn.
const LEASED_AT_ONCE: i32 = 10;

/// Something to be done later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// The id of the organisation.
    pub organization: String,
    /// Names the timer within the organisation and service, such as `cases/{case}/limits.arrival`.
    pub key: String,
    /// What is to be done, a word of the service's.
    pub kind: String,
    /// The resource that it concerns.
    pub subject: String,
    /// When it is to be done.
    pub run_at: Timestamp,
    /// What else the service needs to know then.
    pub payload: Vec<u8>,
    /// Which try this is, from 1.
    pub attempt: i32,
    id: i64,
}

/// A timer that is to be set.
#[derive(Clone, Copy, Debug)]
pub struct Schedule<'a> {
    /// As in [`Timer::key`].
    pub key: &'a str,
    /// As in [`Timer::kind`].
    pub kind: &'a str,
    /// As in [`Timer::subject`].
    pub subject: &'a str,
    /// As in [`Timer::run_at`]; a time that is past runs at once.
    pub run_at: Timestamp,
    /// As in [`Timer::payload`].
    pub payload: &'a [u8],
}

type Row = (String, String, i64, String, String, jiff_sqlx::Timestamp, Vec<u8>, i32);

impl From<Row> for Timer {
    fn from((organization, key, id, kind, subject, run_at, payload, attempt): Row) -> Self {
        Self { organization, key, kind, subject, run_at: run_at.to_jiff(), payload, attempt, id }
    }
}

/// Sets a timer, or moves the one of the same key: it is then a new timer, whatever became of the old one. Written when the
/// transaction ends.
pub fn schedule(tx: &mut TenantTx, timer: Schedule<'_>) {
    let closing = tx.closing();
    closing.scheduled.retain(|scheduled| scheduled.key != timer.key);
    closing.cancelled.retain(|cancelled| cancelled != timer.key);
    closing.scheduled.push(Scheduled {
        key: timer.key.to_owned(),
        kind: timer.kind.to_owned(),
        subject: timer.subject.to_owned(),
        run_at: timer.run_at,
        payload: timer.payload.to_vec(),
    });
}

/// Drops a timer, if there is one of this key, when the transaction ends.
pub fn cancel(tx: &mut TenantTx, key: &str) {
    let closing = tx.closing();
    closing.scheduled.retain(|scheduled| scheduled.key != key);
    if !closing.cancelled.iter().any(|cancelled| cancelled == key) {
        closing.cancelled.push(key.to_owned());
    }
}

/// Moves the clock of a sandbox to `now` and runs what is due on the way, in order of `run_at`, then of scheduling; what
/// a timer schedules takes its place in that order. Says how far the service is then.
///
/// Each runs at its own time: the clock, and with it [`TenantTx::now`], moves from one to the next.
///
/// # Errors
/// The first error of `handler`: the timer is still set then, and the clock stands where it was before it.
/// [`Error::NotFound`] for an organisation that this service does not know, [`Error::ClockFixed`] for a live one.
pub async fn fire_due(
    journal: &Journal,
    organization: &str,
    now: Timestamp,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<Standing, Error> {
    let caller = Caller::service(journal.service().schema(), organization);
    let mut tries = Tries::default();
    loop {
        match fire_first(journal, &caller, now, handler).await {
            Ok(None) => tries = Tries::default(),
            Ok(Some(standing)) => return Ok(standing),
            Err(error) if tries.again(&error) => {}
            Err(error) => return Err(settled(error)),
        }
    }
}

/// Runs the first timer of a sandbox that is due by `now`; without one moves the clock to `now` and says how far the service
/// is then.
async fn fire_first(
    journal: &Journal,
    caller: &Caller,
    now: Timestamp,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<Option<Standing>, Error> {
    let passed = settling::pass_time(journal, &caller.organization, now).await?;
    if passed.is_some() {
        return Ok(passed);
    }
    let (mut tx, _) = TenantTx::open(journal, Access::Write, caller, &caller.organization, None).await?;
    let result = move_and_run(&mut tx, caller, now, handler).await;
    tx.end(result).await?;
    Ok(None)
}

async fn move_and_run(
    tx: &mut TenantTx,
    caller: &Caller,
    now: Timestamp,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<(), Error> {
    // The clock's row first: two who move it wait for each other, and each sees what the other has left.
    let before = tx.now();
    move_clock(tx, before).await?;
    // Nothing when another one who moved the clock was at it meanwhile.
    let Some(timer) = take_first(tx, now).await? else { return Ok(()) };
    move_clock(tx, timer.run_at).await?;
    run_timer(tx, caller, &timer, handler).await
}

/// Runs the timers of live organisations as they fall due, for as long as the future is polled. It may be dropped at any
/// time; any number of workers may run, here and in other replicas.
pub async fn run(journal: &Journal, handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>) {
    loop {
        match work(journal, clock::system_now(), handler).await {
            Ok(0) => tokio::time::sleep(LOOK_AGAIN).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot look for due timers, trying again");
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        }
    }
}

/// One round of [`run`] as of `now`: leases some due timers and works on them. Returns how many it leased.
///
/// A timer that fails is logged and left to a later round, after its back-off.
///
/// # Errors
/// [`Error::Busy`] when the database is out of reach.
pub async fn work(
    journal: &Journal,
    now: Timestamp,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<usize, Error> {
    let leased = lease(journal, now).await?;
    for timer in &leased {
        if let Err(error) = complete(journal, timer, handler).await {
            tracing::error!(
                %error,
                timer.key,
                timer.kind,
                timer.attempt,
                "a timer failed, it is tried again after its back-off",
            );
        }
    }
    Ok(leased.len())
}

/// Takes due timers of live organisations for a while: nobody else gets them before their back-off is over.
///
/// # Errors
/// [`Error::Busy`] when the database is out of reach.
pub async fn lease(journal: &Journal, now: Timestamp) -> Result<Vec<Timer>, Error> {
    let lease = async {
        let mut tx = journal.begin(Access::Write).await?;
        let rows: Vec<Row> = sqlx::query_as("select * from lease_timers($1, $2)")
            .bind(now.to_sqlx())
            .bind(LEASED_AT_ONCE)
            .fetch_all(&mut *tx)
            .await
            .db()?;
        tx.commit().await.db()?;
        Ok(rows)
    };
    Ok(lease.await.map_err(settled)?.into_iter().map(Timer::from).collect())
}

/// Runs a leased timer; false when the lease is not the last one any more: the timer was moved, dropped, or leased to
/// another worker because this one took too long.
///
/// # Errors
/// Those of `handler`.
pub async fn complete(
    journal: &Journal,
    timer: &Timer,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<bool, Error> {
    let caller = Caller::service(journal.service().schema(), timer.organization.as_str());
    let span = tracing::info_span!("timer", otel.name = format!("timer {}", timer.kind), timer.key, timer.attempt);
    let mut tries = Tries::default();
    loop {
        match complete_once(journal, &caller, timer, handler).instrument(span.clone()).await {
            Err(error) if tries.again(&error) => {}
            result => return result.map_err(settled),
        }
    }
}

async fn complete_once(
    journal: &Journal,
    caller: &Caller,
    timer: &Timer,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<bool, Error> {
    let (mut tx, _) = TenantTx::open(journal, Access::Write, caller, &timer.organization, None).await?;
    let result = run_leased(&mut tx, caller, timer, handler).await;
    tx.end(result).await
}

async fn run_leased(
    tx: &mut TenantTx,
    caller: &Caller,
    timer: &Timer,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<bool, Error> {
    // The row stays locked to the end: a worker that is slow, but at it, is not overtaken.
    let held = sqlx::query("delete from timer where organization = $1 and key = $2 and timer_id = $3 and attempt = $4")
        .bind(&timer.organization)
        .bind(&timer.key)
        .bind(timer.id)
        .bind(timer.attempt)
        .execute(tx.conn())
        .await
        .db()?;
    if held.rows_affected() == 0 {
        return Ok(false);
    }
    run_timer(tx, caller, timer, handler).await?;
    Ok(true)
}

/// Removes the first timer that is due.
async fn take_first(tx: &mut TenantTx, now: Timestamp) -> Result<Option<Timer>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "delete from timer
          where organization = $1 and key = (
                select key from timer where organization = $1 and run_at <= $2 order by run_at, timer_id limit 1)
         returning organization, key, timer_id, kind, subject, run_at, payload, attempt + 1",
    )
    .bind(tx.organization_id().to_owned())
    .bind(now.to_sqlx())
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(row.map(Timer::from))
}

async fn run_timer(
    tx: &mut TenantTx,
    caller: &Caller,
    timer: &Timer,
    handler: &impl AsyncFn(&mut TenantTx, &Timer) -> Result<(), Error>,
) -> Result<(), Error> {
    handler(tx, timer).await?;
    let entry =
        audit::Entry { class: audit::Class::Change, method: &timer.kind, resource: &timer.subject, cause: &timer.key };
    audit::append_own(tx, caller, &entry);
    Ok(())
}
