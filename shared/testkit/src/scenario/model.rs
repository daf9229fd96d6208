//! A scenario as it is played: everything in it was checked against the contract when it was read.

use std::path::PathBuf;

use indexmap::IndexMap;
use jiff::{Timestamp, tz::TimeZone};
use prost_reflect::MethodDescriptor;
use serde_json::Value;

use super::{expect::Expected, path::Path, refusal::ExpectedRefusal, template::Template};

/// One scenario: a sandbox of its own, the people in it, and what they do.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Names it, once among all files; such as `R01-S5`.
    pub id: String,
    /// What it shows, in one line.
    pub title: String,
    /// The rules that it shows.
    pub rules: Vec<String>,
    /// The file that it stands in.
    pub file: PathBuf,
    /// The zone of its civil times.
    pub(super) zone: TimeZone,
    /// Proto JSON of the sandbox's organisation.
    pub(super) organization: Value,
    /// The sandbox's clock at first.
    pub(super) starts_at: Timestamp,
    pub(super) people: IndexMap<String, Person>,
    pub(super) steps: Vec<Step>,
}

/// Somebody who acts.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) roles: Vec<String>,
    /// The partner agency acted for; its name may come from an earlier step.
    pub(super) agency: Option<Template>,
}

/// What happens next: the clock moves, somebody calls, or first one and then the other.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Where it begins in its file.
    pub(super) line: usize,
    pub(super) note: String,
    /// The time to which the clock moves first; none leaves it.
    pub(super) at: Option<Timestamp>,
    pub(super) call: Option<Call>,
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The person who calls; none for whoever opened the sandbox.
    pub(super) by: Option<String>,
    pub(super) method: MethodDescriptor,
    /// Whether it may change something, so that the services have to settle before the next call.
    pub(super) writes: bool,
    pub(super) request: Template,
    /// Whether the request has a `request_id` that the runner has to fill in.
    pub(super) needs_request_id: bool,
    pub(super) outcome: ExpectedOutcome,
    /// Variables by name, with their path in the answer.
    pub(super) save: Vec<(String, Path)>,
    /// Whether the call is made twice, byte for byte, and must be answered the same.
    pub(super) again: bool,
}

impl Call {
    /// `callout.intake.v1.Cases/CreateCase`
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.method.parent_service().full_name(), self.method.name())
    }
}

#[derive(Clone, Debug)]
pub(super) enum ExpectedOutcome {
    /// An answer; none expects nothing of it.
    Answer(Option<Expected<Template>>),
    Refusal(ExpectedRefusal),
}
