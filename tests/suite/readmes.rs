//! The README of each service names what its package has: who reads it finds every method and every event. The first page quotes
//! figures, and invents none.

use std::{fs, path::Path};

use callout_contract::POOL;
use callout_journal::Service;

/// What every service has beside what is its own.
const COMMON: [&str; 2] = ["Feed", "Clocks"];

#[test]
fn the_readme_of_each_service_names_every_method_and_every_event_of_its_package() {
    let mut findings = Vec::new();
    for service in Service::ALL.map(Service::schema) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../services/{service}/README.md"));
        let readme = fs::read_to_string(&path).expect("a README");
        let package = format!("callout.{service}.v1");
        let own = POOL.services().filter(|it| it.package_name() == package && !COMMON.contains(&it.name()));
        for served in own {
            let methods: Vec<String> = served.methods().map(|method| method.name().to_owned()).collect();
            let row = format!("| {} | {} |", served.name(), methods.join(", "));
            if !readme.contains(&row) {
                findings.push(format!("{service} has no row `{row}`"));
            }
        }
        let file = format!("callout/{service}/v1/events.proto");
        for event in POOL.all_messages().filter(|message| message.parent_file().name() == file) {
            if !readme.contains(&format!("`{}`", event.name())) {
                findings.push(format!("{service} does not tell of {}", event.name()));
            }
        }
    }
    assert!(findings.is_empty(), "{} findings:\n{}", findings.len(), findings.join("\n"));
}

/// The pages that the instruments write.
const RESULTS: [&str; 3] = ["faults/RESULTS.md", "load/RESULTS.md", "rollout/RESULTS.md"];

#[test]
fn every_figure_that_the_readme_quotes_stands_on_a_page_that_a_command_has_written() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |file: &str| fs::read_to_string(tests.join(file)).unwrap_or_default();
    let pages: Vec<String> = RESULTS.map(read).concat().lines().map(plain).collect();
    let readme = read("../README.md");
    let section = readme.split("\n## What is measured\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let lines = section.expect("a section of figures").lines().map(plain);
    let (quoted, invented): (Vec<_>, Vec<_>) = lines
        .filter(|line| line.contains(char::is_numeric))
        .partition(|line| pages.iter().any(|written| written.contains(line.as_str())));
    assert!(!quoted.is_empty(), "no figure is quoted");
    assert!(invented.is_empty(), "on no page of results:\n{}", invented.join("\n"));
}

/// A line without what makes it a row or an item.
fn plain(line: &str) -> String {
    line.replace(['|', '*', '`'], " ").trim_start_matches("- ").split_whitespace().collect::<Vec<_>>().join(" ")
}
