//! The fleet that is measured, and how a figure comes about: slices of the suite and of its twin in turns.

use std::{fs, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use callout_fleet::{Fleet, Network, Plan};
use callout_journal::Service;
use rustix::process::Signal;

use crate::{
    arguments::{Arguments, Part},
    driver::{Operation, Slice, closed},
    goals,
    meter::{Meter, Used},
    pgbench::{Pgbench, Twin},
    report::{Point, Report, Sent},
    world::{Organization, World},
};

/// How long something is done before it is measured: connections open, caches fill.
const WARM_UP: Duration = Duration::from_millis(700);

/// The settings of the private server; durability and memory are the default ones.
const COUNTED: &[&str] = &["shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track=top"];

/// The callers keep their connections: what it takes to look a name up again is no part of an operation.
const OLD_CONNECTIONS: (&str, &str) = ("CALLOUT__SERVER__CONNECTION_AGE_MS", "86400000");

/// Everything that a part needs to measure something.
pub struct Bench {
    /// What is measured, and for how long.
    pub arguments: Arguments,
    /// The processes.
    pub fleet: Fleet,
    /// Who calls them.
    pub world: World,
    /// What the processes use.
    pub meter: Meter,
    /// The twins.
    pub pgbench: Pgbench,
    /// What came of it so far.
    pub report: Report,
    /// The organisation that has grown, and how many cases it has.
    pub world_of_growth: Option<(Arc<Organization>, u64)>,
    counts_statements: bool,
    twin_of_open: Option<Twin>,
}

impl Bench {
    /// Starts everything.
    ///
    /// # Errors
    /// When there is no PostgreSQL with pgbench, or a process does not start.
    pub async fn start(arguments: Arguments) -> Result<Self> {
        let programs = tokio::task::spawn_blocking(callout_devdb::programs).await??;
        // Some systems link the server's programs into a folder of the PATH, and pgbench not.
        let server = fs::canonicalize(programs.join("postgres"))?;
        let programs = server.parent().unwrap_or(&programs).to_owned();
        let counts_statements = ["../lib", "../lib/postgresql"]
            .iter()
            .any(|folder| programs.join(folder).join("pg_stat_statements.so").exists());
        let binary = callout_fleet::binary()?;
        let pool = arguments.pool.map(|pool| pool.to_string());
        let mut settings = vec![OLD_CONNECTIONS];
        settings.extend(pool.iter().map(|pool| ("CALLOUT__DATABASE__MAX_CONNECTIONS", pool.as_str())));
        let plan = Plan {
            binary: &binary,
            replicas: 1,
            settings: &settings,
            logs: &arguments.logs,
            network: Network::Ports,
            postgresql: if counts_statements { COUNTED } else { &[] },
        };
        eprintln!("PostgreSQL and the four services are started …");
        let fleet = Fleet::start(plan).await?;
        if counts_statements {
            let mut connection = fleet.superuser().await?;
            sqlx::raw_sql("create extension pg_stat_statements").execute(&mut connection).await?;
        }
        let pgbench = Pgbench::start(&fleet, &programs).await?;
        let world = World::of(&fleet)?;
        world.ready(Service::Intake).await?;
        let meter = Meter::of(&fleet, counts_statements).await?;
        let report = Report::new(&arguments, &fleet).await?;
        let (world_of_growth, twin_of_open) = (None, None);
        Ok(Self { arguments, fleet, world, meter, pgbench, report, world_of_growth, counts_statements, twin_of_open })
    }

    /// Whether a part was asked for.
    pub fn wants(&self, part: Part) -> bool {
        self.arguments.only.is_empty() || self.arguments.only.contains(&part)
    }

    /// How long a slice takes.
    pub fn slice(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }

    /// An organisation of this name with a pack and a machine in warranty.
    ///
    /// # Errors
    /// When a call is refused.
    pub async fn organization(&self, id: &str) -> Result<Arc<Organization>> {
        Ok(Arc::new(self.world.open(&self.fleet, id).await?))
    }

    /// Starts the processes again, with the settings that were changed since.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        for replica in 0..self.fleet.replicas() {
            self.fleet.signal(replica, Signal::TERM).await?;
            self.fleet.start_again(replica).await?;
        }
        for service in Service::ALL {
            self.world.ready(service).await?;
        }
        self.meter = Meter::of(&self.fleet, self.counts_statements).await?;
        Ok(())
    }

    /// The twin of opening a case, with rows as large as those that it writes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn twin_of_open(&mut self) -> Result<Twin> {
        if let Some(twin) = &self.twin_of_open {
            return Ok(twin.clone());
        }
        let organization = self.organization("sample").await?;
        organization.open_case().await.context("a case cannot be opened")?;
        let mut connection = self.fleet.superuser().await?;
        let (document, payload): (String, String) = sqlx::query_as(
            "select c.document::text, e.payload::text
               from intake.service_case c join intake.event e using (organization)
              where organization = 'sample' and e.type = 'callout.intake.v1.CaseReceived' limit 1",
        )
        .fetch_one(&mut connection)
        .await?;
        self.report.note(format!(
            "A case is {} bytes of JSON, its event {} bytes.",
            document.len(),
            payload.len().saturating_sub(2) / 2
        ));
        Ok(self.twin_of_open.insert(Twin::two_inserts(&document, &payload)).clone())
    }

    /// Measures an operation beside its twin, in turns, and adds the figure to the report.
    ///
    /// # Errors
    /// When the twin fails, or nothing at all was done.
    pub async fn measure(
        &mut self,
        name: &str,
        clients: usize,
        operation: &Arc<dyn Operation>,
        twin: &Twin,
    ) -> Result<Point> {
        eprintln!("{name}, {clients} clients …");
        operation.prepare(clients, WARM_UP).await?;
        closed(operation, clients, WARM_UP).await;
        // As the server does by itself with a database that has lived for a while.
        sqlx::raw_sql("analyze").execute(&mut self.fleet.superuser().await?).await?;
        self.meter.rest().await?;
        let (mut ours, mut theirs) = (Slice::default(), Slice::default());
        let (mut used, mut used_by_twin, mut rest) = (Used::default(), Used::default(), Duration::ZERO);
        for round in 0..self.arguments.rounds {
            // Whoever comes first in one round comes last in the next.
            for first in [true, false] {
                if first == (round % 2 == 0) {
                    let (slice, cost, rested) = self.slice_of(operation, clients).await?;
                    ours.span += slice.span;
                    ours.join(&slice);
                    used.join(&cost);
                    rest = rest.max(rested);
                } else {
                    let (slice, cost) = self.slice_of_twin(twin, clients).await?;
                    theirs.span += slice.span;
                    theirs.join(&slice);
                    used_by_twin.join(&cost);
                }
            }
        }
        let point = Point::new(name, clients, &ours, &used, rest).beside(twin.name, &theirs, &used_by_twin);
        eprintln!("  {}", point.line());
        self.report.points.push(point.clone());
        Ok(point)
    }

    /// One slice of an operation, with all that it costs: also what the services do about it afterwards.
    ///
    /// # Errors
    /// When it cannot be prepared, or a process is gone.
    pub async fn slice_of(
        &mut self,
        operation: &Arc<dyn Operation>,
        clients: usize,
    ) -> Result<(Slice, Used, Duration)> {
        operation.prepare(clients, self.slice()).await?;
        self.meter.rest().await?;
        let before = self.meter.read().await?;
        let slice = closed(operation, clients, self.slice()).await;
        let rest = self.meter.rest().await?;
        let used = self.meter.read().await?.since(&before);
        Ok((slice, used, rest))
    }

    /// Adds to the report which statements an operation causes, in a slice of their own.
    ///
    /// # Errors
    /// As [`Self::slice_of`].
    pub async fn list_statements(&mut self, name: &str, clients: usize, operation: &Arc<dyn Operation>) -> Result<()> {
        operation.prepare(clients, self.slice()).await?;
        self.meter.rest().await?;
        let before = self.meter.texts().await?;
        let slice = closed(operation, clients, self.slice()).await;
        self.meter.rest().await?;
        let done = slice.done.max(1) as f64;
        let mut sent: Vec<Sent> = (self.meter.texts().await?.into_iter())
            .map(|((service, statement), (calls, took))| {
                let key = (service, statement);
                let (earlier, took_earlier) = before.get(&key).copied().unwrap_or_default();
                let (service, statement) = key;
                let (each, each_ms) = ((calls - earlier) / done, (took - took_earlier) / done);
                Sent { operation: name.to_owned(), clients, service, statement, each, each_ms }
            })
            .filter(|sent| sent.each >= 0.05)
            .collect();
        sent.sort_by(|one, other| other.each.total_cmp(&one.each).then(other.each_ms.total_cmp(&one.each_ms)));
        self.report.sent.extend(sent);
        Ok(())
    }

    /// One slice of a twin.
    ///
    /// # Errors
    /// When pgbench fails.
    pub async fn slice_of_twin(&mut self, twin: &Twin, clients: usize) -> Result<(Slice, Used)> {
        let before = self.meter.read().await?;
        let slice = self.pgbench.run(twin, clients, self.slice()).await?;
        Ok((slice, self.meter.read().await?.since(&before)))
    }

    /// Stops everything and tells what came of it.
    ///
    /// # Errors
    /// When a process does not stop, or the figures cannot be written.
    pub async fn finish(self) -> Result<std::process::ExitCode> {
        let Self { arguments, fleet, mut report, meter, .. } = self;
        report.goals = goals::of(&report);
        drop(meter);
        fleet.stop().await?;
        if let Some(folder) = arguments.out.parent() {
            fs::create_dir_all(folder)?;
        }
        let figures = serde_json::to_string_pretty(&report)? + "\n";
        fs::write(&arguments.out, &figures)?;
        if let Some(results) = &arguments.results {
            let beside = results.with_extension("json");
            fs::write(results, report.page(&beside))?;
            fs::write(beside, figures)?;
        }
        report.print(&arguments.out);
        Ok(std::process::ExitCode::SUCCESS)
    }
}
