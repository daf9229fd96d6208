//! The README of each service names what its package has: who reads it finds every method and every event.

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
