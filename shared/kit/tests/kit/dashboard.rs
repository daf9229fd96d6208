//! What the dashboard asks for is there to be asked for.

use std::{collections::BTreeSet, fs, path::Path};

use callout_kit::metrics::{self, Definition};
use serde_json::Value;

/// The names by which Prometheus has a metric that comes by OTLP.
fn series(kind: &str, metric: &Definition) -> Vec<String> {
    let unit = if metric.unit == "s" { "_seconds" } else { "" };
    let name = format!("{}{unit}", underscored(metric.name));
    match kind {
        "counter" => vec![format!("{name}_total")],
        "gauge" => vec![name],
        "histogram" => ["bucket", "count", "sum"].map(|part| format!("{name}_{part}")).to_vec(),
        other => panic!("{other} is no kind of metric"),
    }
}

fn underscored(name: &str) -> String {
    name.replace('.', "_")
}

/// Everything in a query that looks like a name of ours.
fn words(query: &str) -> impl Iterator<Item = &str> {
    let words = query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| ["callout_", "rpc_", "error_"].iter().any(|ours| word.starts_with(ours)))
}

#[test]
fn every_metric_and_attribute_that_the_dashboard_names_exists_and_it_leaves_no_metric_out() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/dashboards/callout.json");
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let mut shown = BTreeSet::new();
    let mut faults = Vec::new();
    for target in targets {
        let (query, legend) = (target["expr"].as_str().unwrap(), target["legendFormat"].as_str().unwrap());
        let named: BTreeSet<&str> = words(query).collect();
        let asked = metrics::all().filter(|(kind, metric)| series(kind, metric).iter().any(|it| named.contains(&**it)));
        let asked: Vec<(&str, Definition)> = asked.collect();
        let attributes = asked.iter().flat_map(|(_, metric)| metric.attributes.iter().map(|name| underscored(name)));
        let known: BTreeSet<String> =
            attributes.chain(asked.iter().flat_map(|(kind, metric)| series(kind, metric))).collect();
        let unknown = named.into_iter().chain(words(legend)).filter(|word| !known.contains(*word));
        faults.extend(unknown.map(|word| format!("{word} in {query}")));
        shown.extend(asked.iter().map(|(_, metric)| metric.name));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let left_out: Vec<&str> = metrics::all().map(|(_, metric)| metric.name).filter(|it| !shown.contains(it)).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}
