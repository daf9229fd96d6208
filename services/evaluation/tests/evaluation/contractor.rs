//! What the tests of agreements, incidents and settlements share: a contractor of elevators, paid 30,000 a month.

use std::collections::BTreeMap;

use callout_contract::{
    evaluation::v1::{
        self as pb, agreements_server::Agreements as _, incidents_server::Incidents as _,
        settlements_server::Settlements as _,
    },
    intake::v1 as intake,
};
use callout_kit::parse;
use tonic::Status;

use crate::support::{Bench, ORGANIZATION, at, by, name, new_request_id};

pub const OFFICE: (&str, &str) = ("he", "service_office");
pub const TERRITORY: (&str, &str) = ("tang", "territorial_department");
pub const SUPERVISOR: (&str, &str) = ("su", "safety_supervisor");
pub const SAFETY: (&str, &str) = ("an", "safety_quality");
pub const LEADER: (&str, &str) = ("ling", "competent_leader");
pub const BUSINESS: (&str, &str) = ("jing", "business_management");

/// The signatures after the score, with who gives each.
pub const CHAIN: [(&str, (&str, &str)); 3] = [("review", SAFETY), ("approval", LEADER), ("settlement", BUSINESS)];

/// A sandbox of a service office whose clock stands at `now`.
pub async fn office(now: &str) -> Bench {
    Bench::under(("R22-elevator-outsourcing", "2024-01-01 00:00:00"), now, Vec::new()).await
}

/// A machine of which intake has told.
pub async fn machine(bench: &Bench, number: u128, now: &str) -> String {
    let name = name("products", number);
    let told = intake::Product { name: name.clone(), ..intake::Product::default() };
    bench.tell(&intake::ProductChanged { product: Some(told) }, now).await;
    name
}

/// An agreement of the year 2024 over every machine.
pub fn wanted() -> pb::Agreement {
    pb::Agreement {
        kind: "elevator_maintenance".to_owned(),
        contractor: "maintenance_contractor".to_owned(),
        starts_on: "2024-01-01".to_owned(),
        annual_fee: "360000".to_owned(),
        machines: 40,
        persons: 2,
        selection: "tender".to_owned(),
        reference: "Tender 2023-17".to_owned(),
        ..pb::Agreement::default()
    }
}

pub async fn agree(
    bench: &Bench,
    (subject, role): (&str, &str),
    agreement: pb::Agreement,
) -> Result<pb::Agreement, Status> {
    let request = pb::CreateAgreementRequest {
        parent: ORGANIZATION.to_owned(),
        agreement: Some(agreement),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_agreement(by(subject, role, request)).await?.into_inner())
}

pub async fn agreement(bench: &Bench, name: &str) -> pb::Agreement {
    let request = pb::GetAgreementRequest { name: name.to_owned() };
    bench.evaluation.get_agreement(by("he", "service_office", request)).await.unwrap().into_inner()
}

pub async fn terminate(
    bench: &Bench,
    (subject, role): (&str, &str),
    name: &str,
    ground: &str,
) -> Result<pb::Agreement, Status> {
    let request = pb::TerminateAgreementRequest {
        name: name.to_owned(),
        ground: ground.to_owned(),
        request_id: new_request_id(),
        ..pb::TerminateAgreementRequest::default()
    };
    Ok(bench.evaluation.terminate_agreement(by(subject, role, request)).await?.into_inner())
}

/// Something that happened under an agreement.
pub fn incident(agreement: &str, kind: &str) -> pb::Incident {
    pb::Incident {
        agreement: agreement.to_owned(),
        kind: kind.to_owned(),
        note: "as the sheet says".to_owned(),
        ..pb::Incident::default()
    }
}

pub async fn enter(
    bench: &Bench,
    (subject, role): (&str, &str),
    incident: pb::Incident,
    occurred_at: &str,
) -> Result<pb::Incident, Status> {
    let request = pb::CreateIncidentRequest {
        parent: ORGANIZATION.to_owned(),
        incident: Some(incident),
        occurred_at: Some(parse::to_timestamp(at(occurred_at))),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_incident(by(subject, role, request)).await?.into_inner())
}

/// The settlements of an agreement in the order of their periods.
pub async fn settlements(bench: &Bench, agreement: &str) -> Vec<pb::Settlement> {
    let request = pb::ListSettlementsRequest {
        parent: ORGANIZATION.to_owned(),
        agreement: agreement.to_owned(),
        ..pb::ListSettlementsRequest::default()
    };
    bench
        .evaluation
        .list_settlements(by("jing", "business_management", request))
        .await
        .unwrap()
        .into_inner()
        .settlements
}

/// The settlement of a month.
pub async fn month(bench: &Bench, agreement: &str, period: &str) -> pb::Settlement {
    let all = settlements(bench, agreement).await;
    all.into_iter().find(|settlement| settlement.period == period).unwrap()
}

/// Scores a period: all points for one component, so that they are the score.
pub async fn score(
    bench: &Bench,
    (subject, role): (&str, &str),
    settlement: &str,
    points: &str,
) -> Result<pb::Settlement, Status> {
    let components = ["service_quality", "repair_timeliness", "rescue_time", "inspection_pass", "records"];
    let mut given: BTreeMap<String, String> =
        components.into_iter().map(|component| (component.to_owned(), "0".to_owned())).collect();
    given.insert("service_quality".to_owned(), points.to_owned());
    let request = pb::ScoreSettlementRequest {
        name: settlement.to_owned(),
        points: given,
        request_id: new_request_id(),
        ..pb::ScoreSettlementRequest::default()
    };
    Ok(bench.evaluation.score_settlement(by(subject, role, request)).await?.into_inner())
}

pub async fn sign(
    bench: &Bench,
    (subject, role): (&str, &str),
    settlement: &str,
    signoff: &str,
) -> Result<pb::Settlement, Status> {
    let request = pb::SignSettlementRequest {
        name: settlement.to_owned(),
        signoff: signoff.to_owned(),
        request_id: new_request_id(),
        ..pb::SignSettlementRequest::default()
    };
    Ok(bench.evaluation.sign_settlement(by(subject, role, request)).await?.into_inner())
}

/// Scores a month and signs it to the end.
pub async fn settle(bench: &Bench, agreement: &str, period: &str, points: &str) -> pb::Settlement {
    let mut settlement = month(bench, agreement, period).await;
    settlement = score(bench, TERRITORY, &settlement.name, points).await.unwrap();
    for (signoff, by) in CHAIN {
        settlement = sign(bench, by, &settlement.name, signoff).await.unwrap();
    }
    settlement
}
