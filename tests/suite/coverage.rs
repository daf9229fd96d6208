//! Every method of the four packages has a call that is accepted, calls that are refused, and a repetition.

use serde_json::json;

use crate::{
    contract::{is_write, methods, name_of},
    journey,
    probe::unknown,
    stage::Stage,
    world::World,
};

#[tokio::test(flavor = "multi_thread")]
async fn every_method_accepts_refuses_and_repeats_as_the_contract_says() {
    let stage = Stage::start().await;
    let mut world = World::probed(&stage, "acme");
    journey::live(&mut world).await;
    let mut findings = world.findings.take().unwrap_or_default();
    for method in methods() {
        if !world.exchanges.iter().any(|made| made.method == method) {
            findings.push(format!("no accepted case for {}", name_of(&method)));
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_of_a_month_is_answered_the_same_when_it_is_sent_again_at_its_end_and_nothing_happens() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    journey::live(&mut world).await;
    let told: Vec<_> = world.exchanges.iter().filter(|made| made.method.name() == "Subscribe").cloned().collect();
    let mut findings = Vec::new();
    for made in world.exchanges.iter().filter(|made| is_write(&made.method)) {
        let again = world.send(made).await;
        if again.as_ref().ok() != Some(&made.answers) {
            findings.push(format!("{} was answered otherwise: {again:?}", name_of(&made.method)));
        }
    }
    for feed in told {
        let again = world.send(&feed).await.expect("a feed");
        if again.len() != feed.answers.len() {
            let (before, after) = (feed.answers.len(), again.len());
            findings.push(format!("{}: {after} events, and before {before}", name_of(&feed.method)));
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_that_is_not_there_can_be_named_nowhere() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    let machines = journey::machines(&mut world).await;
    let case = journey::repair(&mut world, &machines, &machines.old).await;
    let (parent, nobody) = (world.sandbox.clone(), unknown(&machines.customer));
    let product = json!({"serial": "GKS-404", "customer": nobody});
    for (method, request) in [
        ("intake/Cases/CreateCase", json!({"parent": parent, "case": {"kind": "KIND_ENQUIRY", "customer": nobody}})),
        ("intake/Cases/UpdateCase", json!({"case": {"name": case, "customer": nobody}, "updateMask": "customer"})),
        ("intake/Products/CreateProduct", json!({"parent": parent, "product": product})),
        (
            "intake/Products/UpdateProduct",
            json!({"product": {"name": machines.old, "customer": nobody}, "updateMask": "customer"}),
        ),
    ] {
        let refusal = world.send(&world.prepare("lin", method, request)).await.expect_err(method);
        assert_eq!(refusal.message(), format!("{nobody} was not found."), "{method}");
    }
    stage.stop().await;
}
