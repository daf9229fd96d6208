//! Brings the schema of a service to where its code expects it.
//!
//! Run by the owner of the schema (the DDL role), on a direct connection and not through a transaction pooler. The
//! service's own role owns nothing and is granted only what `protect` (see the first migration) and this module grant.

use anyhow::{Context as _, Result};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgDatabaseError},
};

use crate::Service;

/// The journal's own tables, which every service has in its schema.
static JOURNAL: Migrator = sqlx::migrate!("./migrations");

/// Serialises migrations of all services in one database. Any number will do that nobody else uses.
const LOCK: i64 = 0x0063_616c_6c6f_7574;

/// Times that a role is written when another database of the same server is being migrated: roles belong to the server.
const ROLE_TRIES: u32 = 10;

/// Makes role and schema of `service` unless they are there, then applies the journal's migrations and those of the
/// service that are not applied yet. Several may run at once: they wait for each other.
///
/// `options` connect as the DDL role: the owner of the schema, with CREATEROLE, and CREATE on the database. `password` is
/// set for the service's role. Migrations run with `search_path` at the schema.
///
/// # Errors
/// When the server refuses, or an applied migration was changed or removed.
pub async fn migrate(
    options: &PgConnectOptions,
    service: Service,
    migrations: &Migrator,
    password: &str,
) -> Result<()> {
    let mut owner = options.connect().await.context("cannot connect as the DDL role")?;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut owner).await?;
    ensure_role(&mut owner, service, password).await.with_context(|| format!("role {}", service.role()))?;
    let schema = service.schema();
    let database: String = sqlx::query_scalar("select quote_ident(current_database())").fetch_one(&mut owner).await?;
    run(
        &mut owner,
        format!(
            "create schema if not exists {schema};
             grant usage on schema {schema} to {role};
             revoke all on database {database} from public;
             grant connect on database {database} to {role};
             set search_path = {schema}, pg_temp",
            role = service.role(),
        ),
    )
    .await
    .with_context(|| format!("schema {schema}"))?;
    apply(&mut owner, &JOURNAL, format!("{schema}._journal_migrations")).await.context("migrations of the journal")?;
    apply(&mut owner, migrations, format!("{schema}._sqlx_migrations")).await.context("migrations of the service")?;
    // Functions are executable by everybody unless that is taken back; `grant usage` alone would open them to nobody new.
    run(
        &mut owner,
        format!(
            "revoke all on all routines in schema {schema} from public;
             grant execute on all routines in schema {schema} to {role};
             grant select, insert, update on {schema}.follower to {role}",
            role = service.role(),
        ),
    )
    .await?;
    // The lock goes with the connection.
    owner.close().await?;
    Ok(())
}

/// The tables of a schema in which row level security is not forced, without those that hold no organisation's rows: the
/// migrations that were applied, and the places in other services' feeds. A test of each service finds none.
///
/// # Errors
/// When the server refuses.
pub async fn unprotected_tables(connection: &mut PgConnection, service: Service) -> Result<Vec<String>> {
    let tables = sqlx::query_scalar(
        "select relname::text from pg_class
          where relnamespace = $1::regnamespace and relkind in ('r', 'p')
            and not (relrowsecurity and relforcerowsecurity)
            and relname <> all (array['_journal_migrations', '_sqlx_migrations', 'follower'])
          order by relname",
    )
    .bind(service.schema())
    .fetch_all(connection)
    .await?;
    Ok(tables)
}

async fn apply(owner: &mut PgConnection, migrations: &Migrator, table: String) -> Result<()> {
    let mut migrator = Migrator::with_migrations(migrations.iter().cloned().collect());
    migrator.dangerous_set_table_name(table);
    migrator.run_direct(None, owner, false).await?;
    Ok(())
}

async fn ensure_role(owner: &mut PgConnection, service: Service, password: &str) -> Result<()> {
    let role = service.role();
    let mut tries = 1;
    loop {
        // No statement that writes a role takes parameters; the server quotes the password. What a role may do beyond
        // logging in is left at its default, nothing: to say so takes a superuser, and the DDL role need not be one. Asked
        // anew each time: whoever was in the way has made the role.
        let statements: String = sqlx::query_scalar(
            "select case when exists(select from pg_roles where rolname = $1) then '' else format('create role %I; ', $1) end
                    || format('alter role %I login password %L', $1, $2)",
        )
        .bind(role)
        .bind(password)
        .fetch_one(&mut *owner)
        .await?;
        match run(owner, statements).await {
            Err(error) if tries < ROLE_TRIES && met_another_writer(&error) => tries += 1,
            result => return Ok(result?),
        }
    }
}

/// Whether a migration of another database on the same server wrote the role at the same moment.
fn met_another_writer(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>()) else {
        return false;
    };
    // duplicate_object and unique_violation at `create role`; `alter role` has no code of its own for it.
    matches!(error.code(), "42710" | "23505") || error.message() == "tuple concurrently updated"
}

/// Runs statements that take no parameters in PostgreSQL: every name in them is one of ours, or quoted by the server.
async fn run(owner: &mut PgConnection, statements: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(owner).await?;
    Ok(())
}
