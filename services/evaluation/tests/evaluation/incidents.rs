//! What happens under an agreement: entered, following from a missed limit, rectified, taken back.

use callout_contract::{
    evaluation::v1::{self as pb, incident::State, incidents_server::Incidents as _},
    events::v1::LimitMissed,
    regulation::v1::{Limit, limit},
};
use callout_kit::parse;
use tonic::{Code, Status};

use crate::{
    contractor::{
        OFFICE, SAFETY, SUPERVISOR, TERRITORY, agree, agreement, enter, incident, machine, month, office, score, wanted,
    },
    support::{Bench, ORGANIZATION, at, by, name, new_request_id, reason, rules, shown},
};

const NOW: &str = "2024-07-20 09:00:00";

async fn rectify(
    bench: &Bench,
    (subject, role): (&str, &str),
    incident: &pb::Incident,
    occurred_at: &str,
) -> Result<pb::Incident, Status> {
    let request = pb::RectifyIncidentRequest {
        name: incident.name.clone(),
        occurred_at: Some(parse::to_timestamp(at(occurred_at))),
        request_id: new_request_id(),
        ..pb::RectifyIncidentRequest::default()
    };
    Ok(bench.evaluation.rectify_incident(by(subject, role, request)).await?.into_inner())
}

async fn withdraw(bench: &Bench, (subject, role): (&str, &str), name: &str) -> Result<pb::Incident, Status> {
    let request = pb::WithdrawIncidentRequest {
        name: name.to_owned(),
        reason: "it was another lift".to_owned(),
        request_id: new_request_id(),
        ..pb::WithdrawIncidentRequest::default()
    };
    Ok(bench.evaluation.withdraw_incident(by(subject, role, request)).await?.into_inner())
}

async fn list(bench: &Bench, agreement: &str, kind: &str) -> Vec<pb::Incident> {
    let request = pb::ListIncidentsRequest {
        parent: ORGANIZATION.to_owned(),
        agreement: agreement.to_owned(),
        kind: kind.to_owned(),
        ..pb::ListIncidentsRequest::default()
    };
    bench.evaluation.list_incidents(by("an", "safety_quality", request)).await.unwrap().into_inner().incidents
}

/// What dispatch tells of a rescue that came too late.
fn missed(product: &str, order: u128, limit: &str, state: limit::State) -> LimitMissed {
    LimitMissed {
        subject: name("workOrders", order),
        case: name("cases", order),
        limit: Some(Limit { limit: limit.to_owned(), state: state.into(), ..Limit::default() }),
        responsible: "maintenance_contractor".to_owned(),
        regulation: "R22-elevator-outsourcing@1".to_owned(),
        retractions: 0,
        product: product.to_owned(),
    }
}

#[tokio::test]
async fn an_incident_is_entered_by_its_roles_with_what_it_needs_and_within_the_agreement() {
    let bench = office(NOW).await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let lift = machine(&bench, 1, NOW).await;
    let repair =
        pb::Incident { product: lift.clone(), cause: "door contact".to_owned(), ..incident(&made.name, "repair") };
    let entered = enter(&bench, SUPERVISOR, repair.clone(), "2024-07-02 09:00:00").await.unwrap();
    assert_eq!((entered.state(), entered.entered_by.as_str(), entered.rule.as_str()), (State::Counted, "su", "R22-22"));
    assert_eq!(shown(entered.counts_from), "2024-07-02 09:00:00");
    assert_eq!(list(&bench, &made.name, "repair").await, [entered]);
    assert_eq!(list(&bench, &made.name, "accident").await, []);

    let bare = pb::Incident { product: String::new(), cause: String::new(), ..repair.clone() };
    assert_eq!(rules(&enter(&bench, SAFETY, bare, "2024-07-02 09:00:00").await.unwrap_err()), ["R22-22"; 3]);
    for (fault, occurred_at) in [("before", "2023-12-31 23:59:59"), ("future", "2024-07-20 09:00:01")] {
        let refused = enter(&bench, SUPERVISOR, repair.clone(), occurred_at).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{fault}");
    }
    let wrong = pb::Incident { cost: "much".to_owned(), rectify_by: "soon".to_owned(), ..repair };
    let refused = enter(&bench, SUPERVISOR, wrong, "2024-07-02 09:00:00").await.unwrap_err();
    assert!(refused.message().contains("incident.cost") && refused.message().contains("incident.rectify_by"));
}

