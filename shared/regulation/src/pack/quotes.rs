//! Queues, solutions, prices, charges.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::{
    expression::{Condition, Formula},
    refusal::Text,
    vocabulary::Mode,
};

/// In which order waiting work is served.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Priorities {
    /// Cases that wait for service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Priority>,
    /// Reservations that wait for a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<Priority>,
    /// Cases that wait to be dispatched. This order is kept: none is dispatched while one with a lower rank waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dispatch: Option<Priority>,
}

/// The order of a queue.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Priority {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Numbers compared one after the other, the lower first; on a tie the earlier received goes first.
    pub rank: Vec<Formula>,
}

/// How one of several solutions that solve the problem fully is chosen.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Solutions {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// By what.
    pub choose: Choice,
}

/// By what a solution is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The lowest cost for company and customer together.
    LowestTotalCost,
}

/// A table of the organisation that tariffs read as `table.<column>`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The rule that asks for it.
    pub rule: RuleId,
    /// Its columns, each with what it is the price of.
    pub columns: Entries<Text>,
}

/// How a price is made.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tariff {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this tariff keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The table whose values `lines` read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Id>,
    /// Modes in which nothing is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_modes: Option<FreeModes>,
    /// Lines of the quote that are computed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub lines: Entries<Formula>,
    /// Cost items that the quote must list; zero is allowed, absence is not. They are the base of `given`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub items: Entries<Text>,
    /// The total is given by a person; absent: it is the sum of the lines and the parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenPrice>,
    /// What a part costs; absent when parts are not quoted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<PartsPrice>,
    /// What is charged for a part that a party supplies, by party.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub supplied_by: IndexMap<Id, PartsPrice>,
    /// How amounts are rounded.
    #[serde(default)]
    pub rounding: Rounding,
}

/// Modes in which nothing is charged.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreeModes {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The modes.
    pub modes: Vec<Mode>,
}

/// What a part costs: computed by `price`, or `given` by a person; one of them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartsPrice {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The price of one piece, from the prices that the organisation keeps of it (`price.<kind>`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Formula>,
    /// A person gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given: Option<GivenPrice>,
}

/// A price that a person gives.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenPrice {
    /// The least that it may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Formula>,
    /// The roles that may give it; empty: whoever may quote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Id>,
}

/// How amounts of money are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rounding {
    /// Decimal places that remain.
    #[schemars(range(max = 6))]
    pub places: u32,
    /// Which way a half goes.
    pub mode: RoundingMode,
    /// At which step.
    pub step: RoundingStep,
}

impl Default for Rounding {
    fn default() -> Self {
        Self { places: 2, mode: RoundingMode::HalfUp, step: RoundingStep::Line }
    }
}

/// Which way a half goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Away from zero.
    HalfUp,
    /// To the even digit.
    HalfEven,
    /// Everything beyond the last place is cut off.
    Down,
    /// Anything beyond the last place raises it.
    Up,
}

/// At which step amounts are rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingStep {
    /// Each line, before they are added.
    Line,
    /// The total alone.
    Total,
}

/// When the customer pays nothing after all.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// When it applies.
    pub when: Condition,
    /// What must be on record for it.
    pub needs: Id,
}

/// What a party is charged after the service.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The party.
    pub party: Id,
    /// When it is charged.
    pub when: Condition,
    /// How much.
    pub amount: Formula,
}
