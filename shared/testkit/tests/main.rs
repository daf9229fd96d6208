//! Scenarios played by the runner against a suite of three small services.
#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

mod suite;

use std::{path::PathBuf, sync::Arc};

use callout_testkit::{
    scenario::{Exchange, Format, Outcome, Reporter, Scenario, Summary, play, read, watch},
    trace::Trace,
};

use suite::{Call, Suite};

fn scenarios(file: &str) -> Vec<Scenario> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(file);
    read(&[path]).unwrap_or_else(|problems| panic!("{problems}"))
}

async fn played(suite: &Arc<Suite>, scenarios: &[Scenario]) -> Summary {
    let target = suite.serve().await;
    play(&target, scenarios, 4, &mut Reporter::new(Format::Text, std::io::sink())).await.unwrap()
}

fn explained(outcome: &Outcome) -> String {
    format!("{:#?}", outcome.failures)
}

#[tokio::test]
async fn scenarios_pass_in_any_order_and_any_number_of_times() {
    let suite = Suite::new();
    let mut scenarios = scenarios("pass.yaml");
    for _ in 0..2 {
        let summary = played(&suite, &scenarios).await;
        let explained: String = summary.outcomes.iter().map(explained).collect();
        assert_eq!((summary.passed(), summary.failed()), (1, 0), "{explained}");
        assert_eq!(summary.outcomes.len(), scenarios.len());
        scenarios.reverse();
    }
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_sent_again_and_given_up_after_the_third_time() {
    for (broken, passed) in [(2, 1), (3, 0)] {
        let target = Suite::new().serve_after(broken).await;
        let scenarios = &scenarios("pass.yaml")[..1];
        let summary = play(&target, scenarios, 1, &mut Reporter::new(Format::Text, std::io::sink())).await.unwrap();
        let explained: String = summary.outcomes.iter().map(explained).collect();
        assert_eq!(summary.passed(), passed, "after {broken} broken connections: {explained}");
    }
}

#[tokio::test]
async fn the_services_settle_after_a_write_before_the_next_call_and_not_after_a_read() {
    let suite = Suite::new();
    played(&suite, &scenarios("pass.yaml")[..1]).await;
    let methods: Vec<String> = suite.calls().into_iter().map(|call| call.method).collect();
    assert_eq!(
        methods,
        [
            "CreateSandbox",
            "IssueSandboxToken lin [quality_office]",
            "GetOrganization",
            "UpdateOrganization",
            "AdvanceClock 2026-03-01T00:00:00Z",
            "UpdateOrganization",
            "AdvanceClock 2026-03-01T00:00:00Z",
            "GetOrganization",
            "AdvanceClock 2026-03-06T08:10:00Z",
            "GetOrganization",
        ]
    );
}

#[tokio::test]
async fn all_calls_of_a_scenario_are_in_one_trace_below_the_runners_own_spans() {
    let suite = Suite::new();
    let summary = played(&suite, &scenarios("pass.yaml")).await;
    let spans: Vec<_> = summary.outcomes.iter().flat_map(|outcome| outcome.spans.clone()).collect();
    for Call { method, traceparent, .. } in suite.calls() {
        let [_, trace, parent, flags] = traceparent.split('-').collect::<Vec<_>>()[..] else { panic!("{traceparent}") };
        let above = spans.iter().find(|span| span.trace_id == trace && span.span_id == parent).unwrap();
        let called = method.split(' ').next().unwrap();
        assert!(above.name.ends_with(&format!("/{called}")) && flags == "01", "{method} below {}", above.name);
    }
    for outcome in &summary.outcomes {
        let trace = Trace::of_id(&spans, &outcome.trace_id).unwrap();
        assert_eq!((trace.faults(), trace.spans().len()), (&[][..], outcome.spans.len()));
        assert_eq!(outcome.spans.len(), usize::try_from(outcome.calls).unwrap() + 1);
    }
}

#[tokio::test]
async fn no_more_scenarios_are_played_at_once_than_allowed() {
    let suite = Suite::new();
    let target = suite.serve().await;
    let scenarios = scenarios("pass.yaml");
    play(&target, &scenarios, 1, &mut Reporter::new(Format::Text, std::io::sink())).await.unwrap();
    let mut traces: Vec<String> =
        suite.calls().iter().filter_map(|call| call.traceparent.split('-').nth(1).map(str::to_owned)).collect();
    traces.dedup();
    assert_eq!(traces.len(), scenarios.len(), "one after the other: {traces:?}");
}

#[tokio::test]
async fn a_person_acts_with_a_token_of_their_own_and_a_step_without_one_as_the_owner() {
    let suite = Suite::new();
    played(&suite, &scenarios("pass.yaml")[..1]).await;
    let tokens: Vec<String> = suite.calls().into_iter().map(|call| call.token).collect();
    assert_eq!(tokens[0], "owner");
    assert_eq!(tokens[3], "lin of organizations/sandbox-1");
    assert_eq!(tokens[9], "owner");
}

#[tokio::test]
async fn failures_say_where_who_what_was_expected_and_what_came() {
    let suite = Suite::new();
    let scenarios = scenarios("fail.yaml");
    let target = suite.serve().await;
    let mut out = Vec::new();
    let summary = play(&target, &scenarios, 1, &mut Reporter::new(Format::Text, &mut out)).await.unwrap();
    let mut report = String::from_utf8(out).unwrap().replace(env!("CARGO_MANIFEST_DIR"), "");
    for outcome in &summary.outcomes {
        report = report.replace(&outcome.trace_id, "<trace>");
    }
    // Times are not the same twice.
    let lines = report.lines().map(|line| match line.split_once(" calls ") {
        Some((before, after)) => {
            format!("{before} calls  {}", after.split_once(" s  ").map_or(after, |(_, title)| title))
        }
        None => line.to_owned(),
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    F-1  FAILED   16 calls  An answer that differs does not end the scenario
      F-1: An answer that differs does not end the scenario
      /tests/scenarios/fail.yaml:7: Two places differ
        callout.intake.v1.Organizations/GetOrganization, at 2026-03-01 08:00:00
        the answer is not as expected
          displayName  expected Third
                       came     First
          clock        expected 2026-03-01 08:01:00
                       came     2026-03-01 08:00:00
      /tests/scenarios/fail.yaml:11: This one too
        callout.intake.v1.Organizations/GetOrganization, at 2026-03-01 08:00:00
        the answer is not as expected
          tables  expected an element that matches {table: on_site_visit}
                  came     no element
      trace <trace>
      F-2: A refusal that was not expected ends it
      /tests/scenarios/fail.yaml:23
        callout.intake.v1.Organizations/CreateOrganization as lin, at 2026-03-01 08:00:00
        refused: FAILED_PRECONDITION RULE_REFUSED R01-06, R01-34: no
      trace <trace>
      F-3: A refusal for another reason
      /tests/scenarios/fail.yaml:34
        callout.intake.v1.Organizations/CreateOrganization, at 2026-03-01 08:00:00
        the refusal is not as expected: no
          reason  expected STATE_WRONG
                  came     RULE_REFUSED
          rules   expected R01-06
                  came     R01-06, R01-34
      trace <trace>
      F-4: An answer where a refusal was expected
      /tests/scenarios/fail.yaml:43
        callout.intake.v1.Organizations/GetOrganization, at 2026-03-01 08:00:00
        answered, but should have been refused: NOT_FOUND
      trace <trace>
      F-5: A repeated call that is answered otherwise
      /tests/scenarios/fail.yaml:53
        callout.intake.v1.Organizations/UpdateOrganization, at 2026-03-01 08:00:00
        the same call, made again, was answered otherwise
          etag  expected 1
                came     11
      trace <trace>
      F-6: Something to save that did not come
      /tests/scenarios/fail.yaml:63
        callout.intake.v1.Organizations/GetOrganization, at 2026-03-01 08:00:00
        the answer has no `tables[0].table` to save
      trace <trace>
    0 passed, 1 failed
    ");
}

#[tokio::test]
async fn a_suite_that_is_not_there_fails_the_scenario_and_not_the_runner() {
    let target = suite::nowhere();
    let scenarios = scenarios("pass.yaml");
    let summary = play(&target, &scenarios, 4, &mut Reporter::new(Format::Json, std::io::sink())).await.unwrap();
    assert_eq!(summary.failed(), 1);
    assert!(summary.outcomes.iter().all(|outcome| !outcome.passed()));
    assert!(summary.outcomes[0].failures[0].what.starts_with("the sandbox could not be opened: UNAVAILABLE"));
}

#[tokio::test]
async fn whoever_watches_is_shown_each_call_of_a_step_and_what_it_brought() {
    let suite = Suite::new();
    let target = suite.serve().await;
    let mut shown = Vec::new();
    let scenario = &scenarios("fail.yaml")[1];
    let outcome = watch(&target, scenario, |exchange: &Exchange<'_>| {
        let refused = exchange.answer.as_ref().err().map(|refusal| refusal.reason.clone());
        shown.push((exchange.by.to_owned(), exchange.method.name().to_owned(), exchange.at.to_string(), refused));
    })
    .await;
    assert!(!outcome.passed());
    let at = "2026-03-01T08:00:00+08:00[Asia/Shanghai]";
    let refused = Some("RULE_REFUSED".to_owned());
    assert_eq!(shown, [("lin".to_owned(), "CreateOrganization".to_owned(), at.to_owned(), refused)]);
}

#[test]
fn a_folder_stands_for_the_scenarios_in_and_below_it() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    let in_folder: Vec<String> = read(&[folder]).unwrap().into_iter().map(|scenario| scenario.id).collect();
    let in_files = [scenarios("fail.yaml"), scenarios("pass.yaml")].concat();
    assert_eq!(in_folder, in_files.into_iter().map(|scenario| scenario.id).collect::<Vec<_>>());
}
