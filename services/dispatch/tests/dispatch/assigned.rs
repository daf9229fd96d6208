//! Who is assigned to an order, where a rule asks in which role he goes: scenario S6 of R31.

use callout_contract::{
    dispatch::v1::{self as pb, engineers_server::Engineers as _},
    types::v1::Record,
};
use callout_regulation::{Dossier, vocabulary::words};
use tonic::{Code, Status};

use crate::support::*;

async fn engineer(suite: &Suite, subject: &str, roles: &[&str]) -> Result<pb::Engineer, Status> {
    let engineer = pb::Engineer {
        display_name: subject.to_owned(),
        subject: subject.to_owned(),
        roles: roles.iter().map(|&role| role.to_owned()).collect(),
        ..pb::Engineer::default()
    };
    let request =
        pb::CreateEngineerRequest { parent: ORG.to_owned(), engineer: Some(engineer), request_id: request_id() };
    suite.dispatch.create_engineer(desk(request)).await.map(tonic::Response::into_inner)
}

/// An order of a customer who complained, by the regulation that wants the manager or a delegate to go.
async fn complaint(suite: &Suite) -> String {
    let Dossier { mut facts, .. } = dossier(Product::Own);
    facts.set(words::CASE_KIND, "complaint");
    let request = pb::CreateWorkOrderRequest {
        facts: facts.written().into_iter().collect(),
        regulation: "R31-power-equipment@1".to_owned(),
        ..opening(&new_case(), Product::Own, pb::WorkMode::OnSite)
    };
    suite.create(request).await.unwrap().name
}

const FROM: &str = "2026-03-10T08:00:00+08:00";
const TO: &str = "2026-03-10T18:00:00+08:00";

#[tokio::test]
async fn an_engineer_goes_in_roles_of_the_pack_alone_and_keeps_them() {
    let suite = Suite::start().await;
    let refused = engineer(&suite, "wang", &["engineer", "fitter"]).await;
    assert_refused(refused, Code::InvalidArgument, "FIELD_INVALID", &[]);
    let made = engineer(&suite, "wang", &["engineer"]).await.unwrap();
    assert_eq!(made.roles, ["engineer"]);
    let request = pb::GetEngineerRequest { name: made.name.clone() };
    assert_eq!(suite.dispatch.get_engineer(desk(request)).await.unwrap().into_inner(), made);
}

#[tokio::test]
async fn who_is_assigned_alone_is_refused_and_nothing_of_him_is_kept() {
    let suite = Suite::start().await;
    // The roles are those of the pack in force; the order is judged by another one that has none of them.
    let pan = engineer(&suite, "pan", &["engineer"]).await.unwrap().name;
    let order = complaint(&suite).await;
    let refused = suite.schedule(&order, &pan, FROM, TO).await;
    assert_refused(refused, Code::FailedPrecondition, "RULE_REFUSED", &["R31-21"]);
    assert!(suite.get(&order).await.visits.is_empty());
    // He is free for another order at the same time.
    let other = suite.order(Product::Own, pb::WorkMode::OnSite).await.name;
    assert_eq!(suite.schedule(&other, &pan, FROM, TO).await.unwrap().visits.len(), 1);
}

#[tokio::test]
async fn discontent_that_was_on_record_before_the_dispatch_is_known_to_the_order() {
    let suite = Suite::start().await;
    let discontent =
        Record { kind: "discontent".to_owned(), occurred_at: at("2026-03-09T09:00:00+08:00"), ..Record::default() };
    let request = pb::CreateWorkOrderRequest {
        records: vec![discontent],
        regulation: "R31-power-equipment@1".to_owned(),
        ..opening(&new_case(), Product::Own, pb::WorkMode::OnSite)
    };
    let order = suite.create(request).await.unwrap().name;
    let pan = engineer(&suite, "pan", &[]).await.unwrap().name;
    assert_refused(suite.schedule(&order, &pan, FROM, TO).await, Code::FailedPrecondition, "RULE_REFUSED", &["R31-21"]);
    assert!(suite.get(&order).await.records.is_empty(), "it is the case's record, not the order's");
}
