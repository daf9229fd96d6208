//! What a case is entitled to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::{calendar::Amount, expression::Condition, vocabulary::Event};

/// Classes of product and the table of verdicts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The event at whose instant the warranty is read; its last day counts to the end.
    pub warranty_read_at: Event,
    /// Terms of cover that are counted from days of the product's file, each read at the same instant.
    #[serde(default)]
    pub terms: Entries<Term>,
    /// The terms that are the warranty: a case is in warranty while one of them has not ended. Empty: the warranty ends on
    /// the day that the product's file states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warranty: Vec<Id>,
    /// The classes of product; the first that matches is the class.
    #[serde(default)]
    pub classes: Vec<ClassRow>,
    /// What holds of a product that is in no class.
    pub unclassified: Unclassified,
    /// The verdicts; the first that matches decides.
    pub verdicts: Vec<VerdictRow>,
    /// What a customer may ask for beside the repair, each with its own table.
    #[serde(default)]
    pub remedies: Entries<Remedy>,
}

/// A term of cover. It runs from the day after it starts to the end of its last day.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this term keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// Which products have it; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The days of the file from which it is counted: it begins with the first of the list, and where another one is later,
    /// it is counted from that one. Either this or `after`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<Event>,
    /// The term with whose last day it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Id>,
    /// How long it is.
    pub amount: Amount,
    /// Whether a term that is stated on the paper of the product itself, such as its warranty card, replaces `amount`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stated: bool,
}

/// What a customer may ask for beside the repair: a return, an exchange, a replacement.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remedy {
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
    /// Its table; the first row that matches decides.
    pub rows: Vec<RemedyRow>,
}

/// One row of the table of a remedy.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemedyRow {
    /// The id of the row.
    pub id: Id,
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this row keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// When it applies; absent when it always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Whether it is granted, once what it needs is there.
    pub outcome: Outcome,
    /// What must be on record first; until then it is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Id>,
    /// One of these, no matter which, must be on record first; until then it is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs_any: Vec<Id>,
}

/// A class of product.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassRow {
    /// The name of the class.
    pub class: String,
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this row keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// When a product belongs to it.
    pub when: Condition,
}

/// What holds of a product that is in no class, or of a case that no verdict fits.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unclassified {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Held until it is known, or refused.
    pub outcome: Unmet,
}

/// One row of the table of verdicts.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictRow {
    /// The id of the row.
    pub id: Id,
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Further rules that this row keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// When it applies; absent when it always does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What the case is entitled to, once what it needs is there.
    pub outcome: Outcome,
    /// Who pays; absent: the customer when paid, else the company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Id>,
    /// The tariff by which the customer is quoted; needed when paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff: Option<Id>,
    /// Parties that must be notified before the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notify_before: Vec<Id>,
    /// Parties that are charged after the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charge_after: Vec<Id>,
    /// What must be on record first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Id>,
    /// What holds until it is; needed when `needs` names something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_met: Option<Unmet>,
}

/// What a case is entitled to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The customer pays nothing.
    Free,
    /// The customer pays by a tariff.
    Paid,
    /// As a contract with a third party says.
    Contract,
    /// Nothing is decided yet.
    Held,
    /// Not served.
    Refused,
}

/// What holds until something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unmet {
    /// Nothing is decided yet.
    Held,
    /// Not served.
    Refused,
}
