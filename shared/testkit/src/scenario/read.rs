//! Reads scenario files and checks them against the contract: every misspelt key, unknown method and value that does
//! not fit is told with its place, all of them at once, before anything is called.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path as FilePath, PathBuf},
};

use callout_contract::POOL;
use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};
use prost_reflect::Kind;
use serde_json::Value;

use super::{
    model::{Person, Scenario, Step},
    path::Variables,
    problem::{Found, Position, Problem, Problems, suggestion},
    shape::Shape,
    source::{self, Content, Entry, Node},
    step,
    template::Reader,
    time,
};

/// Reads the scenarios of `paths`, in their order; a folder stands for all YAML files in and below it, by their names.
///
/// # Errors
/// Everything that is wrong with any of the files.
pub fn read(paths: &[PathBuf]) -> Result<Vec<Scenario>, Problems> {
    let mut scenarios = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        for file in files_of(path, &mut problems) {
            match fs::read_to_string(&file).map_err(|error| unreadable(&file, &error)) {
                Ok(text) => match parse(&file, &text) {
                    Ok(read) => scenarios.extend(read),
                    Err(Problems(found)) => problems.extend(found),
                },
                Err(problem) => problems.push(problem),
            }
        }
    }
    let mut ids = HashSet::new();
    for scenario in &scenarios {
        if !ids.insert(scenario.id.as_str()) {
            let what = format!("another scenario is named `{}` too", scenario.id);
            problems.push(Problem { file: scenario.file.clone(), at: None, what });
        }
    }
    if problems.is_empty() { Ok(scenarios) } else { Err(Problems(problems)) }
}

/// Reads the scenarios of a text; its problems are told as those of `file`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(file: &FilePath, text: &str) -> Result<Vec<Scenario>, Problems> {
    let mut found = Found::new(file);
    let mut scenarios = Vec::new();
    for document in source::documents(text, &mut found) {
        // A document that is empty, such as what stands before the first `---`, is none.
        if !matches!(document.content, Content::Null)
            && let Some(scenario) = scenario(&document, &mut found)
        {
            scenarios.push(scenario);
        }
    }
    let problems = found.into_problems();
    if problems.is_empty() { Ok(scenarios) } else { Err(Problems(problems)) }
}

/// The file itself, or the scenario files in and below a folder.
fn files_of(path: &FilePath, problems: &mut Vec<Problem>) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut entries: Vec<PathBuf> = entries.unwrap_or_else(|error| {
        problems.push(unreadable(path, &error));
        Vec::new()
    });
    entries.sort();
    let is_scenario = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|end| end == "yaml");
    entries.into_iter().filter(is_scenario).flat_map(|entry| files_of(&entry, problems)).collect()
}

fn unreadable(path: &FilePath, error: &io::Error) -> Problem {
    Problem { file: path.to_owned(), at: None, what: format!("cannot be read: {error}") }
}

fn scenario(document: &Node, found: &mut Found<'_>) -> Option<Scenario> {
    const KEYS: [&str; 8] = ["scenario", "title", "rules", "zone", "organization", "starts_at", "people", "steps"];
    let before = found.len();
    let fields = Fields::of(document, "a scenario", &KEYS, found)?;
    let id = fields.required_text("scenario", found);
    let title = fields.required_text("title", found);
    let rules = fields.get("rules").map(|node| words(node, found)).unwrap_or_default();
    let zone = zone(&fields, found);
    let file = found.file().to_owned();
    let mut reader = Reader { zone, variables: HashMap::new(), found };
    let organization = organization(&fields, &mut reader);
    let starts_at = starts_at(&fields, &mut reader);
    // The sandbox's name is known from the first step on, but not in its own settings.
    reader.variables.insert("org".to_owned(), Shape::One(Kind::String));
    let people = fields.get("people").map(|node| people(node, reader.found)).unwrap_or_default();
    let steps = steps(&fields, &people, starts_at, &mut reader);
    let people = people.into_iter().map(|(name, person)| (name, person.read(&mut reader))).collect();
    let zone = reader.zone.clone();
    (found.len() == before).then(|| Scenario {
        id: id.to_owned(),
        title: title.to_owned(),
        rules,
        file,
        zone,
        organization,
        starts_at,
        people,
        steps,
    })
}

fn zone(fields: &Fields<'_>, found: &mut Found<'_>) -> TimeZone {
    let Some(node) = fields.required("zone", found) else { return TimeZone::UTC };
    let name = text(node, "a zone such as Asia/Shanghai", found);
    TimeZone::get(name).unwrap_or_else(|_| {
        found.add(node.at, format!("`{name}` is not a time zone such as Asia/Shanghai"));
        TimeZone::UTC
    })
}