#[tokio::test]
async fn a_machine_that_the_agreement_does_not_cover_is_not_its_matter() {
    let bench = office(NOW).await;
    let (lift, other) = (machine(&bench, 1, NOW).await, machine(&bench, 2, NOW).await);
    let made = agree(&bench, OFFICE, pb::Agreement { products: vec![lift], ..wanted() }).await.unwrap();
    let repair = pb::Incident { product: other, cause: "relay".to_owned(), ..incident(&made.name, "repair") };
    let refused = enter(&bench, SUPERVISOR, repair, "2024-07-02 09:00:00").await.unwrap_err();
    assert!(refused.message().contains("incident.product"), "{refused:?}");
}

#[tokio::test]
async fn a_missed_limit_is_one_incident_however_often_it_is_told_and_two_about_one_thing_count_once() {
    let bench = office(NOW).await;
    let lift = machine(&bench, 1, NOW).await;
    let made = agree(&bench, OFFICE, pb::Agreement { products: vec![lift.clone()], ..wanted() }).await.unwrap();
    for state in [limit::State::Overdue, limit::State::MetLate] {
        for limit in ["rescue", "rescue_unanswered"] {
            bench.tell(&missed(&lift, 1, limit, state), "2024-07-06 03:30:01").await;
        }
    }
    let incidents = list(&bench, &made.name, "").await;
    let triggers: Vec<_> = incidents.iter().map(|it| (it.kind.as_str(), it.trigger.as_str())).collect();
    assert_eq!(triggers, [("late_rescue", "limit:rescue_unanswered"), ("late_rescue", "limit:rescue")], "latest first");
    assert_eq!((incidents[0].subject.clone(), incidents[0].product.clone()), (name("workOrders", 1), lift));
    assert_eq!(shown(incidents[0].counts_from), "2024-07-06 03:30:01");
    let july = month(&bench, &made.name, "2024-07").await;
    assert_eq!(score(&bench, TERRITORY, &july.name, "95").await.unwrap().deducted, "600.00", "2 %, and not 5 %");
    // Neither another limit, nor another machine, nor a day before the agreement.
    let other = machine(&bench, 2, NOW).await;
    bench.tell(&missed(&incidents[0].product, 2, "trip_report", limit::State::MetLate), "2024-07-06 03:30:01").await;
    bench.tell(&missed(&other, 3, "rescue", limit::State::MetLate), "2024-07-06 03:30:01").await;
    bench.tell(&missed("", 4, "rescue", limit::State::MetLate), "2024-07-06 03:30:01").await;
    assert_eq!(list(&bench, &made.name, "").await.len(), 2);
}

#[tokio::test]
async fn an_agreement_over_every_machine_counts_what_names_none() {
    let bench = office(NOW).await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    for order in 1..=3 {
        bench.tell(&missed("", order, "rescue", limit::State::MetLate), "2024-07-06 03:30:01").await;
    }
    assert_eq!(list(&bench, &made.name, "late_rescue").await.len(), 3);
    assert_eq!(agreement(&bench, &made.name).await.notices[0].ground, "late_rescues");
}

