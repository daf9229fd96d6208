//! Every scenario of the repository, played against the suite.

use std::path::Path;

use callout_testkit::scenario::{self, Format, Reporter, Scenario, Summary, Target};
use secrecy::SecretString;
use tonic::transport::Endpoint;

use crate::stage::{Stage, person};

/// Scenarios played at once. More, and those that wait for the two cores run into the deadlines of their calls.
const AT_ONCE: usize = 4;

/// Every scenario of the repository, in the order of its files.
pub fn all() -> Vec<Scenario> {
    let folders = ["scenarios", "edges", "../services/callout/demo"];
    let folders = folders.map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    scenario::read(&folders).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The example of the page on how to write one.
fn of_the_page() -> Vec<Scenario> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/README.md");
    let text = std::fs::read_to_string(&page).expect("the page on scenarios");
    let example =
        text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example on the page");
    scenario::parse(&page, example).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Plays `scenarios` in sandboxes of one organisation.
pub async fn play(stage: &Stage, scenarios: &[Scenario]) -> Summary {
    let owner = person("acme", "root", &["administrator"]);
    let channel = Endpoint::from_shared(stage.url(0)).expect("the address of a suite").connect_lazy();
    let target = Target::new(channel, "organizations/acme", SecretString::from(stage.token(&owner)));
    let mut report = Vec::new();
    let mut reporter = Reporter::new(Format::Text, &mut report);
    let summary = scenario::play(&target, scenarios, AT_ONCE, &mut reporter).await.expect("a report in memory");
    assert_eq!(summary.failed(), 0, "\n{}", String::from_utf8_lossy(&report));
    summary
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_passes_against_the_running_suite() {
    let stage = Stage::start().await;
    let mut scenarios = all();
    assert!(scenarios.len() >= 100, "there are {} sandboxes: some were not read", scenarios.len());
    scenarios.extend(of_the_page());
    play(&stage, &scenarios).await;
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_can_be_played_again_beside_what_its_first_play_left_behind() {
    let stage = Stage::start().await;
    let scenarios: Vec<Scenario> = all().into_iter().filter(|scenario| scenario.id.starts_with("R01-S")).collect();
    let twice: Vec<Scenario> = scenarios.iter().chain(&scenarios).cloned().collect();
    play(&stage, &twice).await;
    stage.stop().await;
}