fn organization(fields: &Fields<'_>, reader: &mut Reader<'_, '_>) -> Value {
    let (Some(node), Some(message)) =
        (fields.required("organization", reader.found), POOL.get_message_by_name("callout.intake.v1.Organization"))
    else {
        return Value::Null;
    };
    let template = reader.template(node, &Shape::message(message));
    // Variables were refused already: none is known yet.
    template.fill(&Variables::new()).unwrap_or_default()
}

fn starts_at(fields: &Fields<'_>, reader: &mut Reader<'_, '_>) -> Timestamp {
    let node = fields.required("starts_at", reader.found);
    node.and_then(|node| instant(node, reader)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A person whose agency is not read yet: it may name what the steps save.
pub(super) struct Described<'n> {
    roles: Vec<String>,
    agency: Option<&'n Node>,
}

impl Described<'_> {
    fn read(self, reader: &mut Reader<'_, '_>) -> Person {
        let agency = self.agency.map(|node| reader.template(node, &Shape::One(Kind::String)));
        Person { roles: self.roles, agency }
    }
}

fn people<'n>(node: &'n Node, found: &mut Found<'_>) -> IndexMap<String, Described<'n>> {
    let Content::Map(entries) = &node.content else {
        found.add(node.at, format!("people are names with their roles, `lin: [quality_office]`, not {}", node.noun()));
        return IndexMap::new();
    };
    let described = entries.iter().map(|entry| (entry.key.clone(), person(&entry.value, found)));
    described.collect()
}

fn person<'n>(node: &'n Node, found: &mut Found<'_>) -> Described<'n> {
    match &node.content {
        Content::Map(_) => {
            let Some(fields) = Fields::of(node, "a person", &["roles", "agency"], found) else {
                return Described { roles: Vec::new(), agency: None };
            };
            let roles = fields.required("roles", found).map(|roles| words(roles, found)).unwrap_or_default();
            Described { roles, agency: fields.get("agency") }
        }
        Content::Null | Content::Scalar { .. } | Content::List(_) => {
            Described { roles: words(node, found), agency: None }
        }
    }
}

fn steps(
    fields: &Fields<'_>,
    people: &IndexMap<String, Described<'_>>,
    starts_at: Timestamp,
    reader: &mut Reader<'_, '_>,
) -> Vec<Step> {
    let Some(node) = fields.required("steps", reader.found) else { return Vec::new() };
    let Content::List(items) = &node.content else {
        reader.found.add(node.at, format!("steps are a list, not {}", node.noun()));
        return Vec::new();
    };
    let mut clock = starts_at;
    items.iter().filter_map(|item| step::read(item, people, &mut clock, reader)).collect()
}

/// An object of which every key is known.
pub(super) struct Fields<'n> {
    at: Position,
    what: &'static str,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// The fields of `node`, which is `what`, such as `a step`; adds every key that is not in `known`.
    pub(super) fn of(node: &'n Node, what: &'static str, known: &[&str], found: &mut Found<'_>) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            found.add(node.at, format!("{what} is an object, not {}", node.noun()));
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            found.add(entry.at, format!("{what} has no `{}`{}", entry.key, suggestion(&entry.key, known)));
        }
        Some(Self { at: node.at, what, entries })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(super) fn required(&self, key: &str, found: &mut Found<'_>) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            found.add(self.at, format!("{} needs `{key}`", self.what));
        }
        node
    }

    fn required_text(&self, key: &str, found: &mut Found<'_>) -> &'n str {
        self.required(key, found).map_or("", |node| text(node, "a text", found))
    }
}

/// The text of a scalar; anything else is a problem.
pub(super) fn text<'n>(node: &'n Node, wanted: &str, found: &mut Found<'_>) -> &'n str {
    node.text().unwrap_or_else(|| {
        found.add(node.at, format!("{wanted} is wanted here, not {}", node.noun()));
        ""
    })
}

/// A list of texts.
pub(super) fn words(node: &Node, found: &mut Found<'_>) -> Vec<String> {
    let Content::List(items) = &node.content else {
        found.add(node.at, format!("a list is wanted here, not {}", node.noun()));
        return Vec::new();
    };
    items.iter().map(|item| text(item, "a text", found).to_owned()).collect()
}

