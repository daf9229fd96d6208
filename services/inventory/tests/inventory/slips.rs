//! Loan slips from the first line to zero. Source: R01-53 to R01-58.

use callout_contract::{
    events::v1::LimitMissed,
    inventory::v1::{
        self as pb, loan_slip::State, loan_slips_server::LoanSlips as _, movements_server::Movements as _,
        slip_lists_server::SlipLists as _,
    },
    regulation::v1::limit,
    types::v1::Record,
};
use tonic::{Code, Response, Status};

use crate::support::*;

async fn list_week_of(suite: &Suite, day: &str, role: &str) -> Result<pb::SlipList, Status> {
    let request = pb::CreateSlipListRequest {
        parent: ORG.to_owned(),
        routine: "weekly_slip_list".to_owned(),
        day: day.to_owned(),
        request_id: request_id(),
        ..Default::default()
    };
    suite.inventory.create_slip_list(by("ku", role, request)).await.map(Response::into_inner)
}

#[tokio::test]
async fn a_slip_stays_open_and_late_until_each_part_is_back_and_certified() {
    let suite = Suite::start().await;
    let (hose, valve) = (suite.stocked("H-10", "", "5").await, suite.stocked("V-20", "", "3").await);
    let (case, order) = (suite.case("1", "2026-03-11 08:00").await, new_order());
    suite.order(&order, &case, &[("received", "2026-03-11 08:00")], "").await;
    let slip = suite.fill("carry", &order, &[(&hose, "2"), (&valve, "1")]).await.unwrap();
    assert_eq!((slip.state(), slip.number.as_str(), slip.owner.as_str()), (State::Draft, "L2026-03-0001", "warehouse"));
    let name = slip.name.as_str();
    let issued = suite.issue(name).await.unwrap();
    assert_eq!((issued.limits.len(), issued.owner.as_str()), (0, "engineer"));
    assert_eq!(issued.milestones.last().map(|milestone| milestone.event.as_str()), Some("issued"));
    assert_refused(suite.issue(name).await, Code::FailedPrecondition, "STATE_WRONG", &[]);

    // The return of the engineer starts the limit; the hand-in of his papers is not that of the parts.
    suite.clock("2026-03-14 09:00").await;
    let trip = [("returned", "2026-03-13 20:00"), ("handed_in", "2026-03-14 09:00")];
    suite.order(&order, &case, &trip, "").await;
    let returned = suite.get(name).await;
    assert_eq!((returned.limits[0].state(), returned.limits[0].due_at), (limit::State::Running, returned.next_due_at));
    assert_eq!(returned.next_due_at.unwrap().seconds, at("2026-03-17 00:00").seconds - 1);

    suite.clock("2026-03-16 17:30").await;
    let part = suite.hand_in(name, (1, "1", "1", "")).await.unwrap();
    assert_eq!(part.limits[0].state(), limit::State::Running, "the valve is outstanding");
    assert_refused(suite.hand_in(name, (1, "1", "", "")).await, Code::FailedPrecondition, "LINE_EXCEEDED", &[]);
    assert_refused(suite.zero(name, "warehouse").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-58"]);

    suite.clock("2026-03-17 10:00").await;
    let found = (1, "1", "1");
    let by_engineer = suite.inspect(name, "engineer", found).await;
    assert_refused(by_engineer, Code::FailedPrecondition, "RULE_REFUSED", &["R01-58"]);
    let certified = suite.inspect(name, "quality_office", found).await.unwrap();
    assert_eq!(certified.limits[0].state(), limit::State::Overdue);
    assert_refused(suite.zero(name, "information_office").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-58"]);
    let half = suite.zero(name, "warehouse").await.unwrap();
    assert_eq!((half.state(), half.lines[0].zeroed, half.lines[1].zeroed), (State::Issued, true, false));
    let hoses = suite.balance(&hose).await;
    assert_eq!((hoses.lent.as_str(), hoses.in_inspection.as_str(), hoses.used.as_str()), ("0", "0", "1"));
    assert_eq!(
        (hoses.on_hand_by_place[&suite.good].as_str(), hoses.on_hand_by_place[&suite.damaged].as_str()),
        ("1", "1")
    );
    assert_refused(suite.zero(name, "warehouse").await, Code::FailedPrecondition, "RULE_REFUSED", &["R01-58"]);

    suite.clock("2026-03-18 09:00").await;
    let late = suite.hand_in(name, (2, "", "1", "")).await.unwrap();
    assert_eq!((late.limits[0].state(), late.limits[0].late_days), (limit::State::MetLate, 2));
    suite.inspect(name, "quality_office", (2, "", "1")).await.unwrap();
    let zeroed = suite.zero(name, "warehouse").await.unwrap();
    assert_eq!((zeroed.state(), zeroed.owner.as_str(), zeroed.next_due_at), (State::Zeroed, "", None));

    let missed: Vec<LimitMissed> = suite.told().await;
    let states: Vec<_> = missed.iter().map(|missed| missed.limit.as_ref().unwrap().state()).collect();
    assert_eq!(states, [limit::State::Overdue, limit::State::MetLate]);
    assert!(missed.iter().all(|missed| missed.responsible == "wang" && missed.case == case));
}

#[tokio::test]
async fn a_self_signed_slip_is_for_low_value_parts_and_is_zeroed_by_the_list_of_its_week() {
    let suite = Suite::start().await;
    let bolt = suite.stocked("B-M8", "low_value_standard", "100").await;
    let valve = suite.stocked("V-20", "", "3").await;
    let own_valve = suite.fill("self_signed", "", &[(&bolt, "1"), (&valve, "1")]).await;
    assert_refused(own_valve, Code::FailedPrecondition, "RULE_REFUSED", &["R01-55"]);
    let name = suite.fill("self_signed", "", &[(&bolt, "10")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    let copy = Record { kind: "slip_copy_to_administrator".to_owned(), ..Record::default() };
    let request =
        pb::CreateLoanSlipRecordRequest { parent: name.clone(), record: Some(copy), request_id: request_id() };
    let recorded = suite.inventory.create_loan_slip_record(by("wang", "engineer", request)).await.unwrap().into_inner();
    assert_eq!(recorded.records.len(), 1);
    let unlisted = suite.zero(&name, "information_office").await;
    assert_refused(unlisted, Code::FailedPrecondition, "RULE_REFUSED", &["R01-56"]);

    let by_engineer = list_week_of(&suite, "2026-03-11", "engineer").await;
    assert_refused(by_engineer, Code::FailedPrecondition, "RULE_REFUSED", &["R01-56"]);
    let too_early = list_week_of(&suite, "2026-03-16", "warehouse").await;
    assert_refused(too_early, Code::InvalidArgument, "FIELD_INVALID", &[]);
    let list = list_week_of(&suite, "2026-03-15", "warehouse").await.unwrap();
    assert_eq!((list.period_start_on.as_str(), list.period_end_on.as_str()), ("2026-03-09", "2026-03-15"));
    assert_eq!((list.loan_slips, list.late), (vec![name.clone()], false));
    assert_eq!(list.due_at.unwrap().seconds, at("2026-03-16 00:00").seconds - 1);

    let by_warehouse = suite.zero(&name, "warehouse").await;
    assert_refused(by_warehouse, Code::FailedPrecondition, "RULE_REFUSED", &["R01-56"]);
    let zeroed = suite.zero(&name, "information_office").await.unwrap();
    assert_eq!((zeroed.state(), zeroed.lines[0].outstanding.as_str()), (State::Zeroed, "0"));
    assert_eq!((suite.balance(&bolt).await.used.as_str(), suite.balance(&bolt).await.lent.as_str()), ("10", "0"));
    suite.clock("2026-03-16 08:00").await;
    assert!(list_week_of(&suite, "2026-03-15", "warehouse").await.unwrap().late);
}

#[tokio::test]
async fn a_slip_for_a_purpose_that_the_pack_does_not_have_or_by_another_role_is_refused() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let unknown = suite.fill("borrow", "", &[(&hose, "1")]).await;
    assert_refused(unknown, Code::InvalidArgument, "FIELD_INVALID", &[]);
    let request = suite.filling("carry", "", &[(&hose, "1")]);
    let by_engineer = suite.inventory.create_loan_slip(by("wang", "engineer", request)).await;
    assert_refused(by_engineer, Code::FailedPrecondition, "RULE_REFUSED", &["R01-54"]);
    let mut request = suite.filling("carry", "", &[(&hose, "1")]);
    request.loan_slip.as_mut().unwrap().place = suite.good.clone();
    let from_sub_stock = suite.inventory.create_loan_slip(by("zhao", &administrator(), request)).await;
    assert_refused(from_sub_stock, Code::InvalidArgument, "FIELD_INVALID", &[]);
}

#[tokio::test]
async fn a_slip_of_which_everything_is_lost_comes_to_zero_without_a_certificate() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("carry", "", &[(&hose, "2")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    suite.hand_in(&name, (1, "", "", "2")).await.unwrap();
    assert_eq!(suite.zero(&name, "warehouse").await.unwrap().state(), State::Zeroed);
    assert_eq!(suite.balance(&hose).await.lost, "2");
}

#[tokio::test]
async fn nothing_is_handed_in_before_it_was_issued_or_in_the_future() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("carry", "", &[(&hose, "2")]).await.unwrap().name;
    assert_refused(suite.hand_in(&name, (1, "1", "", "")).await, Code::FailedPrecondition, "STATE_WRONG", &[]);
    suite.clock("2026-03-11 12:00").await;
    suite.issue(&name).await.unwrap();
    for occurred_at in ["2026-03-11 11:59", "2026-03-11 12:01"] {
        let line = pb::HandedInLine { line: 1, unused: "1".to_owned(), ..pb::HandedInLine::default() };
        let request = pb::HandInLoanSlipRequest {
            name: name.clone(),
            lines: vec![line],
            occurred_at: Some(at(occurred_at)),
            request_id: request_id(),
            ..Default::default()
        };
        let answer = suite.inventory.hand_in_loan_slip(by("wang", "engineer", request)).await;
        assert_refused(answer, Code::InvalidArgument, "FIELD_INVALID", &[]);
    }
}

#[tokio::test]
async fn every_movement_of_a_slip_names_the_line_that_caused_it() {
    let suite = Suite::start().await;
    let hose = suite.stocked("H-10", "", "5").await;
    let name = suite.fill("carry", "", &[(&hose, "2")]).await.unwrap().name;
    suite.issue(&name).await.unwrap();
    suite.hand_in(&name, (1, "", "1", "")).await.unwrap();
    let request = pb::ListMovementsRequest { parent: ORG.to_owned(), item: hose, ..Default::default() };
    let movements =
        suite.inventory.list_movements(by("ku", "warehouse", request)).await.unwrap().into_inner().movements;
    let line = format!("{name}/lines/1");
    let mut caused: Vec<_> =
        movements.iter().filter(|it| it.cause == line).map(|it| (it.from_account(), it.to_account())).collect();
    caused.sort();
    let mut expected = [
        (pb::Account::OnHand, pb::Account::Lent),
        (pb::Account::Lent, pb::Account::Used),
        (pb::Account::Customer, pb::Account::InInspection),
    ];
    expected.sort();
    assert_eq!(caused, expected);
}
