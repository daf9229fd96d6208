//! Who sees what: an organisation its own, an outside company nothing of what the organisation's customers ask for.

use callout_contract::intake::v1 as pb;
use callout_kit::Caller;
use tonic::{Code, Request, Response, Status};

use crate::support::*;

/// A call by somebody of another organisation who may do everything there.
fn stranger<R>(request: R) -> Request<R> {
    from(Caller { organization: "acme".to_owned(), ..caller("eve", &["administrator"]) }, request)
}

/// A call by somebody of an outside company that works for the organisation, who may do everything else.
fn partner<R>(request: R) -> Request<R> {
    from(Caller { agency: Some(request_id()), ..caller("zhou", &["administrator"]) }, request)
}

struct Kept {
    customer: String,
    product: String,
    case: String,
}

async fn kept(suite: &Suite) -> Kept {
    let customer = suite.customer("Harbour").await;
    let product = pb::Product { customer: customer.clone(), ..machine("own", "own") };
    let product = suite.create_product(product).await.unwrap().name;
    let case = suite.at_desk(repair(&product)).await.name;
    Kept { customer, product, case }
}

/// What reading, changing and naming each of them comes to.
async fn tried(suite: &Suite, kept: &Kept, by: fn(()) -> Request<()>) -> Vec<Result<(), Status>> {
    let Kept { customer, product, case } = kept;
    let (mut cases, mut products, mut customers) = (suite.cases(), suite.products(), suite.customers());
    let record = pb::CreateCaseRecordRequest {
        parent: case.clone(),
        record: Some(paper("service_approval", "")),
        request_id: request_id(),
    };
    let pass = pb::PassCaseRequest { name: case.clone(), request_id: request_id(), ..Default::default() };
    let update = pb::UpdateProductRequest {
        product: Some(pb::Product { name: product.clone(), ..pb::Product::default() }),
        update_mask: Some(mask(&["model"])),
        request_id: request_id(),
        ..Default::default()
    };
    vec![
        customers.get_customer(as_of(by, pb::GetCustomerRequest { name: customer.clone() })).await.map(drop),
        products.get_product(as_of(by, pb::GetProductRequest { name: product.clone() })).await.map(drop),
        products.update_product(as_of(by, update)).await.map(drop),
        cases.get_case(as_of(by, pb::GetCaseRequest { name: case.clone() })).await.map(drop),
        cases.pass_case(as_of(by, pass)).await.map(drop),
        cases.create_case_record(as_of(by, record)).await.map(drop),
    ]
}

/// The request with the token of a call.
fn as_of<R>(by: fn(()) -> Request<()>, request: R) -> Request<R> {
    by(()).map(|()| request)
}

#[tokio::test]
async fn another_organisation_learns_nothing_not_even_that_it_is_there() {
    let suite = Suite::alone().await;
    let ours = kept(&suite).await;
    let nothing = Kept { customer: no_customer(), product: no_product(), case: no_case() };
    for (seen, absent) in tried(&suite, &ours, stranger).await.into_iter().zip(tried(&suite, &nothing, stranger).await)
    {
        let (seen, absent) = (seen.unwrap_err(), absent.unwrap_err());
        assert_eq!((seen.code(), absent.code()), (Code::NotFound, Code::NotFound));
    }
    for list in [
        suite
            .cases()
            .list_cases(stranger(pb::ListCasesRequest { parent: ORG.to_owned(), ..Default::default() }))
            .await
            .map(drop),
        suite
            .products()
            .list_products(stranger(pb::ListProductsRequest { parent: ORG.to_owned(), ..Default::default() }))
            .await
            .map(drop),
        suite
            .customers()
            .list_customers(stranger(pb::ListCustomersRequest { parent: ORG.to_owned(), ..Default::default() }))
            .await
            .map(drop),
    ] {
        assert_refused(list, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    }
    assert_eq!(suite.events(&ours.case).await, ["CaseReceived"]);
}

#[tokio::test]
async fn an_outside_company_sees_no_customer_no_machine_and_no_case() {
    let suite = Suite::alone().await;
    let ours = kept(&suite).await;
    for answer in tried(&suite, &ours, partner).await {
        assert_refused(answer, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    }
    let cases = pb::ListCasesRequest { parent: ORG.to_owned(), ..Default::default() };
    assert!(suite.cases().list_cases(partner(cases)).await.unwrap().into_inner().cases.is_empty());
    let products = pb::ListProductsRequest { parent: ORG.to_owned(), ..Default::default() };
    assert!(suite.products().list_products(partner(products)).await.unwrap().into_inner().products.is_empty());
    let customers = pb::ListCustomersRequest { parent: ORG.to_owned(), ..Default::default() };
    assert!(suite.customers().list_customers(partner(customers)).await.unwrap().into_inner().customers.is_empty());
}

#[tokio::test]
async fn an_outside_company_takes_nothing_in_and_is_told_so() {
    let suite = Suite::alone().await;
    let customer = pb::Customer { display_name: "Harbour".to_owned(), ..pb::Customer::default() };
    let customer =
        pb::CreateCustomerRequest { parent: ORG.to_owned(), customer: Some(customer), request_id: request_id() };
    let product = pb::CreateProductRequest {
        parent: ORG.to_owned(),
        product: Some(machine("own", "own")),
        request_id: request_id(),
    };
    let refused = [
        suite.customers().create_customer(partner(customer)).await.map(drop),
        suite.products().create_product(partner(product)).await.map(drop),
        suite.cases().create_case(partner(taking_in(enquiry()))).await.map(drop),
    ];
    for answer in refused {
        assert_refused(answer, Code::PermissionDenied, "PERMISSION_MISSING", &[]);
    }
}

#[tokio::test]
async fn past_the_code_too_nobody_sees_the_rows_of_others() {
    let suite = Suite::alone().await;
    kept(&suite).await;
    let mut service = suite.service_role().await;
    let seen = async |service: &mut sqlx::PgConnection, organization: &str, agency: &str| -> i64 {
        let set = "select set_config('app.organization', $1, false), set_config('app.agency', $2, false)";
        sqlx::query(set).bind(organization).bind(agency).execute(&mut *service).await.unwrap();
        let count = "select (select count(*) from intake.service_case) + (select count(*) from intake.product)
                          + (select count(*) from intake.customer)";
        sqlx::query_scalar(count).fetch_one(service).await.unwrap()
    };
    assert_eq!(seen(&mut service, LAB, "").await, 3);
    assert_eq!(seen(&mut service, LAB, "north").await, 0);
    assert_eq!(seen(&mut service, "acme", "").await, 0);
    assert_eq!(seen(&mut service, "", "").await, 0);
}

/// What a caller is told, but for the name in it.
fn words<A>(answer: Result<Response<A>, Status>, name: &str) -> String {
    answer.map(drop).unwrap_err().message().replace(name, "it")
}

#[tokio::test]
async fn what_another_organisation_has_is_refused_in_the_words_for_what_nobody_has() {
    let suite = Suite::alone().await;
    let ours = kept(&suite).await.case;
    let get = |name: &str| pb::GetCaseRequest { name: name.to_owned() };
    let theirs = words(suite.cases().get_case(stranger(get(&ours))).await, &ours);
    let nothing = no_case();
    assert_eq!(theirs, words(suite.cases().get_case(desk(get(&nothing))).await, &nothing));
}
