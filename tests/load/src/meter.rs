//! What the processes have used: CPU time from `/proc`, statements from `pg_stat_statements`.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use callout_fleet::Fleet;
use callout_journal::Service;
use sqlx::PgConnection;

/// How often the services are looked at until they are at rest.
const LOOK: Duration = Duration::from_millis(250);

/// What all services may use between two looks and be at rest: they look for timers and events by themselves.
const AT_REST: Duration = Duration::from_millis(25);

/// How long it is waited for that.
const REST_LIMIT: Duration = Duration::from_mins(2);

/// Looks at the processes of a fleet.
pub struct Meter {
    services: Vec<(Service, Vec<u32>)>,
    postmaster: u32,
    connection: PgConnection,
    counts_statements: bool,
}

/// What was used since the processes began, or between two readings.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// CPU time of each service, by its schema.
    pub services: BTreeMap<&'static str, Duration>,
    /// CPU time of all processes of the database.
    pub database: Duration,
    /// Statements that each service sent, BEGIN and COMMIT among them, by its schema.
    pub statements: BTreeMap<&'static str, u64>,
}

impl Used {
    /// CPU time of all services.
    pub fn of_services(&self) -> Duration {
        self.services.values().sum()
    }

    /// Statements of all services.
    pub fn all_statements(&self) -> u64 {
        self.statements.values().sum()
    }

    /// What was used since an earlier reading.
    pub fn since(&self, earlier: &Self) -> Self {
        let services = self.services.iter().map(|(service, used)| {
            (*service, used.saturating_sub(earlier.services.get(service).copied().unwrap_or_default()))
        });
        let statements = self.statements.iter().map(|(service, count)| {
            (*service, count.saturating_sub(earlier.statements.get(service).copied().unwrap_or_default()))
        });
        Self {
            services: services.collect(),
            database: self.database.saturating_sub(earlier.database),
            statements: statements.collect(),
        }
    }

    /// Adds what was used at another time.
    pub fn join(&mut self, other: &Self) {
        for (service, used) in &other.services {
            *self.services.entry(service).or_default() += *used;
        }
        for (service, count) in &other.statements {
            *self.statements.entry(service).or_default() += count;
        }
        self.database += other.database;
    }
}

impl Meter {
    /// One for the processes that run now.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn of(fleet: &Fleet, counts_statements: bool) -> Result<Self> {
        let mut services = Vec::new();
        for service in Service::ALL {
            services.push((service, fleet.process_ids(service).await));
        }
        let connection = fleet.superuser().await?;
        Ok(Self { services, postmaster: fleet.database_process_id()?, connection, counts_statements })
    }

    /// What was used so far.
    ///
    /// # Errors
    /// When a process is gone, or the database does not answer.
    pub async fn read(&mut self) -> Result<Used> {
        Ok(Used {
            services: self.services()?,
            database: of_database(self.postmaster)?,
            statements: self.statements().await?,
        })
    }

    /// Waits until the services do nothing any more but look for something to do; says how long that took.
    ///
    /// # Errors
    /// When a process is gone.
    pub async fn rest(&self) -> Result<Duration> {
        let begun = Instant::now();
        let mut before: Duration = self.services()?.values().sum();
        loop {
            tokio::time::sleep(LOOK).await;
            let now: Duration = self.services()?.values().sum();
            if now.saturating_sub(before) <= AT_REST || begun.elapsed() > REST_LIMIT {
                return Ok(begun.elapsed().saturating_sub(LOOK));
            }
            before = now;
        }
    }

    /// What each service sent so far, by service and text: how often, and for how many milliseconds the database worked on it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn texts(&mut self) -> Result<BTreeMap<(String, String), (f64, f64)>> {
        if !self.counts_statements {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<(String, String, f64, f64)> = sqlx::query_as(
            "select r.rolname::text, regexp_replace(s.query, '\\s+', ' ', 'g'), sum(s.calls)::float8, sum(s.total_exec_time)
               from pg_stat_statements s join pg_roles r on r.oid = s.userid
              where r.rolname like 'svc\\_%' group by 1, 2",
        )
        .fetch_all(&mut self.connection)
        .await?;
        Ok(rows.into_iter().map(|(role, text, calls, took)| ((role, text), (calls, took))).collect())
    }

    fn services(&self) -> Result<BTreeMap<&'static str, Duration>> {
        let used = self.services.iter().map(|(service, ids)| {
            let used = ids.iter().map(|id| Ok(Times::of(*id)?.own)).sum::<Result<Duration>>()?;
            Ok((service.schema(), used))
        });
        used.collect()
    }

    async fn statements(&mut self) -> Result<BTreeMap<&'static str, u64>> {
        if !self.counts_statements {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "select r.rolname::text, sum(s.calls)::bigint
               from pg_stat_statements s join pg_roles r on r.oid = s.userid group by 1",
        )
        .fetch_all(&mut self.connection)
        .await?;
        let of = |service: Service| {
            let row = rows.iter().find(|(role, _)| role == service.role());
            (service.schema(), row.map_or(0, |(_, calls)| calls.unsigned_abs()))
        };
        Ok(Service::ALL.into_iter().map(of).collect())
    }
}

/// The CPU times of a process, as `/proc/PID/stat` has them.
struct Times {
    parent: u32,
    own: Duration,
    of_ended_children: Duration,
}

impl Times {
    fn of(id: u32) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).with_context(|| format!("process {id} is gone"))?;
        // The name stands in parentheses and may hold anything.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let number = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        let ticks = |first: usize| {
            let hertz = rustix::param::clock_ticks_per_second();
            Duration::from_micros((number(first) + number(first + 1)) * 1_000_000 / hertz)
        };
        Ok(Self { parent: u32::try_from(number(1)).unwrap_or(0), own: ticks(11), of_ended_children: ticks(13) })
    }
}

/// CPU time of the database's first process and of all its children, those that have ended among them.
fn of_database(postmaster: u32) -> Result<Duration> {
    let first = Times::of(postmaster)?;
    let mut used = first.own + first.of_ended_children;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // Others come and go meanwhile.
        if let Ok(times) = Times::of(id)
            && times.parent == postmaster
        {
            used += times.own;
        }
    }
    Ok(used)
}
