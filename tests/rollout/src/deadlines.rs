//! Deadlines that must expire, and what the clients see of it.

use std::time::Duration;

use anyhow::Result;
use callout_journal::Service;
use rustix::process::Signal;
use serde_json::json;
use sqlx::Connection as _;

use crate::{
    Arguments,
    call::{Call, OK, Outcome, Pace},
    clients::{Clients, Kind},
    report::Part,
    stage::{Stage, get_organization, subscribe},
};

/// Time for a call that nobody answers: less than the second after which who waits for a connection to the database is told
/// that the service is busy.
const DEADLINE: Duration = Duration::from_millis(500);

/// How long a process is stopped, and how long it is called before.
const STOPPED: Duration = Duration::from_secs(3);

/// Calls of each kind, all at once.
const AT_ONCE: u64 = 10;

/// Between two calls to replicas that will be stopped.
const EVERY: Duration = Duration::from_millis(50);

/// The code that an expired deadline must have.
const EXPIRED: &str = "DEADLINE_EXCEEDED";

/// Lets deadlines expire in three ways.
///
/// # Errors
/// When the instrument itself fails.
pub async fn run(clients: &Clients, arguments: &Arguments) -> Result<Part> {
    let settings = arguments.settings();
    let stage = Stage::start(clients, 1, &settings, &arguments.logs()).await?;
    let world = stage.settle().await?;
    let mut part = Part::new("deadlines", json!({}));
    part.ran_on(stage.fleet()).await?;
    part.line(format!("{:<40} {:<8} {}", "what does not answer", "client", "calls by code"));

    eprintln!("streams that are read for longer than their deadline");
    let outcomes = at_once(&stage, subscribe()).await?;
    told(&mut part, "a stream without an end", &outcomes, false);

    eprintln!("calls that wait for a lock in the database");
    let mut connection = stage.fleet().superuser().await?;
    let mut transaction = connection.begin().await?;
    sqlx::query("lock table intake.product in access exclusive mode").execute(&mut *transaction).await?;
    let outcomes = at_once(&stage, world.get_product()).await?;
    transaction.rollback().await?;
    told(&mut part, "a service that waits for a lock", &outcomes, false);

    eprintln!("calls to a process that is stopped");
    let every = Pace::EveryUs(u64::try_from(EVERY.as_micros()).unwrap_or(u64::MAX));
    let working = stage.start_clients(|_| stage.task(vec![get_organization()], DEADLINE, every))?;
    tokio::time::sleep(STOPPED).await;
    for replica in stage.replicas_of(Service::Intake) {
        stage.fleet().signal(replica, Signal::STOP).await?;
    }
    tokio::time::sleep(STOPPED).await;
    for replica in stage.replicas_of(Service::Intake) {
        stage.fleet().signal(replica, Signal::CONT).await?;
    }
    let mut outcomes = Vec::new();
    for (kind, client) in working {
        outcomes.push((kind, client.ended().await?));
    }
    told(&mut part, "a process that is stopped for three seconds", &outcomes, true);
    stage.stop().await?;
    Ok(part)
}

async fn at_once(stage: &Stage<'_>, call: Call) -> Result<Vec<(Kind, Outcome)>> {
    let working = stage.start_clients(|_| stage.task(vec![call.clone()], DEADLINE, Pace::AtOnce(AT_ONCE)))?;
    let mut outcomes = Vec::new();
    for (kind, client) in working {
        outcomes.push((kind, client.ended().await?));
    }
    Ok(outcomes)
}

/// Every call must have expired; those that were answered before and after do not count where there are such.
fn told(part: &mut Part, what: &str, outcomes: &[(Kind, Outcome)], some_are_answered: bool) {
    for (kind, outcome) in outcomes {
        let codes = outcome.by_code();
        let words: Vec<String> = codes.iter().map(|(code, count)| format!("{count} {code}")).collect();
        part.line(format!("{what:<40} {kind:<8} {}", words.join(", ")));
        let expired = codes.contains_key(EXPIRED);
        let others = codes.keys().any(|code| code != EXPIRED && !(some_are_answered && code == OK));
        part.must(expired && !others, &format!("{kind}: {what} is {EXPIRED}"));
        for failure in outcome.failures.iter().filter(|failure| failure.code != EXPIRED) {
            eprintln!("{kind} {} {}: {}", failure.path, failure.code, failure.message);
        }
    }
    part.add(what, json!(outcomes.iter().map(|(_, outcome)| outcome).collect::<Vec<_>>()));
}
