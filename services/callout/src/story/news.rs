//! What an answer says that was not known before.

use std::collections::{HashMap, HashSet};

use callout_contract::{
    dispatch::v1::Visit, evaluation::v1::Claim, events::v1::LimitNearing, inventory::v1::LoanSlip,
    regulation::v1::Limit,
};
use callout_testkit::scenario::Exchange;
use jiff::tz::TimeZone;
use prost_reflect::{DynamicMessage, Kind, ReflectMessage as _, Value, prost::Message};
use prost_types::Any;

use super::{
    facts::{self, Fact, Topic},
    words::{of_camel_case, of_enum},
};

/// Remembers what was told, so that each thing is told once.
#[derive(Debug, Default)]
pub struct News {
    told: HashSet<String>,
    /// By the name of a resource, what people call it.
    labels: HashMap<String, String>,
    revision: Option<String>,
}

/// Where in an answer something stands.
#[derive(Clone, Copy)]
struct Place<'p> {
    zone: &'p TimeZone,
    /// The name of the resource that it belongs to.
    resource: &'p str,
}

impl News {
    /// What is new in the answer, in the order of the topics.
    pub fn of(&mut self, exchange: &Exchange<'_>) -> Vec<Fact> {
        let mut facts = Vec::new();
        match &exchange.answer {
            Ok(messages) => {
                for message in *messages {
                    self.read(message, Place { zone: exchange.at.time_zone(), resource: "" }, &mut facts);
                }
            }
            Err(refusal) => facts.extend(facts::refused(refusal)),
        }
        facts.sort_by_key(|fact| fact.topic);
        facts
    }

    /// The regulation that an answer named last, such as `R01-aerial-platforms@1`.
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    fn read(&mut self, message: &DynamicMessage, place: Place<'_>, facts: &mut Vec<Fact>) {
        let name = text_of(message, "name").unwrap_or_default();
        let place = Place { resource: if name.is_empty() { place.resource } else { &name }, ..place };
        self.remember(message, &name);
        let mut tell = |key: String, fact: Fact| {
            if self.told.insert(format!("{key} {fact:?}")) {
                facts.push(fact);
            }
        };
        let resource = place.resource;
        match message.descriptor().full_name() {
            "callout.regulation.v1.Verdict" => with(message, |verdict| tell(String::new(), facts::decided(&verdict))),
            "callout.regulation.v1.Limit" => with(message, |limit: Limit| {
                let key = format!("{resource} {}", limit.limit);
                if let Some(fact) = facts::limited(&limit, place.zone) {
                    tell(key, fact);
                }
            }),
            "callout.types.v1.Record" => with(message, |record| tell(name.clone(), facts::recorded(&record))),
            "callout.dispatch.v1.Visit" => with(message, |visit: Visit| {
                let engineer = label(&self.labels, &visit.engineer);
                if let Some(fact) = facts::planned(&visit, &engineer, place.zone) {
                    tell(name.clone(), fact);
                }
            }),
            "callout.dispatch.v1.Quote" => with(message, |quote| tell(name.clone(), facts::quoted(&quote))),
            "callout.dispatch.v1.Charge" => with(message, |charge| tell(name.clone(), facts::charged(&charge))),
            "callout.inventory.v1.LoanSlip" => with(message, |slip: LoanSlip| {
                for line in &slip.lines {
                    tell(format!("{name} {}", line.line), facts::lent(line, &label(&self.labels, &line.item)));
                }
            }),
            "callout.evaluation.v1.Claim" => with(message, |claim: Claim| {
                tell(name.clone(), facts::claimed(&claim));
                for line in claim.lines.iter().filter(|line| !line.refused_by.is_empty()) {
                    tell(name.clone(), facts::not_passed(line));
                }
            }),
            "callout.evaluation.v1.LedgerEntry" => with(message, |entry| tell(name.clone(), facts::entered(&entry))),
            "callout.evaluation.v1.Scorecard" => {
                with(message, |scorecard| tell(name.clone(), facts::rated(&scorecard)));
            }
            "callout.events.v1.LimitNearing" => {
                with(message, |nearing: LimitNearing| {
                    if let Some(fact) = facts::nearing(&nearing, place.zone) {
                        tell(nearing.subject.clone(), fact);
                    }
                });
                // Of the limit itself it says nothing new.
                return;
            }
            "google.protobuf.Any" => {
                if let Some(packed) = unpacked(message) {
                    self.read(&packed, place, facts);
                }
                return;
            }
            _ => {}
        }
        if let Some(state) = state_of(message) {
            let kind = of_camel_case(message.descriptor().name());
            let which = self.labels.get(&name).map(|label| format!(" {label}")).unwrap_or_default();
            tell(name.clone(), Fact::new(Topic::State, format!("{kind}{which}: {state}")));
        }
        for (_, value) in message.fields() {
            for below in messages(value) {
                self.read(below, place, facts);
            }
        }
    }

    fn remember(&mut self, message: &DynamicMessage, name: &str) {
        let of_words = ["display_name", "number", "serial"];
        let called = of_words.iter().find_map(|field| text_of(message, field).filter(|label| !label.is_empty()));
        if let Some(called) = called
            && !name.is_empty()
        {
            self.labels.insert(name.to_owned(), called);
        }
        for field in ["regulation", "revision"] {
            let named = text_of(message, field).filter(|revision| revision.contains('@'));
            self.revision = named.or(self.revision.take());
        }
    }
}

/// What people call a resource; its last part when nobody has said.
fn label(labels: &HashMap<String, String>, name: &str) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    labels.get(name).cloned().unwrap_or_else(|| last.to_owned())
}

/// Does something with a message as the type that it is of.
fn with<T: Message + Default>(message: &DynamicMessage, what: impl FnOnce(T)) {
    // The descriptor and the type are generated from one proto, so that the one always reads the other.
    if let Ok(typed) = message.transcode_to::<T>() {
        what(typed);
    }
}

/// What is packed in an `Any`, if the contract knows it.
fn unpacked(message: &DynamicMessage) -> Option<DynamicMessage> {
    let any: Any = message.transcode_to().ok()?;
    let name = any.type_url.rsplit('/').next()?;
    let descriptor = message.descriptor().parent_pool().get_message_by_name(name)?;
    DynamicMessage::decode(descriptor, any.value.as_slice()).ok()
}

fn text_of(message: &DynamicMessage, field: &str) -> Option<String> {
    message.get_field_by_name(field).and_then(|value| value.as_str().map(str::to_owned))
}

/// The word of a resource's state; none when it has none or was not set.
fn state_of(message: &DynamicMessage) -> Option<String> {
    let field = message.descriptor().get_field_by_name("state")?;
    let Kind::Enum(kind) = field.kind() else { return None };
    // What has no name is a part of something that has one.
    message.descriptor().get_field_by_name("name")?;
    let number = message.get_field(&field).as_enum_number().filter(|number| *number != 0)?;
    Some(of_enum(kind.get_value(number)?.name(), kind.name()))
}

fn messages(value: &Value) -> Vec<&DynamicMessage> {
    match value {
        Value::Message(message) => vec![message],
        Value::List(values) => values.iter().flat_map(messages).collect(),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_)
        | Value::Map(_) => Vec::new(),
    }
}
