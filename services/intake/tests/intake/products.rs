//! The archive of each delivered machine.

use callout_contract::{events::v1::LimitMissed, intake::v1 as pb, regulation::v1::limit, types::v1::Record};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn get(suite: &Suite, name: &str) -> pb::Product {
    let request = pb::GetProductRequest { name: name.to_owned() };
    suite.products().get_product(desk(request)).await.unwrap().into_inner()
}

async fn update(suite: &Suite, product: pb::Product, paths: &[&str], etag: &str) -> Result<pb::Product, Status> {
    let request = pb::UpdateProductRequest {
        product: Some(product),
        update_mask: Some(mask(paths)),
        etag: etag.to_owned(),
        request_id: request_id(),
    };
    suite.products().update_product(desk(request)).await.map(Response::into_inner)
}

async fn register(suite: &Suite, name: &str, posted_on: &str, form: Option<Record>) -> Result<pb::Product, Status> {
    let (name, posted_on) = (name.to_owned(), posted_on.to_owned());
    let request = pb::RegisterProductRequest { name, posted_on, form, request_id: request_id() };
    suite.products().register_product(desk(request)).await.map(Response::into_inner)
}

/// A registration form with all that R01 wants in it.
fn form() -> Record {
    let fields = [
        ("unit", "Harbour Power Supply"),
        ("unit_kind", "electric_power"),
        ("contact", "Mr Li"),
        ("address", "9 Dock Road"),
        ("telephone", "138 0000 0000"),
        ("direct_user", "yes"),
        ("model", "GKS-25"),
        ("first_use", "2026-03, pylons"),
    ];
    let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
    Record { fields, ..paper("registration_form", "") }
}

