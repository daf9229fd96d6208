//! The private server, as a test or a developer meets it.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use callout_devdb::{Data, Server, shared_for_tests};
use sqlx::{ConnectOptions as _, Connection as _};

const TEMPLATE: &str = "devdb_template";

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
    let folder = std::env::temp_dir().join(format!("callout-devdb-kept-{}", std::process::id()));
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

/// Started by the test below, in a process of its own that is then killed.
#[tokio::test]
async fn a_server_serves_until_its_owner_ends() {
    if std::env::var_os("CALLOUT_DEVDB_OWNER").is_some() {
        let server = Server::start(&Data::Temporary).await.unwrap();
        #[expect(clippy::print_stdout, reason = "how the other process learns the port")]
        {
            println!("{}", server.options("postgres").get_port());
        }
        std::future::pending::<()>().await;
    }
}

#[tokio::test]
async fn a_server_whose_owner_is_killed_ends_and_removes_its_folder() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_serves_until_its_owner_ends", "--nocapture"])
        .env("CALLOUT_DEVDB_OWNER", "1")
        .env_remove("DATABASE_URL")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let folder = std::env::temp_dir().join(format!("callout-devdb-{}-0", owner.id()));
    let said = std::io::BufReader::new(owner.stdout.take().unwrap());
    let port: u16 = std::io::BufRead::lines(said).find_map(|line| line.ok()?.parse().ok()).unwrap();
    assert!(folder.exists());

    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(within(Duration::from_secs(20), || !folder.exists()), "{} is still there", folder.display());
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!Path::new(&folder).exists());
}

fn within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
