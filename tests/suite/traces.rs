//! One case is one trace: whatever it causes, in whichever service, hangs from the call that caused it.

use std::collections::BTreeSet;

use callout_kit::{
    attributes,
    telemetry::{self, FinishedSpan},
};
use callout_testkit::{scenario::Scenario, trace::Trace};

use crate::{scenarios, stage::Stage};

/// The attributes that spans of the suite may have beside those of the suite's one list: those that a library of its own
/// convention sets. Names of earlier conventions (`rpc.system`, `db.statement`, `net.peer.name`) are in neither.
const OF_LIBRARIES: [&str; 4] =
    ["db.namespace", "messaging.destination.name", "messaging.message.id", "messaging.system"];

#[tokio::test(flavor = "multi_thread")]
async fn a_case_from_its_call_to_its_claim_is_one_trace_through_all_four_services_without_an_orphan() {
    let collector = telemetry::collect();
    let stage = Stage::start().await;
    let scenario: Vec<Scenario> = scenarios::all().into_iter().filter(|scenario| scenario.id == "R01-S9").collect();
    let played = scenarios::play(&stage, &scenario).await;
    stage.stop().await;
    let [outcome] = played.outcomes.as_slice() else { panic!("one scenario was played") };
    let spans: Vec<FinishedSpan> =
        collector.select(|_| true).into_iter().chain(outcome.spans.iter().cloned()).collect();
    let trace = Trace::of_id(&spans, &outcome.trace_id).expect("the scenario's trace");
    assert_eq!(trace.faults(), []);

    let services: BTreeSet<&str> = trace.spans().iter().filter_map(|span| span.service.as_deref()).collect();
    assert!(services.is_superset(&BTreeSet::from(["dispatch", "evaluation", "intake", "inventory"])), "{services:?}");

    let about = |span: &&FinishedSpan| span.attributes.contains_key(attributes::CASE);
    let told: BTreeSet<&str> = trace.spans().iter().filter(about).filter_map(|span| span.service.as_deref()).collect();
    assert_eq!(told, BTreeSet::from(["dispatch", "evaluation", "intake", "inventory"]), "who says what case it is");
    for case in trace.spans().iter().filter_map(|span| span.attributes.get(attributes::CASE)?.as_str()) {
        assert!(Trace::of_case(&spans, case).is_some_and(|found| found.spans().len() == trace.spans().len()), "{case}");
    }

    let organizations: BTreeSet<&str> =
        trace.spans().iter().filter_map(|span| span.attributes.get(attributes::ORGANIZATION)?.as_str()).collect();
    let elsewhere: BTreeSet<&str> = spans
        .iter()
        // A stream of a feed is open for longer than any case: it is a trace of its own.
        .filter(|span| span.trace_id != outcome.trace_id && !span.name.ends_with("Feed/Subscribe"))
        .filter(|span| {
            let of = span.attributes.get(attributes::ORGANIZATION).and_then(|of| of.as_str());
            of.is_some_and(|of| of != "acme" && organizations.contains(of))
        })
        .map(|span| span.name.as_str())
        .collect();
    assert!(elsewhere.is_empty(), "work for the sandbox in other traces: {elsewhere:?}");

    let names: BTreeSet<&str> =
        trace.spans().iter().flat_map(|span| span.attributes.keys().map(String::as_str)).collect();
    let unknown: Vec<&&str> = names.iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

fn is_known(name: &str) -> bool {
    OF_LIBRARIES.contains(&name) || attributes::ALL.iter().any(|(known, _)| *known == name)
}
