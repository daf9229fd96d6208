//! Reads one step.

use std::collections::BTreeSet;

use callout_contract::{POOL, policy, types::v1::method_policy::Idempotency};
use callout_kit::telemetry::code_word;
use indexmap::IndexMap;
use jiff::Timestamp;
use prost_reflect::{Kind, MethodDescriptor};

use super::{
    model::{Call, ExpectedOutcome, Step},
    path::Path,
    problem::{Found, suggestion},
    read::{Described, Fields, instant, text, words},
    refusal::{CODES, ExpectedRefusal},
    shape::Shape,
    source::{Content, Node},
    template::{Reader, Template},
    time,
};

const KEYS: [&str; 9] = ["note", "at", "as", "call", "request", "save", "expect", "refused", "again"];

/// Keys that say something about a call, and so want one.
const OF_A_CALL: [&str; 6] = ["as", "request", "save", "expect", "refused", "again"];

/// Reads a step; `clock` is where the steps before have moved it. None when it cannot be understood.
pub(super) fn read(
    node: &Node,
    people: &IndexMap<String, Described<'_>>,
    clock: &mut Timestamp,
    reader: &mut Reader<'_, '_>,
) -> Option<Step> {
    let fields = Fields::of(node, "a step", &KEYS, reader.found)?;
    let remark = fields.get("note").map_or("", |remark| text(remark, "a text", reader.found)).to_owned();
    let at = fields.get("at").and_then(|at| moved(at, clock, reader));
    let call = match fields.get("call") {
        Some(name) => Some(call(&fields, name, people, reader)?),
        None => None,
    };
    if call.is_none() {
        if let Some(key) = OF_A_CALL.into_iter().find(|key| fields.get(key).is_some()) {
            reader.found.add(node.at, format!("`{key}` wants a `call`"));
        } else if fields.get("at").is_none() {
            reader.found.add(node.at, "a step needs a `call`, or `at` to move the clock");
        }
    }
    Some(Step { line: node.at.line, note: remark, at, call })
}

fn moved(node: &Node, clock: &mut Timestamp, reader: &mut Reader<'_, '_>) -> Option<Timestamp> {
    let at = instant(node, reader)?;
    if at < *clock {
        let before = time::civil_time(*clock, &reader.zone);
        reader.found.add(node.at, format!("the clock stands at {before} and never goes back"));
        return None;
    }
    *clock = at;
    Some(at)
}

fn call(
    fields: &Fields<'_>,
    name: &Node,
    people: &IndexMap<String, Described<'_>>,
    reader: &mut Reader<'_, '_>,
) -> Option<Call> {
    let by = fields.get("as").map(|by| {
        let person = text(by, "a name", reader.found);
        if !people.contains_key(person) {
            reader.found.add(by.at, format!("`people` has no `{person}`{}", suggestion(person, people.keys())));
        }
        person.to_owned()
    });
    let Some(method) = method(name, reader.found) else {
        // What it saves is not known, but that it is saved: later steps are not to blame.
        if let Some(Node { content: Content::Map(entries), .. }) = fields.get("save") {
            reader.variables.extend(entries.iter().map(|entry| (entry.key.clone(), Shape::Unknown)));
        }
        return None;
    };
    let request = match fields.get("request") {
        Some(request) => reader.template(request, &Shape::message(method.input())),
        None => Template::Object(Vec::new()),
    };
    let needs_request_id = match (&request, method.input().get_field_by_name("request_id")) {
        (Template::Object(given), Some(field)) => given.iter().all(|(name, _)| name != field.json_name()),
        (Template::Fixed(_) | Template::Whole(_) | Template::Text(_) | Template::List(_) | Template::Object(_), _) => {
            false
        }
    };
    let answer = match Kind::Message(method.output()) {
        kind if method.is_server_streaming() => Shape::Many(kind),
        kind => Shape::One(kind),
    };
    let (expect, refused) = (fields.get("expect"), fields.get("refused"));
    if let (Some(_), Some(refused)) = (expect, refused) {
        let both = "a call is either answered or refused: `expect` and `refused` exclude each other";
        reader.found.add(refused.at, both);
    }
    let outcome = match refused {
        Some(refused) => ExpectedOutcome::Refusal(refusal(refused, reader.found)?),
        None => ExpectedOutcome::Answer(expect.map(|expect| reader.expected(expect, &answer))),
    };
    let save = match (fields.get("save"), &outcome) {
        (None, _) => Vec::new(),
        (Some(node), ExpectedOutcome::Refusal(_)) => {
            reader.found.add(node.at, "a refused call has no answer to save from");
            Vec::new()
        }
        (Some(node), ExpectedOutcome::Answer(_)) => save(node, &answer, reader),
    };
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let writes = policy::of(&path).is_none_or(|policy| policy.idempotency() != Idempotency::Read);
    let again = fields.get("again").is_some_and(|node| truth(node, reader.found));
    Some(Call { by, method, writes, request, needs_request_id, outcome, save, again })
}

