//! A page costs the same wherever it begins: the index finds its place, under row level security too, by a plan that is kept
//! for any parameter.

use std::{fs, path::Path};

use callout_journal::Service;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};

use crate::stage;

/// What the place of a page becomes in a plan.
const PLACE: &str = "CASE WHEN ($";

/// Ranks are arrays, whose comparison the planner does not trust with rows of other tenants: the queues that are in such an
/// order hold open work alone.
const RANK: &str = "numeric[]";

#[tokio::test]
async fn the_place_of_every_page_is_found_by_an_index() {
    let database = stage::database().await;
    let mut connection = database.options().connect().await.expect("a connection of the superuser");
    let (mut pages, mut findings) = (0, Vec::new());
    for service in Service::ALL {
        for query in pages_of(service) {
            pages += 1;
            let plan = plan(&mut connection, service, &query).await;
            let placed = plan.iter().any(|line| line.contains("Index Cond") && line.contains(PLACE));
            if !placed {
                findings.push(format!("{query}\n{}", plan.join("\n")));
            }
        }
    }
    assert!(pages > 30, "{pages} pages were found: where are the others?");
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n\n"));
}

/// The statements of a service that read a page.
fn pages_of(service: Service) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../services").join(service.schema()).join(".sqlx");
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).expect("the data of the statements") {
        let text = fs::read_to_string(entry.expect("a file").path()).expect("a text");
        let kept: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let query = kept["query"].as_str().expect("a statement").to_owned();
        if (query.contains(".page_before(") || query.contains(".page_after(")) && !query.contains(RANK) {
            pages.push(query);
        }
    }
    pages.sort_unstable();
    pages
}

/// How the service would read the page: its table is small here, which shall not count.
async fn plan(connection: &mut PgConnection, service: Service, query: &str) -> Vec<String> {
    let parameters = (1..=20).take_while(|number| query.contains(&format!("${number}"))).count();
    let nothing = vec!["null"; parameters].join(", ");
    let begin = format!(
        "begin; set local role {}; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off;
         set local enable_bitmapscan = off; set local enable_sort = off; prepare page as {query}",
        service.role(),
    );
    sqlx::raw_sql(AssertSqlSafe(begin)).execute(&mut *connection).await.expect(query);
    let plan = sqlx::query_scalar(AssertSqlSafe(format!("explain execute page ({nothing})")))
        .fetch_all(&mut *connection)
        .await
        .expect(query);
    sqlx::raw_sql("deallocate page; rollback").execute(connection).await.expect("the end of the transaction");
    plan
}
