//! A tenant sees its own: what belongs to another organisation, or to another agency, is answered like what is not
//! there, and the database keeps it so when the code forgets.

use callout_journal::{Service, migration::unprotected_tables};
use callout_kit::Caller;
use prost_reflect::DynamicMessage;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection, PgPool};
use tonic::Status;

use crate::{
    contract::{self, each_text, name_of, resource},
    journey::{self, Left},
    probe::{unknown, with_new_id},
    stage::{PASSWORD, Stage},
    world::{Exchange, World},
};

#[tokio::test(flavor = "multi_thread")]
async fn what_another_organisation_has_is_refused_in_the_words_for_what_is_not_there() {
    let stage = Stage::start().await;
    let mut ours = World::new(&stage, "acme");
    journey::live(&mut ours).await;
    let mut findings = Vec::new();
    for made in one_of_each(&ours) {
        let stranger = Caller { organization: "globex".to_owned(), service: None, ..administrator(&made.by) };
        let request = with_new_id(made.request.clone());
        let (name, nothing) = (resource(&request), unknown(&resource(&request)));
        let theirs = ours.send_as(&stranger, made, &request).await;
        // The same words as its owner reads about something that is not there.
        let absent = format!("{nothing} was not found.");
        let wanted = absent.replace(&nothing, &asked_for(made, &name));
        if !is_not_found(&theirs, &wanted) {
            findings.push(format!("{} of {name}: {theirs:?}", name_of(&made.method)));
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_another_organisation_in_a_request_is_refused_whether_or_not_something_has_it() {
    let stage = Stage::start().await;
    let mut ours = World::new(&stage, "acme");
    journey::live(&mut ours).await;
    let mut theirs = World::new(&stage, "globex");
    journey::live(&mut theirs).await;
    let (mut findings, mut names) = (Vec::new(), 0);
    for (made, counterpart) in one_of_each(&ours).zip(one_of_each(&theirs)) {
        let own = administrator(&made.by);
        for (place, foreign) in references(&counterpart.request).into_iter().enumerate() {
            let absent = unknown(&foreign);
            names += 1;
            let mut told_of = Vec::new();
            for name in [&foreign, &absent] {
                let request = with_new_id(replace(&made.request, place, name));
                told_of.push(told(ours.send_as(&own, made, &request).await, name));
            }
            if told_of != ["NotFound: NAME was not found."; 2] {
                findings.push(format!("{}: {foreign}: {told_of:?}", name_of(&made.method)));
            }
        }
    }
    assert!(names >= 15, "only {names} requests name something else");
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agency_sees_the_orders_given_to_it_and_nothing_else_of_the_organisation() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    let left = journey::live(&mut world).await;
    let mut findings = Vec::new();
    for made in one_of_each(&world).filter(|made| resource(&made.request).matches('/').count() > 1) {
        // With every permission there is: what keeps it out is the agency alone.
        let partner = Caller { agency: Some(id(&left.other_agency).to_owned()), ..administrator(&made.by) };
        let (name, absent) = (resource(&made.request), unknown(&resource(&made.request)));
        let seen = world.send_as(&partner, made, &with_new_id(made.request.clone())).await;
        let nothing = world.send_as(&partner, made, &with_new_id(contract::about(&made.request, &absent))).await;
        let (seen, nothing) = (told(seen, &name), told(nothing, &absent));
        if !seen.starts_with("NotFound") || seen != nothing {
            findings.push(format!("{}: {seen}, and of something absent: {nothing}", name_of(&made.method)));
        }
    }
    for list in one_of_each(&world).filter(|made| made.method.name().starts_with("List")) {
        let partner = Caller { agency: Some(id(&left.other_agency).to_owned()), ..administrator(&list.by) };
        let Ok(pages) = world.send_as(&partner, list, &list.request).await else { continue };
        let seen = String::from_utf8_lossy(&pages[0]).into_owned();
        if seen.contains("organizations/") && !only_itself(&seen, &left) {
            findings.push(format!("{} shows {seen:?}", name_of(&list.method)));
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));

    world.hire_at(&left.agency, "fang", "partner");
    let get = "dispatch/WorkOrders/GetWorkOrder";
    let order = world.call("fang", get, serde_json::json!({"name": left.agency_order})).await;
    assert_eq!(order["agency"], left.agency);
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_predicate_a_query_finds_no_row_of_another_organisation() {
    let stage = Stage::start().await;
    let mut ours = World::new(&stage, "acme");
    journey::live(&mut ours).await;
    let superuser = stage.database.superuser();
    let organization = ours.sandbox.trim_start_matches("organizations/");
    let mut tables_with_rows = 0;
    for service in Service::ALL {
        let mut connection = as_role(&stage, service).await;
        for table in tenant_tables(&superuser, service).await {
            let all = count(&mut superuser.acquire().await.expect("the superuser"), &table).await;
            tables_with_rows += usize::from(all > 0);
            let own = seen_by(&mut connection, organization, &table).await;
            let of_all = count_where(&superuser, &table, organization).await;
            assert_eq!(own, of_all, "{table}: what the organisation has is what it sees");
            assert_eq!(seen_by(&mut connection, "globex", &table).await, 0, "{table}: another organisation sees rows");
            assert_eq!(seen_by(&mut connection, "", &table).await, 0, "{table}: nobody in particular sees rows");
        }
    }
    assert!(tables_with_rows >= 30, "only {tables_with_rows} tables had rows to hide");
    superuser.close().await;
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_with_rows_of_organisations_is_protected_in_every_service() {
    let stage = Stage::start().await;
    let superuser = stage.database.superuser();
    for service in Service::ALL {
        let mut connection = superuser.acquire().await.expect("the superuser");
        let unprotected = unprotected_tables(&mut connection, service).await.expect("the catalogue");
        assert!(unprotected.is_empty(), "{}: {unprotected:?}", service.schema());
    }
    superuser.close().await;
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_service_can_read_or_write_another_ones_schema() {
    let stage = Stage::start().await;
    let superuser = stage.database.superuser();
    for service in Service::ALL {
        let mut connection = as_role(&stage, service).await;
        for other in Service::ALL.into_iter().filter(|other| *other != service) {
            let tables = tenant_tables(&superuser, other).await;
            assert!(!tables.is_empty(), "{} has no tables", other.schema());
            for table in tables {
                for statement in [format!("select count(*) from {table}"), format!("delete from {table}")] {
                    let done = sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut connection).await;
                    let code = done.err().and_then(|fault| {
                        fault.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned))
                    });
                    let who = service.role();
                    assert_eq!(code.as_deref(), Some("42501"), "{who} ran {statement}");
                }
            }
        }
    }
    superuser.close().await;
    stage.stop().await;
}

/// The first accepted call of each method.
fn one_of_each<'w>(world: &'w World<'_>) -> impl Iterator<Item = &'w Exchange> {
    contract::methods().filter_map(|method| world.exchanges.iter().find(|made| made.method == method))
}

/// The same caller with every permission, so that none is missing where something else should refuse.
fn administrator(caller: &Caller) -> Caller {
    Caller { roles: vec!["administrator".to_owned()], service: None, ..caller.clone() }
}

/// What a method is asked for: of an organisation that is taken in, the one that its id would name.
fn asked_for(made: &Exchange, name: &str) -> String {
    if made.method.name() != "CreateOrganization" {
        return name.to_owned();
    }
    let id = made.request.get_field_by_name("organization_id");
    format!("organizations/{}", id.as_ref().and_then(|id| id.as_str()).unwrap_or_default())
}

fn is_not_found(answer: &Result<Vec<Vec<u8>>, Status>, message: &str) -> bool {
    answer.as_ref().err().is_some_and(|status| status.code() == tonic::Code::NotFound && status.message() == message)
}

/// The names in a request beside the one that it is about.
fn references(request: &DynamicMessage) -> Vec<String> {
    let mut names = Vec::new();
    each_text(&mut request.clone(), &mut |field, text| {
        if text.starts_with("organizations/") && !["name", "parent", "organization"].contains(&field.name()) {
            names.push(text.clone());
        }
    });
    names
}

/// The request with another name at one of those places.
fn replace(request: &DynamicMessage, place: usize, other: &str) -> DynamicMessage {
    let (mut changed, mut at) = (request.clone(), 0);
    each_text(&mut changed, &mut |field, text| {
        if text.starts_with("organizations/") && !["name", "parent", "organization"].contains(&field.name()) {
            if at == place {
                other.clone_into(text);
            }
            at += 1;
        }
    });
    changed
}

/// What a caller learns: whether it was answered, else the code and the sentence, but for the name in it.
fn told(answer: Result<Vec<Vec<u8>>, Status>, name: &str) -> String {
    match answer {
        Ok(_) => "answered".to_owned(),
        Err(status) => format!("{:?}: {}", status.code(), status.message().replace(name, "NAME")),
    }
}

fn id(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Whether a page names nothing but the agency that asked.
fn only_itself(page: &str, left: &Left) -> bool {
    page.replace(&left.other_agency, "").matches("organizations/").count() == 0
}

async fn as_role(stage: &Stage, service: Service) -> PgConnection {
    let options = stage.database.options().clone().username(service.role()).password(PASSWORD);
    options.connect().await.expect("the role of a service")
}

/// The tables of a service that hold rows of organisations.
async fn tenant_tables(superuser: &PgPool, service: Service) -> Vec<String> {
    sqlx::query_scalar(
        "select format('%I.%I', table_schema, table_name) from information_schema.columns
          where table_schema = $1 and column_name = 'organization' order by table_name",
    )
    .bind(service.schema())
    .fetch_all(superuser)
    .await
    .expect("the catalogue")
}

/// Every row that the present role sees.
async fn count(connection: &mut PgConnection, table: &str) -> i64 {
    // Table names come from the catalogue, quoted by the server.
    let statement = AssertSqlSafe(format!("select count(*) from {table}"));
    sqlx::query_scalar(statement).fetch_one(connection).await.expect("a count")
}

async fn count_where(superuser: &PgPool, table: &str, organization: &str) -> i64 {
    let statement = AssertSqlSafe(format!("select count(*) from {table} where organization = $1"));
    sqlx::query_scalar(statement).bind(organization).fetch_one(superuser).await.expect("a count")
}

/// Every row that a transaction of `organization` sees.
async fn seen_by(connection: &mut PgConnection, organization: &str, table: &str) -> i64 {
    sqlx::query("select set_config('app.organization', $1, false)")
        .bind(organization)
        .execute(&mut *connection)
        .await
        .expect("a setting");
    count(connection, table).await
}