fn method(node: &Node, found: &mut Found<'_>) -> Option<MethodDescriptor> {
    let name = text(node, "a method such as callout.intake.v1.Cases/CreateCase", found);
    let methods: Vec<MethodDescriptor> =
        POOL.services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
    let full_name = |method: &MethodDescriptor| format!("{}/{}", method.parent_service().full_name(), method.name());
    let Some(method) = methods.iter().find(|method| full_name(method) == name) else {
        found.add(node.at, format!("there is no method `{name}`{}", suggestion(name, methods.iter().map(full_name))));
        return None;
    };
    if method.is_client_streaming() {
        found.add(node.at, format!("`{name}` takes a stream of requests, which a step cannot give"));
        return None;
    }
    Some(method.clone())
}

fn refusal(node: &Node, found: &mut Found<'_>) -> Option<ExpectedRefusal> {
    let fields = Fields::of(node, "a refusal", &["code", "reason", "rules", "fields", "metadata"], found)?;
    let code = fields.get("code").map(|node| known(node, "code", codes(), found));
    let reason = fields.get("reason").map(|node| known(node, "reason", reasons(), found));
    let mut set = |key| fields.get(key).map(|node| words(node, found).into_iter().collect::<BTreeSet<_>>());
    let (rules, names) = (set("rules"), set("fields"));
    let metadata = match fields.get("metadata").map(|node| (node, &node.content)) {
        None => Vec::new(),
        Some((_, Content::Map(entries))) => {
            entries.iter().map(|entry| (entry.key.clone(), text(&entry.value, "a text", found).to_owned())).collect()
        }
        Some((node, Content::Null | Content::Scalar { .. } | Content::List(_))) => {
            found.add(node.at, "metadata are names with their texts");
            Vec::new()
        }
    };
    Some(ExpectedRefusal { code, reason, rules, fields: names, metadata: metadata.into_iter().collect() })
}

fn known(node: &Node, what: &str, words: Vec<String>, found: &mut Found<'_>) -> String {
    let word = text(node, "a word", found);
    if !words.iter().any(|known| known == word) {
        found.add(node.at, format!("there is no {what} `{word}`{}", suggestion(word, words)));
    }
    word.to_owned()
}

fn codes() -> Vec<String> {
    CODES.into_iter().map(|code| code_word(code).to_owned()).collect()
}

/// Every reason of the contract, as it stands in an `ErrorInfo`.
fn reasons() -> Vec<String> {
    let reasons = POOL.get_enum_by_name("callout.types.v1.ErrorReason");
    let names = reasons.iter().flat_map(|reasons| reasons.values().map(|value| value.name().to_owned()));
    names.filter_map(|name| name.strip_prefix("ERROR_REASON_").map(str::to_owned)).collect()
}

fn save(node: &Node, answer: &Shape, reader: &mut Reader<'_, '_>) -> Vec<(String, Path)> {
    let Content::Map(entries) = &node.content else {
        reader.found.add(node.at, "`save` has variables with their path in the answer, `{case: name}`");
        return Vec::new();
    };
    let mut saved = Vec::with_capacity(entries.len());
    for entry in entries {
        let path = text(&entry.value, "a path", reader.found);
        match Path::parse(path).and_then(|path| path.follow(answer)) {
            Ok((path, shape)) => {
                reader.variables.insert(entry.key.clone(), shape);
                saved.push((entry.key.clone(), path));
            }
            Err(problem) => {
                reader.found.add(entry.value.at, problem);
                reader.variables.insert(entry.key.clone(), Shape::Unknown);
            }
        }
    }
    saved
}

fn truth(node: &Node, found: &mut Found<'_>) -> bool {
    let word = text(node, "true or false", found);
    if !matches!(word, "true" | "false") {
        found.add(node.at, format!("true or false is wanted here, not `{word}`"));
    }
    word == "true"
}
