//! What items cost, and on which days.

use callout_contract::inventory::v1::{self as pb, items_server::Items as _};
use callout_devdb::shared_for_tests;
use callout_inventory::MIGRATIONS;
use callout_journal::{Service, migrate};
use sqlx::{ConnectOptions as _, migrate::Migrator};
use tonic::{Code, Response, Status};

use crate::support::*;

/// The migration that gives prices their days.
const ITEM_PRICE: i64 = 20_261_123_000_100;

async fn change(suite: &Suite, item: pb::Item, path: &str) -> Result<pb::Item, Status> {
    let request = pb::UpdateItemRequest {
        item: Some(item),
        update_mask: Some(prost_types::FieldMask { paths: vec![path.to_owned()] }),
        request_id: request_id(),
        ..Default::default()
    };
    suite.inventory.update_item(by("cai", "finance", request)).await.map(Response::into_inner)
}

/// An item at a price of finance.
fn at_price(name: &str, price: &str) -> pb::Item {
    pb::Item { name: name.to_owned(), prices: [("finance".to_owned(), price.to_owned())].into(), ..pb::Item::default() }
}

/// A price of finance with its days.
fn price(amount: &str, valid_from: &str, valid_to: &str) -> pb::Price {
    pb::Price {
        kind: "finance".to_owned(),
        price: amount.to_owned(),
        valid_from: valid_from.to_owned(),
        valid_to: valid_to.to_owned(),
    }
}

/// What finance asks for an item at an instant; now when none is given.
async fn asked(suite: &Suite, name: &str, priced_at: Option<&str>) -> Option<String> {
    let request = pb::GetItemRequest { name: name.to_owned(), priced_at: priced_at.map(at) };
    let item = suite.inventory.get_item(by("ku", "warehouse", request)).await.unwrap().into_inner();
    item.prices.get("finance").cloned()
}

#[tokio::test]
async fn a_price_that_is_set_is_valid_from_that_day_on_and_the_days_before_keep_theirs() {
    let suite = Suite::start().await;
    let name = suite.item("X-380", "").await;
    change(&suite, at_price(&name, "380"), "prices").await.unwrap();
    suite.clock("2026-07-01 00:30").await;
    let item = change(&suite, at_price(&name, "400"), "prices").await.unwrap();
    assert_eq!(item.price_list, [price("380", "", "2026-06-30"), price("400", "2026-07-01", "")]);
    assert_eq!(asked(&suite, &name, None).await.as_deref(), Some("400"));
    // Late in the evening of Shanghai it is afternoon in Greenwich, and soon after midnight it is still the day before.
    assert_eq!(asked(&suite, &name, Some("2026-06-30 23:59")).await.as_deref(), Some("380"));
    assert_eq!(asked(&suite, &name, Some("2026-07-01 00:00")).await.as_deref(), Some("400"));
}

#[tokio::test]
async fn a_list_may_say_what_was_and_what_is_to_come() {
    let suite = Suite::start().await;
    let name = suite.item("X-380", "").await;
    let list = vec![price("400", "2026-07-01", ""), price("380", "2026-01-01", "2026-06-30")];
    let item = pb::Item { name: name.clone(), price_list: list, ..pb::Item::default() };
    let item = change(&suite, item, "price_list").await.unwrap();
    assert_eq!(item.prices["finance"], "380");
    assert_eq!(item.price_list, [price("380", "2026-01-01", "2026-06-30"), price("400", "2026-07-01", "")]);
    assert_eq!(asked(&suite, &name, Some("2025-12-31 12:00")).await, None, "there was none then");
    assert_eq!(asked(&suite, &name, Some("2026-07-01 08:00")).await.as_deref(), Some("400"));
    // Read and written back as a whole.
    let written_back = change(&suite, pb::Item { unit: "set".to_owned(), ..item.clone() }, "*").await.unwrap();
    assert_eq!((written_back.unit.as_str(), &written_back.price_list), ("set", &item.price_list));
    let both = change(&suite, pb::Item { prices: at_price(&name, "390").prices, ..item }, "*").await;
    assert_refused(both, Code::InvalidArgument, "FIELD_INVALID", &[]);
}

