//! Until when something must have happened.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId};
use crate::{
    calendar::{Amount, DayOfMonth},
    expression::Condition,
    vocabulary::{Event, Moment, Subject},
};

/// A time limit. It runs from the first time that `from` happened to the first time that `to` happened, or what meets it
/// as well.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this limit keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// What it is a limit of.
    pub of: Subject,
    /// When it applies; absent when it always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What starts it.
    pub from: Moment,
    /// What ends it.
    pub to: Moment,
    /// Only what somebody in one of these roles does ends it; empty: whoever does it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to_by: Vec<Id>,
    /// What ends it as well: whoever does one of these has done what it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_met_by: Vec<Moment>,
    /// What leaves nothing to be done: a limit does not run when one of these had happened by its start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<Moment>,
    /// How long it is: `24h`, `4wh`, `3wd`, `3d`, `1mo`. This, `tiers`, `by_day` or `before`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// How long it is, by circumstances: the first that matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// The day of a month by whose end it is due, instead of a time from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_day: Option<ByDay>,
    /// How long before something that is known beforehand it is due, instead of a time from the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Before>,
    /// Who answers for it: a role, `customer`, or `receiver` (whoever took the request in).
    pub responsible: Id,
    /// How long before it falls due the responsible person is warned; absent: not warned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_before: Option<Amount>,
    /// Records that lift it: no breach is counted, no new limit is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lifted_by: Vec<Id>,
    /// A record that sets its own due time instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_record: Option<UntilRecord>,
}

/// A time before something that is known beforehand, such as one month before an agreement ends: the same day number of the
/// month before, or its last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// What is known beforehand.
    pub event: Event,
    /// How long before it.
    pub amount: Amount,
}

/// A day of a month; in a shorter month its last day stands in for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByDay {
    /// The number of the day; 31 is the last day of every month.
    pub day: DayOfMonth,
    /// Of which month.
    #[serde(default)]
    pub of: DueMonth,
}

/// A month, as seen from the start of a limit or from a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueMonth {
    /// Of a limit: the month in which such a day comes next, the day of the start included. Of a period: its last month.
    #[default]
    Same,
    /// The month after it.
    Following,
}

/// How long a limit is in some circumstances.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The circumstances; absent in the last tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// How long.
    pub amount: Amount,
}

/// A record that sets its own due time.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UntilRecord {
    /// The record.
    pub record: Id,
    /// The field of its form that holds the date, to its end, or the instant.
    pub field: Id,
}
