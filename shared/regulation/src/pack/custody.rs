//! What somebody holds in person and answers for: tool kits, keys.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::{calendar::Amount, refusal::Text};

/// A kind of thing that is given into somebody's personal custody.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// The roles that may hold it; whoever holds it stands for them in its limits.
    pub held_by: Vec<Id>,
    /// The roles that issue it, renew it, exchange its pieces and take it back.
    pub issued_by: Vec<Id>,
    /// The pieces of a kit, of which everybody holds one; absent: a single thing that is known by its mark.
    #[serde(default, skip_serializing_if = "Entries::is_empty")]
    pub pieces: Entries<Text>,
    /// The entry in the register that is made when it is issued; absent when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Id>,
    /// After how long it is renewed; absent: it never is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Renewal>,
    /// Whether its holder may hand it on; absent: the rules do not say, and he may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handing_on: Option<HandingOn>,
    /// What follows when it, or a piece of it, is lost; absent: the rules do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<Lost>,
    /// What follows when a piece of it is damaged; absent: the rules do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<Damaged>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// After how long something in custody is renewed.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewal {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Counted from the day of issue. The same day number ends it, or the last day of a month that lacks it.
    pub every: Amount,
}

/// Whether a holder may hand on what he holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandingOn {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The roles that may do it, from holder to holder; empty: it may not be handed on by anybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Id>,
}

/// What follows from a loss.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lost {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Who makes it good before the term is over.
    pub made_good_by: MadeGoodBy,
    /// Whether all that follows from it falls on the holder.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub holder_is_liable: bool,
}

/// Who makes something good that was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MadeGoodBy {
    /// The holder supplies it himself.
    Holder,
    /// The organisation gives a new one.
    Organization,
}

/// What follows from damage.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Damaged {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Whether a new piece is given against the broken one only.
    pub old_for_new: bool,
}
