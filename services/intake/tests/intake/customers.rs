//! Who calls.

use callout_contract::intake::v1 as pb;
use tonic::{Code, Status};

use crate::support::*;

async fn create(suite: &Suite, customer: pb::Customer) -> Result<pb::Customer, Status> {
    let request =
        pb::CreateCustomerRequest { parent: ORG.to_owned(), customer: Some(customer), request_id: request_id() };
    suite.customers().create_customer(by("chen", "marketing", request)).await.map(tonic::Response::into_inner)
}

async fn get(suite: &Suite, name: &str) -> Result<pb::Customer, Status> {
    let request = pb::GetCustomerRequest { name: name.to_owned() };
    suite.customers().get_customer(desk(request)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_customer_is_kept_as_he_was_entered_and_nobody_enters_him_for_life() {
    let suite = Suite::alone().await;
    let asked = pb::Customer {
        display_name: "Harbour Power Supply".to_owned(),
        unit_kind: "electric power".to_owned(),
        address: "9 Dock Road".to_owned(),
        contact: "Mr Li".to_owned(),
        phone: "138 0000 0000".to_owned(),
        for_life: true,
        ..pb::Customer::default()
    };
    let entered = create(&suite, asked.clone()).await.unwrap();
    let expected = pb::Customer {
        name: entered.name.clone(),
        for_life: false,
        etag: "\"1\"".to_owned(),
        create_time: at("2026-03-09 09:00:00"),
        ..asked
    };
    assert_eq!(entered, expected);
    assert_eq!(get(&suite, &entered.name).await.unwrap(), entered);
    assert_refused(get(&suite, &no_customer()).await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}

#[tokio::test]
async fn every_wrong_field_of_a_customer_is_told_at_once() {
    let suite = Suite::alone().await;
    let long = pb::Customer { display_name: "x".repeat(201), address: "x".repeat(501), ..pb::Customer::default() };
    assert_eq!(wrong_fields(create(&suite, long).await), ["customer.display_name", "customer.address"]);
    assert_eq!(wrong_fields(create(&suite, pb::Customer::default()).await), ["customer.display_name"]);
    let longest =
        pb::Customer { display_name: "电".repeat(200), address: "路".repeat(500), ..pb::Customer::default() };
    create(&suite, longest).await.unwrap();
}

#[tokio::test]
async fn customers_are_listed_the_latest_first_and_page_by_page() {
    let suite = Suite::alone().await;
    let mut expected = Vec::new();
    for number in 0..5 {
        expected.insert(0, suite.customer(&format!("customer {number}")).await);
    }
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListCustomersRequest { parent: ORG.to_owned(), page_size: 2, page_token };
        let page = suite.customers().list_customers(desk(request)).await.unwrap().into_inner();
        listed.extend(page.customers.into_iter().map(|customer| customer.name));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, expected);
    let negative = pb::ListCustomersRequest { parent: ORG.to_owned(), page_size: -1, ..Default::default() };
    assert_eq!(wrong_fields(suite.customers().list_customers(desk(negative)).await), ["page_size"]);
}

/// A machine of a customer, delivered on the day on which the tests begin; its form was posted on `posted_on`.
async fn register(suite: &Suite, customer: &str, posted_on: &str) -> pb::Product {
    let product =
        pb::Product { customer: customer.to_owned(), delivered_on: "2026-03-09".to_owned(), ..machine("own", "own") };
    let name = suite.create_product(product).await.unwrap().name;
    let request = pb::RegisterProductRequest {
        name,
        posted_on: posted_on.to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.products().register_product(desk(request)).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_registration_form_in_time_makes_a_customer_for_life_and_a_late_one_takes_nothing_back() {
    let suite = Suite::alone().await;
    let (early, late) = (suite.customer("early").await, suite.customer("late").await);
    suite.clock("2026-04-20 09:00:00").await;
    let registered = register(&suite, &early, "2026-04-09").await;
    assert_eq!((registered.registered_on.as_str(), registered.limits.len()), ("2026-04-09", 1));
    let after = get(&suite, &early).await.unwrap();
    assert_eq!((after.for_life, after.etag.as_str()), (true, "\"2\""));

    register(&suite, &late, "2026-04-10").await;
    assert!(!get(&suite, &late).await.unwrap().for_life);
    register(&suite, &early, "2026-04-10").await;
    assert_eq!(get(&suite, &early).await.unwrap(), after);
}

#[tokio::test]
async fn what_is_known_of_a_customer_changes_field_by_field_and_is_told() {
    let suite = Suite::alone().await;
    let name = suite.customer("Harbour Power Supply").await;
    let update = async |customer: pb::Customer, paths: &[&str], etag: &str| {
        let request = pb::UpdateCustomerRequest {
            customer: Some(customer),
            update_mask: Some(mask(paths)),
            etag: etag.to_owned(),
            request_id: request_id(),
        };
        suite.customers().update_customer(desk(request)).await.map(tonic::Response::into_inner)
    };
    let asked = |person: &str| pb::Customer {
        name: name.clone(),
        person_in_charge: person.to_owned(),
        address: "9 Dock Road".to_owned(),
        ..pb::Customer::default()
    };
    let changed = update(asked("rao"), &["person_in_charge"], "").await.unwrap();
    assert_eq!((changed.person_in_charge.as_str(), changed.address.as_str()), ("rao", ""));
    assert_eq!(changed.display_name, "Harbour Power Supply");
    assert_eq!(get(&suite, &name).await.unwrap(), changed);
    let told: Vec<String> =
        suite.told::<pb::CustomerChanged>().await.into_iter().map(|(told, _)| told.customer.unwrap().etag).collect();
    assert_eq!(told, ["\"1\"", "\"2\""]);

    assert_refused(update(asked("mei"), &["address"], "\"1\"").await, Code::Aborted, "ETAG_STALE", &[]);
    assert_eq!(wrong_fields(update(asked("mei"), &["for_life"], "").await), ["update_mask"]);
    assert_eq!(wrong_fields(update(asked("mei"), &[], "").await), ["update_mask"]);
    assert_eq!(wrong_fields(update(asked("mei"), &["display_name"], "").await), ["customer.display_name"]);
    let absent = pb::Customer { name: no_customer(), ..pb::Customer::default() };
    assert_refused(update(absent, &["phone"], "").await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
}
