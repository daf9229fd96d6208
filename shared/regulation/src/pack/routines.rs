//! What recurs: calls, visits, lists, reports.

use std::fmt;

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IntoDeserializer as _, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{ByDay, Id, RuleId};
use crate::{
    calendar::{Amount, Period},
    expression::Condition,
    refusal::Text,
    vocabulary::{Event, Service, Subject},
};

/// Something that recurs, either so long after the last time (`every`, `from`) or once in each period (`period`, `due`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Routine {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The service that sees to it.
    pub of: Service,
    /// For each of what.
    pub per: Subject,
    /// The events from the latest of which the next time is counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Event>,
    /// How long after it the next time falls due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Amount>,
    /// The period in each of which it is due once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// When in, or after, the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<FallsDue>,
    /// How often it is to be done at least in each period in all of which it is owed; beside `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<AtLeast>,
    /// The work orders that see to it; absent: somebody says that it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_to_by: Option<SeenToBy>,
    /// The form that is filled in when it is done; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Id>,
    /// What the form must say, as `form.<field>`; absent: anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What would lift a refusal by `condition`, for people; needed with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifted_by: Option<Text>,
    /// Rates that must be at their target in its period before it is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rates: Vec<Id>,
    /// Of customers: only the person in charge of the customer sees to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person_in_charge: bool,
    /// What was not done in its period stays undone: what is done afterwards counts for the next one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lapses: bool,
    /// The roles that see to it.
    pub by: Vec<Id>,
    /// The roles that are told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<Id>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// When a routine falls due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum FallsDue {
    /// At one of the usual ends.
    End(PeriodEnd),
    /// At the end of a day of the period's last month, or of the month after it: `{day: 25}`, `{day: 10, of: following}`.
    Day(ByDay),
}

/// By hand, because serde says of an untagged enum only that nothing matched, and not what is wrong where.
impl<'de> Deserialize<'de> for FallsDue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordOrDay;

        impl<'de> Visitor<'de> for WordOrDay {
            type Value = FallsDue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`period_end`, `following_month_end` or a day such as `{day: 10, of: following}`")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<FallsDue, E> {
                PeriodEnd::deserialize(word.into_deserializer()).map(FallsDue::End)
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<FallsDue, M::Error> {
                ByDay::deserialize(MapAccessDeserializer::new(map)).map(FallsDue::Day)
            }
        }

        deserializer.deserialize_any(WordOrDay)
    }
}

/// The usual ends of what recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PeriodEnd {
    /// At the end of the period.
    PeriodEnd,
    /// At the end of the month that follows the period.
    FollowingMonthEnd,
}

/// How often something is to be done at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// On so many days.
    pub times: u32,
    /// Of each such period.
    pub of: Period,
}

/// The work orders that see to a routine: each of such work, when it is completed and its paper is on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenToBy {
    /// The works of their cases.
    pub works: Vec<Id>,
    /// The record without which it does not count, such as the sheet that the customer signed; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Id>,
}
