//! The private server, as a test or a developer meets it.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::MetadataExt as _,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use callout_devdb::{Data, Server, shared_for_tests};
use sqlx::{ConnectOptions as _, Connection as _};

const TEMPLATE: &str = "devdb_template";

/// How long a server may take to begin or to end on a busy machine.
const LONG: Duration = Duration::from_secs(30);

async fn server_with_template() -> &'static Server {
    static PREPARED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    let server = shared_for_tests().await;
    PREPARED
        .get_or_init(async || {
            let prepare = async |url: String| {
                let mut conn = sqlx::PgConnection::connect(&url).await?;
                sqlx::raw_sql("create table visit (visit_id int); insert into visit values (1)")
                    .execute(&mut conn)
                    .await?;
                Ok(conn.close().await?)
            };
            server.template(TEMPLATE, prepare).await.unwrap();
        })
        .await;
    server
}

#[tokio::test]
async fn a_fresh_database_has_what_its_template_has_and_shares_nothing_with_its_siblings() {
    let server = server_with_template().await;
    let one = server.fresh_database(TEMPLATE).await.unwrap();
    let other = server.fresh_database(TEMPLATE).await.unwrap();
    sqlx::raw_sql("insert into visit values (2)").execute(&one.superuser()).await.unwrap();
    let count = async |pool: sqlx::PgPool| -> i64 {
        sqlx::query_scalar("select count(*) from visit").fetch_one(&pool).await.unwrap()
    };
    assert_eq!(count(one.superuser()).await, 2);
    assert_eq!(count(other.superuser()).await, 1);
}

#[tokio::test]
async fn a_dropped_database_is_gone_although_somebody_is_connected() {
    let server = server_with_template().await;
    let database = server.fresh_database(TEMPLATE).await.unwrap();
    let _connected = database.options().connect().await.unwrap();
    let gone = database.options().clone();
    drop(database);
    assert!(gone.connect().await.is_err());
}

#[tokio::test]
async fn a_kept_server_has_its_data_after_a_restart_and_asks_for_a_password() {
    if std::env::var_os("DATABASE_URL").is_some() {
        return; // no private server is started then
    }
    let folder = std::env::temp_dir().join(format!("callout devdb kept {}", std::process::id()));
    let data = Data::Kept(folder.clone());
    let server = Server::start(&data).await.unwrap();
    server.ensure_database("callout").await.unwrap();
    drop(server);
    let server = Server::start(&data).await.unwrap();
    server.ensure_database("callout").await.unwrap();
    assert!(server.options("callout").connect().await.is_ok());
    assert!(server.options("callout").password("guessed").connect().await.is_err());
    drop(server);
    fs::remove_dir_all(folder).unwrap();
}

/// Started by the tests below, in a process of its own.
#[tokio::test]
async fn a_server_serves_until_its_owner_ends() {
    if std::env::var_os("CALLOUT_DEVDB_OWNER").is_some() {
        let _server = Server::start(&Data::Temporary).await.unwrap();
        #[expect(clippy::print_stdout, reason = "how the other process learns that it is up")]
        {
            println!("it is up");
        }
        std::future::pending::<()>().await;
    }
}

/// A process that has a private server until it ends; `variables` are set for it.
fn owner(variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_serves_until_its_owner_ends", "--nocapture"])
        .env("CALLOUT_DEVDB_OWNER", "1")
        .env_remove("DATABASE_URL")
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The folder of the private server of a process, if there is one.
fn folder_of(owner: &Child) -> Option<PathBuf> {
    let prefix = format!("callout-devdb-{}-", owner.id());
    let mut entries = fs::read_dir(std::env::temp_dir()).unwrap().flatten();
    entries.find(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)).map(|entry| entry.path())
}

#[tokio::test]
async fn a_server_whose_owner_is_killed_ends_and_removes_its_folder() {
    let mut owner = owner(&[]);
    let mut said = BufReader::new(owner.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap() == "it is up"));
    let folder = folder_of(&owner).unwrap();
    assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o077, 0, "{} is open to others", folder.display());

    owner.kill().unwrap();
    owner.wait().unwrap();
    // Its socket is in there.
    assert!(within(LONG, || !folder.exists()), "{} is still there", folder.display());
}

#[tokio::test]
async fn a_server_whose_owner_is_killed_before_it_is_up_ends_and_removes_its_folder() {
    let mut owner = owner(&[]);
    assert!(within(LONG, || folder_of(&owner).is_some_and(|folder| folder.join("log").exists())));

    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(within(LONG, || folder_of(&owner).is_none()), "{:?} is still there", folder_of(&owner));
}

#[tokio::test]
async fn a_folder_without_programs_is_refused() {
    let owner = owner(&[("CALLOUT_POSTGRESQL", "/nowhere")]);
    let output = owner.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("CALLOUT_POSTGRESQL=/nowhere names no folder with PostgreSQL 15 or later"), "{said}");
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why() {
    let owner = owner(&[("TMPDIR", "/nowhere")]);
    let output = owner.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("PostgreSQL ended with exit status: 1") && said.contains("/nowhere/callout-devdb-"),
        "{said}"
    );
}

#[tokio::test]
async fn data_that_is_to_be_kept_beside_a_server_of_somebody_else_is_refused() {
    if std::env::var_os("DATABASE_URL").is_none() {
        return; // a private server is started then
    }
    let refused = Server::start(&Data::Kept(PathBuf::from("/nowhere"))).await.unwrap_err();
    assert!(refused.to_string().contains("while DATABASE_URL names a server"), "{refused}");
}

fn within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        // The server needs the processor more than we do.
        std::thread::park_timeout(Duration::from_millis(5));
    }
    true
}
