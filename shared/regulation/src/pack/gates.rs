//! What must be so before a step is taken.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId};
use crate::{
    expression::Condition,
    refusal::Text,
    vocabulary::{Event, Step},
};

/// What must be so before a step is taken. Everything that is lacking is said at once.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this gate keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The steps that it stands before: transitions, and records to be made, written `record:<kind>`.
    pub before: Vec<Step>,
    /// When it stands there; absent when it always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// It stands only before somebody who acts in one of these roles; empty: before everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acting: Vec<Id>,
    /// Only these roles may take the step; empty: the gate does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Id>,
    /// What must be on record when the step is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Id>,
    /// One of these, no matter which, must be on record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_any: Vec<Id>,
    /// Chains of which every station must have been passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_chains: Vec<Id>,
    /// Facts that must be known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_facts: Vec<String>,
    /// The case must be entitled to something: its verdict is free, paid or contract. A verdict that is held or refused
    /// refuses by the rules of what it lacks, or by its own where it lacks nothing; `rule` says that there must be one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_verdict: bool,
    /// Events that must have happened.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<Event>,
    /// A record that must have been made for every day of a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each_day: Option<EachDay>,
    /// What must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// The step is forbidden, whatever is on record: why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never: Option<Text>,
    /// What would lift a refusal by `condition`, for people; needed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<Text>,
}

/// A record for every day, from the first time that something happened to the last day of something else, both included.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EachDay {
    /// The record.
    pub record: Id,
    /// The field of its form that holds the day.
    pub field: Id,
    /// The event on whose day it begins. Before it happened nothing is asked for.
    pub from: Event,
    /// The event on whose day it ends; until that has happened, the day of the step.
    pub to: Event,
}