#[tokio::test]
async fn no_day_has_two_prices_of_a_kind() {
    let suite = Suite::start().await;
    let name = suite.item("X-380", "").await;
    let list = vec![price("380", "", "2026-06-30"), price("400", "2026-06-30", "")];
    let item = pb::Item { name: name.clone(), price_list: list, ..pb::Item::default() };
    assert_refused(change(&suite, item, "price_list").await, Code::InvalidArgument, "FIELD_INVALID", &[]);
    change(&suite, at_price(&name, "380"), "prices").await.unwrap();
    let twice = "insert into inventory.item_price
                     select organization, item_id, kind, 400, '2026-07-01', null from inventory.item_price";
    assert_eq!(suite.refusal_of(twice).await.as_deref(), Some("item_price_of_the_day"));
    let backwards = "insert into inventory.item_price
                         select organization, item_id, 'partner', 1, '2026-07-02', '2026-07-01' from inventory.item_price";
    assert_eq!(suite.refusal_of(backwards).await.as_deref(), Some("item_price_takes_days"));
}

#[tokio::test]
async fn everything_that_is_wrong_with_a_list_is_said_at_once() {
    let suite = Suite::start().await;
    let name = suite.item("X-380", "").await;
    let of_friends = pb::Price { kind: "friends".to_owned(), ..price("-1", "yesterday", "") };
    let list = vec![of_friends, price("380", "2026-07-02", "2026-07-01")];
    let refused = change(&suite, pb::Item { name, price_list: list, ..pb::Item::default() }, "price_list").await;
    let details = tonic_types::StatusExt::get_error_details(&refused.unwrap_err());
    let violations = details.bad_request().unwrap().field_violations.clone();
    let fields: Vec<&str> = violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "item.price_list[0].kind",
            "item.price_list[0].price",
            "item.price_list[0].valid_from",
            "item.price_list[1].valid_to"
        ]
    );
}

/// Row level security binds an owner that is no superuser: what is copied must be seen.
#[tokio::test]
async fn the_prices_that_there_were_before_prices_had_days_have_been_valid_since_ever() {
    const PASSWORD: &str = "only here";
    let server = shared_for_tests().await;
    server.template("inventory_empty", async |_| Ok(())).await.unwrap();
    let database = server.fresh_database("inventory_empty").await.unwrap();
    let make_owner = "do $$ begin
            create role inventory_owner login createrole password 'owner';
        exception when duplicate_object then null; end $$;
        do $$ begin execute format('alter database %I owner to inventory_owner', current_database()); end $$";
    sqlx::raw_sql(make_owner).execute(&database.superuser()).await.unwrap();
    let owner = database.options().clone().username("inventory_owner").password("owner");
    let before = MIGRATIONS.iter().filter(|migration| migration.version < ITEM_PRICE).cloned().collect();
    migrate(&owner, Service::Inventory, &Migrator::with_migrations(before), PASSWORD).await.unwrap();
    let item = r#"insert into inventory.item (organization, item_id, code, document)
                  values ('lab', gen_random_uuid(), 'X-380', '{"prices": {"finance": "380", "partner": "300.50"}}'),
                         ('lab', gen_random_uuid(), 'H-10', '{"prices": {}}')"#;
    sqlx::query(item).execute(&database.superuser()).await.unwrap();

    migrate(&owner, Service::Inventory, &MIGRATIONS, PASSWORD).await.unwrap();
    let mut superuser = database.options().connect().await.unwrap();
    let kept = "select kind, amount::text, valid_from::text, valid_until::text from inventory.item_price order by kind";
    let kept: Vec<(String, String, Option<String>, Option<String>)> =
        sqlx::query_as(kept).fetch_all(&mut superuser).await.unwrap();
    let since_ever = |kind: &str, amount: &str| (kind.to_owned(), amount.to_owned(), None, None);
    assert_eq!(kept, [since_ever("finance", "380"), since_ever("partner", "300.50")]);
}
