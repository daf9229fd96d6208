//! What is due for each customer, and who sees to it: scenario S9 of R31.

use callout_contract::{
    evaluation::v1::{self as pb, duties_server::Duties as _, duty::State},
    intake::v1 as intake,
};
use tonic::Status;

use crate::support::{Bench, ORGANIZATION, by, name, new_request_id, rules, shown};

const PACK: &str = "R31-power-equipment";

async fn known(bench: &Bench, customer: u128, person_in_charge: &str) -> String {
    let told = intake::Customer {
        name: name("customers", customer),
        person_in_charge: person_in_charge.to_owned(),
        ..intake::Customer::default()
    };
    bench.tell(&intake::CustomerChanged { customer: Some(told) }, "2026-06-01 08:00:00").await;
    name("customers", customer)
}

async fn visits(bench: &Bench, subject: &str, person: &str) -> Vec<pb::Duty> {
    let request = pb::ListDutiesRequest {
        parent: ORGANIZATION.to_owned(),
        routine: "customer_visit".to_owned(),
        subject: subject.to_owned(),
        person: person.to_owned(),
        ..pb::ListDutiesRequest::default()
    };
    bench.evaluation.list_duties(by("hua", "service_department", request)).await.unwrap().into_inner().duties
}

async fn visit(bench: &Bench, subject: &str, duty: &pb::Duty) -> Result<pb::Duty, Status> {
    let request = pb::CompleteDutyRequest {
        name: duty.name.clone(),
        outcome: "visited".to_owned(),
        request_id: new_request_id(),
        ..pb::CompleteDutyRequest::default()
    };
    Ok(bench.evaluation.complete_duty(by(subject, "salesman", request)).await?.into_inner())
}

#[tokio::test]
async fn every_customer_is_visited_once_a_month_by_the_person_in_charge() {
    let bench = Bench::start_under(PACK, "2026-06-01 08:00:00").await;
    let first = known(&bench, 1, "rao").await;
    let second = known(&bench, 2, "rao").await;
    known(&bench, 3, "mei").await;
    let of_rao = visits(&bench, "", "rao").await;
    assert_eq!(of_rao.iter().map(|duty| duty.subject.as_str()).collect::<Vec<_>>(), [&first, &second]);
    assert!(of_rao.iter().all(|duty| shown(duty.due_at) == "2026-06-30 23:59:59" && duty.owner == "salesman"));
    assert_eq!(rules(&visit(&bench, "mei", &of_rao[0]).await.unwrap_err()), ["R31-23"]);
    assert_eq!(visit(&bench, "rao", &of_rao[0]).await.unwrap().state(), State::Done);

    // The next month opens with its own duties; the visit that was not made stays missed.
    bench.advance("2026-07-01 00:00:00").await;
    let states = |duties: Vec<pb::Duty>| duties.iter().map(pb::Duty::state).collect::<Vec<_>>();
    assert_eq!(states(visits(&bench, &first, "").await), [State::Done, State::Open]);
    assert_eq!(states(visits(&bench, &second, "").await), [State::Missed, State::Open]);
}

#[tokio::test]
async fn a_customer_who_is_handed_over_is_for_the_other_one_to_visit_from_then_on() {
    let bench = Bench::start_under(PACK, "2026-06-01 08:00:00").await;
    let customer = known(&bench, 1, "").await;
    let [free] = visits(&bench, &customer, "").await.try_into().unwrap();
    assert_eq!(free.person, "", "nobody is in charge: any salesman may");
    known(&bench, 1, "rao").await;
    known(&bench, 1, "mei").await;
    let [duty] = visits(&bench, &customer, "").await.try_into().unwrap();
    assert_eq!((duty.name.as_str(), duty.person.as_str()), (free.name.as_str(), "mei"));
    visit(&bench, "mei", &duty).await.unwrap();
    // What was done stays his who did it.
    known(&bench, 1, "rao").await;
    let [done] = visits(&bench, &customer, "").await.try_into().unwrap();
    assert_eq!((done.state(), done.person.as_str(), done.done_by.as_str()), (State::Done, "mei", "mei"));
}
