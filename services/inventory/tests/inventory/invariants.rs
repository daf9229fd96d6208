//! What the database keeps whatever the code does, and whatever two callers do at the same moment.

use callout_contract::inventory::v1::{loan_slip::State, loan_slips_server::LoanSlips as _};
use callout_journal::{Service, migration::unprotected_tables};
use tonic::{Code, Response};

use crate::support::*;

#[tokio::test]
async fn no_table_is_without_the_tenants_policy() {
    let suite = Suite::start().await;
    let mut connection = suite.superuser.acquire().await.unwrap();
    assert_eq!(unprotected_tables(&mut connection, Service::Inventory).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn no_account_gives_what_it_does_not_have() {
    let suite = Suite::start().await;
    suite.stocked("H-10", "", "2").await;
    let take = "insert into inventory.movement
                    select 'lab', gen_random_uuid(), item_id, 2.5, 'ON_HAND', p.place_id, 'LENT', null, '', now(), now()
                      from inventory.item join inventory.place p using (organization) where p.kind = 'WAREHOUSE'";
    assert_eq!(suite.refusal_of(take).await.as_deref(), Some("balance_not_below_zero"));
    let use_up = "insert into inventory.movement
                      select 'lab', gen_random_uuid(), item_id, 1, 'LENT', null, 'USED', null, '', now(), now()
                        from inventory.item";
    assert_eq!(suite.refusal_of(use_up).await.as_deref(), Some("balance_not_below_zero"));
    let nowhere = "insert into inventory.movement
                       select 'lab', gen_random_uuid(), item_id, 1, 'RECEIVED', null, 'ON_HAND', null, '', now(), now()
                         from inventory.item";
    assert_eq!(suite.refusal_of(nowhere).await.as_deref(), Some("movement_places"));
}

#[tokio::test]
async fn the_service_cannot_edit_the_ledger() {
    const NOT_PERMITTED: Option<&str> = Some("42501");
    let suite = Suite::start().await;
    suite.stocked("H-10", "", "2").await;
    for statement in [
        "update inventory.balance set quantity = 100",
        "insert into inventory.balance select 'lab', item_id, 'USED', null, 1 from inventory.item",
        "delete from inventory.balance",
        "update inventory.movement set quantity = 100",
        "delete from inventory.movement",
    ] {
        assert_eq!(suite.refusal_of(statement).await.as_deref(), NOT_PERMITTED, "{statement}");
    }
}

#[tokio::test]
async fn a_line_accounts_for_every_piece_and_an_open_slip_has_an_owner() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let slip = suite.fill("carry", "", &[(&hose, "2")]).await.unwrap();
    suite.issue(&slip.name).await.unwrap();
    for (statement, constraint) in [
        ("update inventory.loan_line set outstanding = 1", "line_balances"),
        ("update inventory.loan_line set outstanding = 3, lost = -1", "line_quantities"),
        ("update inventory.loan_line set zeroed = true", "line_is_at_zero"),
        ("update inventory.loan_line set good = 1", "line_certifies_what_came"),
        ("update inventory.loan_line set issued = 1, outstanding = 1", "line_is_issued_once"),
        ("update inventory.loan_slip set owner = null", "slip_is_kept"),
        ("update inventory.loan_slip set owner = null, next_due_at = null", "slip_is_kept"),
        ("update inventory.loan_slip set state = 'DRAFT'", "slip_is_issued"),
    ] {
        assert_eq!(suite.refusal_of(statement).await.as_deref(), Some(constraint), "{statement}");
    }
}

#[tokio::test]
async fn of_two_slips_for_the_last_piece_at_the_same_moment_one_is_issued() {
    let suite = Suite::start().await;
    let valve = suite.stocked("V-20", "", "1").await;
    let first = suite.fill("carry", "", &[(&valve, "1")]).await.unwrap().name;
    let second = suite.fill("carry", "", &[(&valve, "1")]).await.unwrap().name;
    let (one, other) = tokio::join!(suite.issue(&first), suite.issue(&second));
    let (issued, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(issued.unwrap().state(), State::Issued);
    assert_refused(refused, Code::FailedPrecondition, "STOCK_SHORT", &[]);
    let balance = suite.balance(&valve).await;
    assert_eq!((balance.on_hand.as_str(), balance.lent.as_str()), ("0", "1"));
}

#[tokio::test]
async fn the_same_request_fills_one_slip_and_has_one_answer() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let request = suite.filling("carry", "", &[(&hose, "2")]);
    let fill = async || {
        let call = by("zhao", &administrator(), request.clone());
        suite.inventory.create_loan_slip(call).await.map(Response::into_inner).unwrap()
    };
    let (one, other) = tokio::join!(fill(), fill());
    assert_eq!((&one, &other), (&fill().await, &one));
    assert_eq!(suite.count("select count(*) from inventory.loan_slip").await, 1);
}

#[tokio::test]
async fn whatever_happens_to_slips_the_accounts_of_an_item_sum_to_zero() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "9.5").await;
    let slip = suite.fill("carry", "", &[(&hose, "4"), (&hose, "2.5")]).await.unwrap().name;
    suite.issue(&slip).await.unwrap();
    suite.hand_in(&slip, (1, "1", "2", "1")).await.unwrap();
    suite.inspect(&slip, "quality_office", (1, "1.5", "1.5")).await.unwrap();
    suite.zero(&slip, "warehouse").await.unwrap();
    let unbalanced = "select count(*) from (
                          select from inventory.balance group by item_id having sum(quantity) <> 0) as unbalanced";
    assert_eq!(suite.count(unbalanced).await, 0);
    let balance = suite.balance(&hose).await;
    assert_eq!((balance.received.as_str(), balance.taken_back.as_str()), ("9.5", "2"));
    assert_eq!((balance.on_hand.as_str(), balance.lent.as_str()), ("6", "2.5"));
    assert_eq!((balance.used.as_str(), balance.lost.as_str(), balance.in_inspection.as_str()), ("2", "1", "0"));
    assert_eq!(balance.free, "4.5", "what is damaged is not free");
}

#[tokio::test]
async fn what_is_booked_of_a_return_is_what_came_and_an_open_one_has_an_owner() {
    let suite = Suite::start().await;
    suite.stocked("H-10", "", "5").await;
    for (statement, constraint) in [
        (
            "insert into inventory.customer_return
                 select 'lab', gen_random_uuid(), 'T-1', gen_random_uuid(), item_id, p.place_id, 'BOOKED', null, 940, 1000, '{}'
                   from inventory.item join inventory.place p using (organization) where p.kind = 'WAREHOUSE'",
            "customer_return_is_booked",
        ),
        (
            "insert into inventory.customer_return
                 select 'lab', gen_random_uuid(), 'T-1', gen_random_uuid(), item_id, p.place_id, 'RECEIVED', 'desk', null, null, '{}'
                   from inventory.item join inventory.place p using (organization) where p.kind = 'WAREHOUSE'",
            "customer_return_is_booked",
        ),
        (
            "insert into inventory.customer_return
                 select 'lab', gen_random_uuid(), 'T-1', gen_random_uuid(), item_id, p.place_id, 'NOTED', null, null, null, '{}'
                   from inventory.item join inventory.place p using (organization) where p.kind = 'WAREHOUSE'",
            "customer_return_is_kept",
        ),
    ] {
        assert_eq!(suite.refusal_of(statement).await.as_deref(), Some(constraint), "{statement}");
    }
}
