//! A service's access to its schema.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use callout_kit::{
    Caller, Error,
    metrics::{self, Meter, Metrics},
};
use sqlx::{
    Connection as _,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};
use tracing::Instrument as _;

use crate::{
    DatabaseResult as _, Service, TenantTx, database_error::settled, numbers::Dispenser, reading::Readings,
    tenant::Access, wakeup::Wakeup,
};

/// Wait for a free connection. Longer than a caller's patience, and the pool's queue fills with calls that nobody waits
/// for any more.
const ACQUIRE_LIMIT: Duration = Duration::from_secs(1);

/// An open transaction that does nothing holds back every follower of the feed (and vacuum): the server ends it.
const IDLE_IN_TRANSACTION_LIMIT: &str = "5s";

/// A connection that lay idle for this long is asked whether it still lives before it is used. Asking every time would
/// cost each call a round trip; never asking would fail the first call after a restart of the server.
const PROVEN_ALIVE: Duration = Duration::from_secs(1);

/// Everything that a service does on PostgreSQL. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Journal {
    inner: Arc<Inner>,
    metrics: Metrics,
}

#[derive(Debug)]
struct Inner {
    pool: PgPool,
    service: Service,
    wakeup: Wakeup,
    numbers: Arc<Dispenser>,
    readings: Readings,
}

impl Journal {
    /// Connects as the service's role with at most `max_connections` connections (2 × cores + 1 is a good number; all
    /// replicas of all services together must stay below the server's `max_connections`).
    ///
    /// `options` name host, database and TLS; role and search path are set here. One connection more is used while
    /// somebody follows the feed, and one to draw numbers by.
    ///
    /// # Errors
    /// When the server cannot be reached, or the role could see other organisations' rows: a superuser, an owner of
    /// tables and a role with BYPASSRLS are not bound by row level security, and nobody would notice.
    pub async fn connect(options: PgConnectOptions, service: Service, max_connections: u32) -> anyhow::Result<Self> {
        let options =
            options.username(service.role()).application_name(&format!("callout-{}", service.schema())).options([
                // Temporary tables last: nobody can slip one under a name of ours.
                ("search_path", format!("{},pg_temp", service.schema()).as_str()),
                ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION_LIMIT),
            ]);
        let connecting = PgPoolOptions::new()
            .max_connections(max_connections)
            .acquire_timeout(ACQUIRE_LIMIT)
            .test_before_acquire(false)
            .before_acquire(|connection, usage| {
                Box::pin(async move {
                    if usage.idle_for > PROVEN_ALIVE {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone());
        // A large future, which would make that of everything around it large.
        let pool = Box::pin(connecting)
            .await
            .with_context(|| format!("cannot connect to PostgreSQL as {}", service.role()))?;
        let unbound: bool = sqlx::query_scalar(
            "select rolsuper or rolbypassrls
                    or exists(select from pg_class where relowner = pg_roles.oid and relkind in ('r', 'p'))
               from pg_roles where rolname = current_user",
        )
        .fetch_one(&pool)
        .await?;
        ensure!(!unbound, "role {} is not bound by row level security", service.role());
        let wakeup = Wakeup::new(pool.clone(), service.channel());
        let metrics = Metrics::new(service.schema(), &metrics::meter());
        Ok(Self {
            inner: Arc::new(Inner {
                pool,
                service,
                wakeup,
                numbers: Arc::new(Dispenser::new(options)),
                readings: Readings::default(),
            }),
            metrics,
        })
    }

    /// The same journal, measured by `meter` and not by the one of the process.
    #[must_use]
    pub fn measured_by(self, meter: &Meter) -> Self {
        Self { metrics: Metrics::new(self.service().schema(), meter), ..self }
    }

    /// By what the service measures.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The service whose schema this is.
    #[must_use]
    pub fn service(&self) -> Service {
        self.inner.service
    }

    /// Ends all connections, when the service has stopped serving; nobody looks at its gauges any more.
    pub async fn close(&self) {
        self.metrics.observe(Vec::new());
        self.inner.numbers.close().await;
        self.inner.pool.close().await;
    }

    /// Reads as one organisation; all statements see the same moment, and none can write.
    ///
    /// `run` may run more than once. It owns what it uses (`async move |tx| …`): a closure that borrows its surroundings
    /// makes a future that the compiler cannot prove `Send`.
    ///
    /// # Errors
    /// Those of `run`, with failed statements told apart as [`DatabaseResult::db`](crate::DatabaseResult::db) says.
    pub async fn read<A>(
        &self,
        caller: &Caller,
        organization: &str,
        run: impl AsyncFn(&mut TenantTx) -> Result<A, Error>,
    ) -> Result<A, Error> {
        let span = self.span("read");
        let reading = async {
            let (mut tx, _) = TenantTx::open(self, Access::Read, caller, organization, None).await?;
            let result = run(&mut tx).await;
            tx.end(result).await
        };
        reading.instrument(span).await.map_err(settled)
    }

    /// Begins a transaction. One for all organisations sees their rows by the functions that allow it only.
    ///
    /// On a task of its own, so that it is begun or not: of a BEGIN that is on its way when its caller gives up, sqlx 0.9
    /// knows nothing, and whoever has the connection next works inside of somebody else's transaction.
    pub(crate) async fn begin(&self, access: Access) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, Error> {
        let begin = match access {
            Access::Read => "begin isolation level repeatable read, read only",
            Access::Write => "begin isolation level read committed",
        };
        let pool = self.pool().clone();
        let beginning = tokio::spawn(async move { pool.begin_with(begin).await }.in_current_span());
        beginning.await.map_err(|died| Error::Internal(died.into()))?.db()
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.inner.pool
    }

    pub(crate) fn numbers(&self) -> &Arc<Dispenser> {
        &self.inner.numbers
    }

    pub(crate) fn readings(&self) -> &Readings {
        &self.inner.readings
    }

    pub(crate) fn wakeup(&self) -> &Wakeup {
        &self.inner.wakeup
    }

    /// The span of a transaction, in the words of OpenTelemetry.
    pub(crate) fn span(&self, operation: &'static str) -> tracing::Span {
        tracing::info_span!(
            "transaction",
            otel.name = format!("db.{operation}"),
            otel.kind = "client",
            db.system.name = "postgresql",
            db.namespace = self.service().schema(),
            db.operation.name = operation,
        )
    }
}