#[tokio::test]
async fn who_made_and_who_sold_a_machine_makes_its_class() {
    let suite = Suite::alone().await;
    for (maker, seller, class) in [
        ("own", "own", "1"),
        ("own", "parent_company", "1"),
        ("korean_partner", "own", "2"),
        ("korean_partner", "korean_partner", "3"),
        ("competitor", "", "4"),
        ("own", "", ""),
        ("", "", ""),
    ] {
        let product = suite.create_product(machine(maker, seller)).await.unwrap();
        assert_eq!(product.product_class, class, "made by {maker}, sold by {seller}");
        assert_eq!(get(&suite, &product.name).await, product);
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_file_is_told_at_once() {
    let suite = Suite::alone().await;
    let product = pb::Product {
        customer: "Mr Li".to_owned(),
        serial: " ".to_owned(),
        maker: "nobody".to_owned(),
        seller: "somebody".to_owned(),
        warranty_ends_on: "2026-02-30".to_owned(),
        delivered_on: "yesterday".to_owned(),
        trained_on: "9.3.2026".to_owned(),
        ..pb::Product::default()
    };
    let fields = ["serial", "customer", "maker", "seller", "warranty_ends_on", "delivered_on", "trained_on"];
    let wrong = wrong_fields(suite.create_product(product).await);
    assert_eq!(wrong, fields.map(|field| format!("product.{field}")));
    assert_eq!(suite.count("select count(*) from intake.product").await, 0);
}

#[tokio::test]
async fn a_serial_number_is_one_machine() {
    let suite = Suite::alone().await;
    let product = || pb::Product { serial: "GKS-7".to_owned(), ..machine("own", "own") };
    let (one, other) = tokio::join!(suite.create_product(product()), suite.create_product(product()));
    let (made, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    made.unwrap();
    assert_refused(refused, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    assert_eq!(suite.told::<pb::ProductChanged>().await.len(), 1);
}

#[tokio::test]
async fn a_file_is_changed_where_the_mask_says_and_by_who_read_the_latest() {
    let suite = Suite::alone().await;
    let made = suite.create_product(machine("", "")).await.unwrap();
    let asked = pb::Product {
        serial: "other".to_owned(),
        model: "GKS-25".to_owned(),
        maker: "own".to_owned(),
        seller: "own".to_owned(),
        warranty_ends_on: "2026-12-31".to_owned(),
        ..made.clone()
    };
    let changed = update(&suite, asked.clone(), &["maker", "seller"], &made.etag).await.unwrap();
    let said = (changed.product_class.as_str(), changed.model.as_str(), changed.warranty_ends_on.as_str());
    assert_eq!(said, ("1", "", ""));
    let stale = update(&suite, asked.clone(), &["model"], &made.etag).await;
    assert_refused(stale, Code::Aborted, "ETAG_STALE", &[]);
    for paths in [&["serial"][..], &["model", "registered_on"]] {
        assert_eq!(wrong_fields(update(&suite, asked.clone(), paths, "").await), ["update_mask"], "{paths:?}");
    }
    let all = update(&suite, asked, &["*"], &changed.etag).await.unwrap();
    let said = (all.serial.as_str(), all.model.as_str(), all.warranty_ends_on.as_str());
    assert_eq!(said, (made.serial.as_str(), "GKS-25", "2026-12-31"));
    assert_eq!(suite.events(&made.name).await, ["ProductChanged"; 3]);
    assert_eq!(suite.told::<pb::ProductChanged>().await.pop().unwrap().0.product.unwrap(), all);
}

#[tokio::test]
async fn machines_are_listed_by_their_customer_the_latest_first() {
    let suite = Suite::alone().await;
    let (harbour, city) = (suite.customer("Harbour").await, suite.customer("City").await);
    let mut expected = Vec::new();
    for customer in [&harbour, &city, &harbour, &city, &harbour] {
        let product = pb::Product { customer: customer.clone(), ..machine("own", "own") };
        let name = suite.create_product(product).await.unwrap().name;
        if *customer == harbour {
            expected.insert(0, name);
        }
    }
    let list = |customer: &str, page_token: String| {
        let (parent, customer) = (ORG.to_owned(), customer.to_owned());
        desk(pb::ListProductsRequest { parent, page_size: 2, page_token, customer })
    };
    let first = suite.products().list_products(list(&harbour, String::new())).await.unwrap().into_inner();
    let rest =
        suite.products().list_products(list(&harbour, first.next_page_token.clone())).await.unwrap().into_inner();
    assert_eq!(rest.next_page_token, "");
    let listed: Vec<_> = first.products.into_iter().chain(rest.products).map(|product| product.name).collect();
    assert_eq!(listed, expected);
    let other = suite.products().list_products(list(&city, first.next_page_token)).await;
    assert_eq!(wrong_fields(other), ["page_token"]);
}

#[tokio::test]
async fn a_form_is_owed_within_a_month_of_the_delivery_and_told_of_when_it_does_not_come() {
    let suite = Suite::alone().await;
    let product = pb::Product { delivered_on: "2026-03-09".to_owned(), ..machine("own", "own") };
    let owed = suite.create_product(product.clone()).await.unwrap();
    assert_eq!(owed.limits[0].due_at, at("2026-04-09 23:59:59"));
    let in_time = suite.create_product(pb::Product { serial: "GKS-8".to_owned(), ..product }).await.unwrap();
    register(&suite, &in_time.name, "2026-03-09", None).await.unwrap();
    suite.clock("2026-04-09 23:59:59").await;
    assert!(suite.told::<LimitMissed>().await.is_empty(), "the last second is in time");
    suite.clock("2026-04-10 00:00:00").await;
    let told = suite.told::<LimitMissed>().await;
    assert_eq!(told.len(), 1);
    let (missed, missed_at) = &told[0];
    assert_eq!((missed.subject.as_str(), missed.responsible.as_str()), (owed.name.as_str(), "customer"));
    assert_eq!(
        (missed.limit.as_ref().unwrap().state(), *missed_at),
        (limit::State::Overdue, time("2026-04-10 00:00:00"))
    );
}

#[tokio::test]
async fn a_form_comes_once_complete_and_not_from_the_future() {
    let suite = Suite::alone().await;
    let name = suite.product("own", "own").await;
    assert_eq!(wrong_fields(register(&suite, &name, "2026-03-10", None).await), ["posted_on"]);
    let mut incomplete = form();
    incomplete.fields.insert("direct_user".to_owned(), "no".to_owned());
    let refused = register(&suite, &name, "2026-03-09", Some(incomplete)).await;
    assert_refused(refused, Code::FailedPrecondition, "RULE_REFUSED", &["R01-64"]);
    assert_eq!(get(&suite, &name).await.registered_on, "", "nothing of a refused form is kept");

    let registered = register(&suite, &name, "2026-03-09", Some(form())).await.unwrap();
    assert_eq!((registered.records.len(), registered.registered_on.as_str()), (1, "2026-03-09"));
    let again = register(&suite, &name, "2026-03-09", Some(form())).await;
    assert_refused(again, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
}

#[tokio::test]
async fn a_paper_is_put_into_the_file_by_the_role_that_keeps_it() {
    let suite = Suite::alone().await;
    let name = suite.product("own", "own").await;
    let put = async |role: &str| {
        let fields = [("condition", "new"), ("users", "Harbour"), ("technical_agreement", "none")];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned())).into();
        let record = Record { fields, ..paper("product_file", "") };
        let request =
            pb::CreateProductRecordRequest { parent: name.clone(), record: Some(record), request_id: request_id() };
        suite.products().create_product_record(by("zhao", role, request)).await.map(Response::into_inner)
    };
    assert_refused(put("quality_office").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-48"]);
    let kept = put("service_administrator").await.unwrap();
    assert_eq!((kept.records[0].kind.as_str(), kept.records[0].recorded_by.as_str()), ("product_file", "zhao"));
    assert_eq!(get(&suite, &name).await, kept);
}

#[tokio::test]
async fn before_it_works_by_a_regulation_an_organisation_keeps_its_machines_and_nothing_is_decided() {
    let suite = Suite::start().await;
    let none = pb::Organization { name: ORG.to_owned(), ..pb::Organization::default() };
    let request = pb::UpdateOrganizationRequest {
        organization: Some(none),
        update_mask: Some(mask(&["adoptions"])),
        request_id: request_id(),
    };
    suite.organizations().update_organization(by("root", "administrator", request)).await.unwrap();
    let root = |request| by("root", "administrator", request);
    let product = pb::Product { delivered_on: "2026-03-01".to_owned(), ..machine("own", "own") };
    let request = pb::CreateProductRequest { parent: ORG.to_owned(), product: Some(product), request_id: request_id() };
    let kept = suite.products().create_product(root(request)).await.unwrap().into_inner();
    assert_eq!((kept.product_class.as_str(), kept.limits.len()), ("", 0));
    // A form says more than its day: nobody can tell yet what must stand in it.
    let register = |form| {
        let (name, posted_on) = (kept.name.clone(), "2026-03-09".to_owned());
        by("root", "administrator", pb::RegisterProductRequest { name, posted_on, form, request_id: request_id() })
    };
    let refused = suite.products().register_product(register(Some(form()))).await;
    assert_refused(refused, Code::FailedPrecondition, "SETTING_MISSING", &[]);
    let registered = suite.products().register_product(register(None)).await.unwrap().into_inner();
    assert_eq!(registered.registered_on, "2026-03-09");
}
