//! Who gets a part that several want. Source: R01-20.

use callout_contract::{
    intake::v1 as intake,
    inventory::v1::{self as pb, reservation::State, reservations_server::Reservations as _},
    regulation::v1::Verdict,
};
use tonic::{Code, Response};

use crate::support::*;

async fn reserve(suite: &Suite, item: &str, case: &str, urgent: bool) -> pb::Reservation {
    let reservation = pb::Reservation {
        item: item.to_owned(),
        quantity: "1".to_owned(),
        case: case.to_owned(),
        urgent,
        ..pb::Reservation::default()
    };
    let request = pb::CreateReservationRequest {
        parent: ORG.to_owned(),
        reservation: Some(reservation),
        request_id: request_id(),
    };
    suite.inventory.create_reservation(by("ku", "warehouse", request)).await.unwrap().into_inner()
}

async fn allot(suite: &Suite, item: &str) -> pb::AllotItemResponse {
    let request = pb::AllotItemRequest { name: item.to_owned(), request_id: request_id() };
    suite.inventory.allot_item(by("ku", "warehouse", request)).await.unwrap().into_inner()
}

async fn state(suite: &Suite, reservation: &pb::Reservation) -> State {
    let request = pb::GetReservationRequest { name: reservation.name.clone() };
    suite.inventory.get_reservation(by("ku", "warehouse", request)).await.unwrap().into_inner().state()
}

fn names(reservations: &[pb::Reservation]) -> Vec<&str> {
    reservations.iter().map(|reservation| reservation.name.as_str()).collect()
}

#[tokio::test]
async fn an_urgent_purchase_takes_the_last_piece_from_a_reservation_of_a_better_class() {
    let suite = Suite::start().await;
    let part = suite.stocked("Z-1", "", "1").await;
    let planned = reserve(&suite, &part, &suite.case("1", "2026-03-10 11:00").await, false).await;
    assert_eq!(
        (planned.rank, planned.received_at),
        (vec!["1".to_owned(), "1".to_owned()], Some(at("2026-03-10 11:00")))
    );
    assert_eq!(names(&allot(&suite, &part).await.allotted), [planned.name.as_str()]);
    assert_eq!(suite.balance(&part).await.free, "0");

    let urgent = reserve(&suite, &part, &suite.case("2", "2026-03-11 08:00").await, true).await;
    assert_eq!(urgent.rank, ["0", "2"]);
    let shares = allot(&suite, &part).await;
    assert_eq!(names(&shares.allotted), [urgent.name.as_str()]);
    assert_eq!(names(&shares.waiting), [planned.name.as_str()]);
    assert_eq!(shares.waiting[0].state(), State::Open);
    assert_eq!(suite.told::<pb::ItemAllotted>().await.len(), 2);
}

#[tokio::test]
async fn the_list_is_in_the_order_of_service_and_goes_on_page_by_page() {
    let suite = Suite::start().await;
    let part = suite.stocked("Z-1", "", "1").await;
    let late = reserve(&suite, &part, &suite.case("1", "2026-03-10 15:00").await, false).await;
    let early = reserve(&suite, &part, &suite.case("1", "2026-03-10 11:00").await, false).await;
    let unclassed = reserve(&suite, &part, &suite.case("", "2026-03-09 09:00").await, false).await;
    let foreign = reserve(&suite, &part, &suite.case("4", "2026-03-09 09:00").await, false).await;
    let urgent = reserve(&suite, &part, &suite.case("4", "2026-03-11 08:00").await, true).await;
    let (mut listed, mut page_token) = (Vec::new(), String::new());
    loop {
        let request =
            pb::ListReservationsRequest { parent: ORG.to_owned(), item: part.clone(), page_size: 2, page_token };
        let page = suite.inventory.list_reservations(by("ku", "warehouse", request)).await.unwrap().into_inner();
        listed.extend(page.reservations);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    let order = [&urgent, &early, &late, &foreign, &unclassed].map(|reservation| reservation.name.as_str());
    assert_eq!(names(&listed), order);
}

#[tokio::test]
async fn what_is_allotted_to_a_case_is_issued_for_that_case_only_and_ends_its_reservation() {
    let suite = Suite::start().await;
    let part = suite.stocked("Z-1", "", "1").await;
    let (mine, other) = (suite.case("1", "2026-03-10 11:00").await, suite.case("1", "2026-03-10 12:00").await);
    let reservation = reserve(&suite, &part, &mine, false).await;
    allot(&suite, &part).await;
    let (for_mine, for_other) = (new_order(), new_order());
    suite.order(&for_mine, &mine, &[], "").await;
    suite.order(&for_other, &other, &[], "").await;

    let theirs = suite.fill("carry", &for_other, &[(&part, "1")]).await.unwrap().name;
    assert_refused(suite.issue(&theirs).await, Code::FailedPrecondition, "STOCK_SHORT", &[]);
    assert_eq!(suite.balance(&part).await.on_hand, "1", "a refused issue moves nothing");
    let ours = suite.fill("carry", &for_mine, &[(&part, "1")]).await.unwrap().name;
    suite.issue(&ours).await.unwrap();
    assert_eq!(state(&suite, &reservation).await, State::Ended);
}

#[tokio::test]
async fn a_case_whose_class_becomes_known_moves_up_and_one_that_ends_leaves_the_queue() {
    let suite = Suite::start().await;
    let part = suite.stocked("Z-1", "", "1").await;
    let case = suite.case("", "2026-03-10 11:00").await;
    let reservation = reserve(&suite, &part, &case, false).await;
    let known = intake::Case {
        name: case,
        received_at: Some(at("2026-03-10 11:00")),
        verdict: Some(Verdict { product_class: "3".to_owned(), ..Verdict::default() }),
        regulation: "R01-aerial-platforms@1".to_owned(),
        ..intake::Case::default()
    };
    suite.learn(&intake::CaseProgressed { event: "analysed".to_owned(), case: Some(known.clone()) }).await;
    let request = pb::GetReservationRequest { name: reservation.name.clone() };
    let moved = suite.inventory.get_reservation(by("ku", "warehouse", request)).await.map(Response::into_inner);
    assert_eq!(moved.unwrap().rank, ["1", "3"]);
    let before = intake::Case { verdict: None, ..known.clone() };
    let old_news = intake::CaseProgressed { event: "passed_on".to_owned(), case: Some(before) };
    suite.learn_late(&old_news, "2026-03-11 07:59").await;
    let request = pb::GetReservationRequest { name: reservation.name.clone() };
    let stayed = suite.inventory.get_reservation(by("ku", "warehouse", request)).await.map(Response::into_inner);
    assert_eq!(stayed.unwrap().rank, ["1", "3"], "what was told before is no news");
    suite.learn(&intake::CaseEnded { case: Some(known) }).await;
    assert_eq!(state(&suite, &reservation).await, State::Ended);
}