/// A time of the scenario's zone.
pub(super) fn instant(node: &Node, reader: &mut Reader<'_, '_>) -> Option<Timestamp> {
    let text = text(node, "a time", reader.found);
    if text.is_empty() {
        return None;
    }
    time::instant(text, &reader.zone).map_err(|problem| reader.found.add(node.at, problem)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<Scenario>, String) {
        match parse(FilePath::new("s.yaml"), text) {
            Ok(scenarios) => (scenarios, String::new()),
            Err(problems) => (Vec::new(), problems.to_string()),
        }
    }

    const HEAD: &str = "\
scenario: X-1
title: A case
zone: Asia/Shanghai
organization: {displayName: X}
starts_at: 2026-03-01 08:00
people: {lin: [desk], wang: {roles: [engineer], agency: \"${org}/agencies/a\"}}
steps:
";

    #[test]
    fn a_scenario_is_read_with_its_defaults() {
        let (scenarios, problems) = read(&format!(
            "{HEAD}
  - at: 2026-03-02
  - as: lin
    call: callout.intake.v1.Cases/CreateCase
    request: {{parent: \"${{org}}\", case: {{kind: KIND_ENQUIRY, fault: 12.50}}}}
    save: {{case: name, first: 'limits[0].due_at', whole: ''}}
  - as: wang
    call: callout.intake.v1.Cases/GetCase
    request: {{name: \"${{whole.work_order}}/x\"}}
    refused: {{code: NOT_FOUND, reason: RESOURCE_NOT_FOUND}}
"
        ));
        assert_eq!(problems, "");
        let calls: Vec<_> = scenarios[0].steps.iter().filter_map(|step| step.call.as_ref()).collect();
        assert_eq!(
            calls.iter().map(|call| (call.writes, call.needs_request_id)).collect::<Vec<_>>(),
            [(true, true), (false, false)]
        );
    }

    #[test]
    fn every_problem_is_told_at_once_with_its_place_and_what_would_be_right() {
        let (scenarios, problems) = read(&format!(
            "{HEAD}
  - as: lyn
    call: callout.intake.v1.Cases/CreateCas
  - as: lin
    call: callout.intake.v1.Cases/CreateCase
    reqest: {{}}
    request: {{parent: \"${{ogr}}\", case: {{kind: KIND_REPIAR, falt: x, urgent: maybe, records: {{}}}}, occurredAt: soon}}
    save: {{case: nmae}}
    expect: {{sate: 1, limits: {{$contain: []}}, nextDueAt: 2026-03-32}}
  - at: 2026-02-28 08:00
  - as: lin
    call: callout.intake.v1.Cases/GetCase
    expect: {{}}
    refused: {{code: NOT_FUOND}}
  - call: callout.intake.v1.Cases/GetCase
    refused: {{reason: RULE_REFUSE, rule: [R01-01]}}
  - note: nothing
"
        ));
        assert!(scenarios.is_empty());
        insta::assert_snapshot!(problems, @"
        s.yaml:9:9: `people` has no `lyn`; did you mean `lin`?
        s.yaml:10:11: there is no method `callout.intake.v1.Cases/CreateCas`; did you mean `callout.intake.v1.Cases/CreateCase`?
        s.yaml:13:5: a step has no `reqest`; did you mean `request`?
        s.yaml:14:23: no step before this one saves `ogr`; did you mean `org`?
        s.yaml:14:46: callout.intake.v1.Case.Kind has no value `KIND_REPIAR`; did you mean `KIND_REPAIR`?
        s.yaml:14:59: callout.intake.v1.Case has no field `falt`; did you mean `fault`?
        s.yaml:14:76: true or false is wanted here, not `maybe`
        s.yaml:14:92: a list is wanted here, not an object
        s.yaml:14:109: `soon` is not a time; write `2026-03-06 16:10`, with seconds where they count
        s.yaml:15:18: callout.intake.v1.Case has no field `nmae`; did you mean `name`?
        s.yaml:16:14: callout.intake.v1.Case has no field `sate`; did you mean `state`?
        s.yaml:16:32: there is no `$contain`; did you mean `$contains`?
        s.yaml:16:58: `2026-03-32` is not a time; write `2026-03-06 16:10`, with seconds where they count
        s.yaml:17:9: the clock stands at 2026-03-01 08:00:00 and never goes back
        s.yaml:21:14: a call is either answered or refused: `expect` and `refused` exclude each other
        s.yaml:21:21: there is no code `NOT_FUOND`; did you mean `NOT_FOUND`?
        s.yaml:23:23: there is no reason `RULE_REFUSE`; did you mean `RULE_REFUSED`?
        s.yaml:23:36: a refusal has no `rule`; did you mean `rules`?
        s.yaml:24:5: a step needs a `call`, or `at` to move the clock
        ");
    }

    #[test]
    fn a_scenario_needs_its_head() {
        insta::assert_snapshot!(read("scenario: X-1\n").1, @"
        s.yaml:1:1: a scenario needs `title`
        s.yaml:1:1: a scenario needs `zone`
        s.yaml:1:1: a scenario needs `organization`
        s.yaml:1:1: a scenario needs `starts_at`
        s.yaml:1:1: a scenario needs `steps`
        ");
    }
}
