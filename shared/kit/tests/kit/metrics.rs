//! What the suite measures, and what is said of it.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use callout_kit::{
    attributes,
    metrics::{self, Counter, Definition, Gauge, Histogram, Measurement, Metrics, Observation},
    telemetry::{Measured, MeasuredValue, MetricCollector},
};

/// Names that the conventions have given up, for things that the suite tells of.
const GIVEN_UP: [&str; 13] = [
    "db.name",
    "db.operation",
    "db.sql.table",
    "db.statement",
    "db.system",
    "messaging.operation",
    "net.host.name",
    "net.peer.name",
    "net.peer.port",
    "net.sock.peer.addr",
    "rpc.grpc.status_code",
    "rpc.service",
    "rpc.system",
];

fn definitions() -> Vec<Definition> {
    metrics::all().map(|(_, definition)| definition).collect()
}

fn named<'m>(measured: &'m [Measured], definition: &Definition) -> Vec<&'m Measured> {
    measured.iter().filter(|it| it.name == definition.name).collect()
}

/// To write the table anew, run the test with `CALLOUT_BLESS=1`.
#[test]
fn the_table_of_metrics_is_that_of_the_list() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/METRICS.md");
    let generated = metrics::reference();
    if std::env::var_os("CALLOUT_BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "deploy/METRICS.md is stale: write it anew with CALLOUT_BLESS=1");
}

#[test]
fn each_metric_has_a_name_a_unit_and_attributes_out_of_the_list() {
    let mut names = BTreeSet::new();
    for Definition { name, unit, meaning, attributes } in definitions() {
        assert!(names.insert(name), "{name} is there twice");
        assert!(name.starts_with("callout.") || name.starts_with("rpc."), "{name}");
        let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_' || letter == '.';
        assert!(name.chars().all(plain), "{name}");
        let annotation = unit.strip_prefix('{').and_then(|unit| unit.strip_suffix('}'));
        assert!(unit == "s" || annotation.is_some_and(|thing| thing.chars().all(plain)), "{name} in {unit}");
        assert!(meaning.trim().ends_with('.'), "{name}: {meaning}");
        for attribute in attributes {
            assert!(attributes::ALL.iter().any(|(known, _)| known == attribute), "{attribute} of {name}");
        }
    }
}

#[test]
fn no_attribute_is_one_that_the_conventions_have_given_up() {
    let names: BTreeSet<&str> = attributes::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names.len(), attributes::ALL.len(), "a name is there twice");
    assert_eq!(GIVEN_UP.into_iter().filter(|name| names.contains(name)).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn no_metric_is_told_apart_by_what_has_no_end() {
    for endless in [attributes::ORGANIZATION, attributes::CASE] {
        let of: Vec<_> = definitions().into_iter().filter(|it| it.attributes.contains(&endless)).collect();
        assert!(of.is_empty(), "{endless}: {of:?}");
    }
}

#[test]
fn what_is_measured_is_exported_under_its_name_in_its_unit_by_the_service_that_measured_it() {
    let collector = MetricCollector::default();
    let metrics = Metrics::new("intake", &collector.meter());
    let limit = || vec![(attributes::LIMIT, "arrival".into())];
    metrics.measure(Measurement::Happened(Counter::LimitsMissed, limit()));
    metrics.measure(Measurement::Happened(Counter::LimitsMissed, limit()));
    metrics.measure(Measurement::Took(Histogram::CaseAcceptance, Duration::from_mins(90), Vec::new()));
    let measured = collector.collect().unwrap();

    let definition = Counter::LimitsMissed.definition();
    let [missed] = named(&measured, &definition)[..] else { panic!("{measured:?}") };
    assert_eq!((missed.unit.as_str(), missed.description.as_str()), (definition.unit, definition.meaning.trim()));
    assert_eq!(missed.value, MeasuredValue::Count(2));
    assert_eq!(missed.attributes[attributes::SERVICE], "intake");
    assert_eq!(missed.attributes[attributes::LIMIT], "arrival");
    let [accepted] = named(&measured, &Histogram::CaseAcceptance.definition())[..] else { panic!("{measured:?}") };
    assert_eq!(accepted.unit, "s");
    assert_eq!(accepted.value, MeasuredValue::Times { count: 1, sum_s: 5400.0 });
}

#[test]
fn a_gauge_says_what_was_seen_last_of_each_service_and_nothing_when_nobody_looks_any_more() {
    let collector = MetricCollector::default();
    let [intake, dispatch] = ["intake", "dispatch"].map(|service| Metrics::new(service, &collector.meter()));
    let due = |value: u64| vec![Observation { gauge: Gauge::TimersDue, value, attributes: Vec::new() }];
    let seen = || -> Vec<(String, MeasuredValue)> {
        let measured = collector.collect().unwrap();
        let mut seen: Vec<(String, MeasuredValue)> = named(&measured, &Gauge::TimersDue.definition())
            .into_iter()
            .map(|it| (it.attributes[attributes::SERVICE].clone(), it.value))
            .collect();
        seen.sort_by(|one, other| one.0.cmp(&other.0));
        seen
    };
    assert_eq!(seen(), []);
    intake.observe(due(7));
    dispatch.observe(due(1));
    intake.observe(due(3));
    let of = |service: &str, value: u64| (service.to_owned(), MeasuredValue::Gauge(value));
    assert_eq!(seen(), [of("dispatch", 1), of("intake", 3)]);
    intake.observe(Vec::new());
    assert_eq!(seen(), [of("dispatch", 1)]);
    drop(dispatch);
    assert_eq!(seen(), []);
}
