//! How a case counts for the rates of its regulation, told whenever that changes: scenarios S7 and S10 of R31.

use callout_contract::{events::v1::RateCounted, intake::v1 as pb, types::v1::Record};

use crate::support::*;

/// What was told of a case: the rate, whether it counts, whether it holds.
async fn told(suite: &Suite, case: &str) -> Vec<(String, bool, bool)> {
    let told = suite.told::<RateCounted>().await.into_iter().map(|(told, _)| told);
    let own = told.filter(|told| told.subject == case).inspect(|told| {
        assert!(!told.counts || told.day == "2026-03-09", "{told:?}");
        assert_eq!(told.regulation, "R31-power-equipment@1");
    });
    own.map(|told| (told.rate, told.counts, told.holds)).collect()
}

fn filled(kind: &str, fields: &[(&str, &str)]) -> Record {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Record { kind: kind.to_owned(), fields, ..Record::default() }
}

async fn take_in(suite: &Suite, case: pb::Case) -> String {
    let request = pb::CreateCaseRequest { at_desk: true, ..taking_in(case) };
    let asked = by("hua", "service_department", request);
    suite.cases().create_case(asked).await.unwrap().into_inner().name
}

fn counts(rate: &str, holds: bool) -> (String, bool, bool) {
    (rate.to_owned(), true, holds)
}

#[tokio::test]
async fn a_letter_counts_when_it_comes_and_holds_once_the_right_person_answered() {
    let suite = Suite::alone_under("R31-power-equipment").await;
    let letter = take_in(&suite, pb::Case { channel: pb::case::Channel::Email.into(), ..enquiry() }).await;
    assert_eq!(told(&suite, &letter).await, [counts("reply", false)]);
    suite.record(&letter, filled("reply", &[("text", "yes")]), "salesman").await.unwrap();
    assert_eq!(told(&suite, &letter).await[1..], [counts("correct_reply", false)]);
    suite.record(&letter, filled("reply", &[("text", "yes")]), "senior_engineer").await.unwrap();
    suite.record(&letter, filled("reply_check", &[("correct", "yes")]), "service_administrator").await.unwrap();
    assert_eq!(told(&suite, &letter).await[2..], [counts("reply", true), counts("correct_reply", true)]);
    // Nothing that changes nothing is told.
    suite.record(&letter, filled("reply_check", &[("correct", "yes")]), "service_administrator").await.unwrap();
    assert_eq!(told(&suite, &letter).await.len(), 4);
    let call = take_in(&suite, enquiry()).await;
    assert_eq!(told(&suite, &call).await, []);
}

#[tokio::test]
async fn an_item_that_came_to_nothing_counts_no_more() {
    let suite = Suite::alone_under("R31-power-equipment").await;
    let case = take_in(&suite, pb::Case { kind: pb::case::Kind::Complaint.into(), ..enquiry() }).await;
    assert_eq!(told(&suite, &case).await, [counts("studied", false)]);
    let request = pb::CancelCaseRequest {
        name: case.clone(),
        reason: "withdrawn".to_owned(),
        request_id: request_id(),
        ..pb::CancelCaseRequest::default()
    };
    suite.cases().cancel_case(by("hua", "service_department", request)).await.unwrap();
    assert_eq!(told(&suite, &case).await[1..], [("studied".to_owned(), false, false)]);
}
