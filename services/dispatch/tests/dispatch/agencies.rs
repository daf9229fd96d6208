//! What an outside company sees: itself, its people, the work that it was given. The database sees to it.

use callout_contract::dispatch::v1::{
    self as pb, agencies_server::Agencies as _, engineers_server::Engineers as _, quotes_server::Quotes as _,
    work_orders_server::WorkOrders as _,
};
use tonic::{Code, Request};

use crate::support::*;

async fn agency(suite: &Suite, name: &str) -> String {
    let agency = pb::Agency { display_name: name.to_owned(), ..pb::Agency::default() };
    let request = pb::CreateAgencyRequest { parent: ORG.to_owned(), agency: Some(agency), request_id: request_id() };
    suite.dispatch.create_agency(desk(request)).await.unwrap().into_inner().name
}

/// A call by somebody of an agency.
fn of<R>(agency: &str, request: R) -> Request<R> {
    let mut caller = caller("zhou", &["engineer"]);
    caller.agency = agency.rsplit('/').next().map(str::to_owned);
    let mut request = Request::new(request);
    request.extensions_mut().insert(caller);
    request
}

#[tokio::test]
async fn an_agency_sees_the_work_that_it_was_given_and_nothing_else() {
    let suite = Suite::start().await;
    let (north, south) = (agency(&suite, "North Service").await, agency(&suite, "South Service").await);
    let zhou = suite.engineer("zhou", &north).await;
    suite.engineer("sun", &south).await;
    suite.engineer("wang", "").await;
    let given = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let other = suite.order(Product::OwnOld, pb::WorkMode::OnSite).await.name;
    let quote = pb::Quote { persons: 1, days: "1".to_owned(), ..pb::Quote::default() };
    for order in [&given, &other] {
        let request = pb::CreateQuoteRequest {
            parent: order.clone(),
            quote: Some(quote.clone()),
            request_id: request_id(),
            ..Default::default()
        };
        suite.dispatch.create_quote(desk(request)).await.unwrap();
    }
    let visit = ("2026-03-10T08:00:00+08:00", "2026-03-10T18:00:00+08:00");
    assert_eq!(suite.schedule(&given, &zhou, visit.0, visit.1).await.unwrap().agency, north);

    let list = || pb::ListWorkOrdersRequest { parent: ORG.to_owned(), ..Default::default() };
    let seen = suite.dispatch.list_work_orders(of(&north, list())).await.unwrap().into_inner();
    assert_eq!(seen.work_orders.iter().map(|order| &order.name).collect::<Vec<_>>(), [&given]);
    assert!(suite.dispatch.list_work_orders(of(&south, list())).await.unwrap().into_inner().work_orders.is_empty());

    let quotes = |parent: &String| pb::ListQuotesRequest { parent: parent.clone(), ..Default::default() };
    let seen = suite.dispatch.list_quotes(of(&north, quotes(&given))).await.unwrap().into_inner();
    assert_eq!(seen.quotes.len(), 1);

    // What it may not see is not there, in the same words.
    let unknown = format!("{ORG}/workOrders/{}", request_id());
    for hidden in [&other, &unknown] {
        let get = pb::GetWorkOrderRequest { name: hidden.clone() };
        let status = suite.dispatch.get_work_order(of(&north, get)).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.message().replace(hidden.as_str(), "it"), {
            let get = pb::GetWorkOrderRequest { name: unknown.clone() };
            suite.dispatch.get_work_order(desk(get)).await.unwrap_err().message().replace(unknown.as_str(), "it")
        });
        let refused = suite.dispatch.list_quotes(of(&north, quotes(hidden))).await;
        assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    }
    let record = pb::CreateWorkOrderRecordRequest {
        parent: other,
        record: Some(callout_contract::types::v1::Record { kind: POINTS[0].to_owned(), ..Default::default() }),
        request_id: request_id(),
    };
    let refused = suite.dispatch.create_work_order_record(of(&north, record)).await;
    assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn an_agency_knows_itself_and_its_own_people() {
    let suite = Suite::start().await;
    let (north, south) = (agency(&suite, "North Service").await, agency(&suite, "South Service").await);
    let zhou = suite.engineer("zhou", &north).await;
    suite.engineer("sun", &south).await;
    suite.engineer("wang", "").await;
    let engineers = pb::ListEngineersRequest { parent: ORG.to_owned(), ..Default::default() };
    let seen = suite.dispatch.list_engineers(of(&north, engineers.clone())).await.unwrap().into_inner();
    assert_eq!(seen.engineers.iter().map(|engineer| &engineer.name).collect::<Vec<_>>(), [&zhou]);
    assert_eq!(suite.dispatch.list_engineers(desk(engineers)).await.unwrap().into_inner().engineers.len(), 3);
    let agencies = pb::ListAgenciesRequest { parent: ORG.to_owned(), ..Default::default() };
    let seen = suite.dispatch.list_agencies(of(&north, agencies)).await.unwrap().into_inner();
    assert_eq!(seen.agencies.iter().map(|agency| &agency.name).collect::<Vec<_>>(), [&north]);
    let get = pb::GetAgencyRequest { name: south };
    assert_refused(suite.dispatch.get_agency(of(&north, get)).await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn an_agency_keeps_its_own_order_going_with_its_own_people() {
    let suite = Suite::start().await;
    let north = agency(&suite, "North Service").await;
    let zhou = suite.engineer("zhou", &north).await;
    let wang = suite.engineer("wang", "").await;
    let order = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    suite.schedule(&order, &zhou, "2026-03-10T08:00:00+08:00", "2026-03-10T18:00:00+08:00").await.unwrap();
    suite.prepare(&order).await;
    let plan = |engineer: &str| pb::ScheduleVisitRequest {
        name: order.clone(),
        visit: Some(pb::Visit {
            engineer: engineer.to_owned(),
            start_at: at("2026-03-11T08:00:00+08:00"),
            end_at: at("2026-03-11T18:00:00+08:00"),
            ..pb::Visit::default()
        }),
        request_id: request_id(),
        ..Default::default()
    };
    let refused = suite.dispatch.schedule_visit(of(&north, plan(&wang))).await;
    assert_refused(refused, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    assert_eq!(suite.dispatch.schedule_visit(of(&north, plan(&zhou))).await.unwrap().into_inner().visits.len(), 2);
    let depart = pb::DepartWorkOrderRequest { name: order.clone(), request_id: request_id(), ..Default::default() };
    suite.dispatch.depart_work_order(of(&north, depart)).await.unwrap();
}

#[tokio::test]
async fn a_subject_is_one_engineer() {
    let suite = Suite::start().await;
    let first = suite.engineer("wang", "").await;
    let engineer =
        pb::Engineer { display_name: "Wang Gang".to_owned(), subject: "wang".to_owned(), ..pb::Engineer::default() };
    let request =
        pb::CreateEngineerRequest { parent: ORG.to_owned(), engineer: Some(engineer), request_id: request_id() };
    let status = suite.dispatch.create_engineer(desk(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().contains(&first), "{}", status.message());
}