#[tokio::test]
async fn what_is_not_rectified_by_the_end_of_its_day_counts_from_the_next_second() {
    let bench = office("2024-07-03 10:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let problem = pb::Incident { rectify_by: "2024-07-10".to_owned(), ..incident(&made.name, "quality_not_rectified") };
    let late = enter(&bench, TERRITORY, problem.clone(), "2024-07-03 10:00:00").await.unwrap();
    let in_time = enter(&bench, TERRITORY, problem.clone(), "2024-07-03 10:00:00").await.unwrap();
    assert_eq!((late.state(), late.counts_from), (State::ToRectify, None));
    bench.advance("2024-07-10 23:59:59").await;
    assert_eq!(rules(&rectify(&bench, SUPERVISOR, &in_time, "2024-07-10 23:59:59").await.unwrap_err()), ["R22-21"]);
    let rectified = rectify(&bench, TERRITORY, &in_time, "2024-07-10 23:59:59").await.unwrap();
    assert_eq!((rectified.state(), rectified.counts_from), (State::Rectified, None));
    let again = rectify(&bench, TERRITORY, &in_time, "2024-07-10 23:59:59").await.unwrap_err();
    assert_eq!(reason(&again), "STATE_WRONG");
    bench.advance("2024-07-11 00:00:00").await;
    bench.advance("2024-07-11 09:00:00").await;
    let counted = &list(&bench, &made.name, "").await[1];
    assert_eq!((counted.state(), shown(counted.counts_from).as_str()), (State::Counted, "2024-07-11 00:00:00"));
    let events: Vec<_> = bench.told::<pb::IncidentProgressed>().await.into_iter().map(|(it, _)| it.event).collect();
    assert_eq!(events, ["entered", "entered", "rectified", "not_rectified"]);

    for (fault, wrong) in [
        ("absent", pb::Incident { rectify_by: String::new(), ..problem.clone() }),
        ("before it was found", pb::Incident { rectify_by: "2024-07-02".to_owned(), ..problem }),
        (
            "where nothing is",
            pb::Incident { rectify_by: "2024-07-10".to_owned(), ..incident(&made.name, "record_missing") },
        ),
    ] {
        let refused = enter(&bench, TERRITORY, wrong, "2024-07-03 10:00:00").await.unwrap_err();
        assert!(refused.message().contains("incident.rectify_by"), "{fault}: {refused:?}");
    }
}

#[tokio::test]
async fn an_incident_that_is_taken_back_counts_no_longer() {
    let bench = office(NOW).await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let missing =
        enter(&bench, SUPERVISOR, incident(&made.name, "record_missing"), "2024-07-02 09:00:00").await.unwrap();
    let july = month(&bench, &made.name, "2024-07").await;
    assert_eq!(score(&bench, TERRITORY, &july.name, "95").await.unwrap().payment, "29850.00");
    assert_eq!(rules(&withdraw(&bench, OFFICE, &missing.name).await.unwrap_err()), ["R22-25"]);
    let gone = withdraw(&bench, SUPERVISOR, &missing.name).await.unwrap();
    assert_eq!(
        (gone.state(), gone.counts_from, gone.withdrawn_for.as_str()),
        (State::Withdrawn, None, "it was another lift")
    );
    assert_eq!(month(&bench, &made.name, "2024-07").await.payment, "30000.00");
    assert_eq!(reason(&withdraw(&bench, SUPERVISOR, &missing.name).await.unwrap_err()), "STATE_WRONG");
}

#[tokio::test]
async fn a_ground_goes_with_the_incident_that_it_rested_on() {
    let bench = office(NOW).await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let lift = machine(&bench, 1, NOW).await;
    let mut last = pb::Incident::default();
    for day in ["2024-07-02 09:00:00", "2024-07-03 09:00:00", "2024-07-04 09:00:00"] {
        let rescue = pb::Incident { product: lift.clone(), ..incident(&made.name, "late_rescue") };
        last = enter(&bench, SUPERVISOR, rescue, day).await.unwrap();
    }
    assert_eq!(agreement(&bench, &made.name).await.notices.len(), 1);
    withdraw(&bench, SUPERVISOR, &last.name).await.unwrap();
    assert_eq!(agreement(&bench, &made.name).await.notices, []);
}
