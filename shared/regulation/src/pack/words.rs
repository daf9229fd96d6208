//! The words that a regulation adds: roles, records, forms, rules.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Entries, Id, RuleId};
use crate::{
    refusal::Text,
    vocabulary::{Service, Subject, Transition},
};

/// A role of the organisation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
    /// What the suite lets somebody in this role do at all; the pack's rules narrow it.
    pub profile: Profile,
}

/// A set of permissions that roles share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Takes in, plans, quotes, dispatches, keeps records.
    Desk,
    /// Goes to the customer.
    Engineer,
    /// Keeps, issues and takes back stock.
    Warehouse,
    /// Prices, audits, reimburses.
    Finance,
    /// Takes calls and passes them on.
    Receiver,
    /// Gives consents and approvals.
    Approver,
    /// Reads.
    Viewer,
}

/// A standing that a customer may reach.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// The limit that must be met in time for it.
    pub limit: Id,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// Something that may be put on record.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordKind {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// What it is put on record of.
    pub on: Subject,
    /// What sort of thing it is.
    pub is: Sort,
    /// The party that it concerns or comes from; absent when it names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<Id>,
    /// The roles that may put it on record.
    pub by: Vec<Id>,
    /// Roles of the subject, such as the engineer who goes or the person who is rated: whoever stands for one of them there
    /// may not put it on record, whatever else he is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_by: Vec<Id>,
    /// The step that is taken by putting it on record; the gates before that step are asked first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Transition>,
    /// The form that it must fill; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Id>,
    /// A time that is promised in it, and must not be later than a limit allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promise: Option<Promise>,
    /// English name.
    pub en: String,
    /// Chinese name.
    pub zh: String,
}

/// A time that a record promises.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promise {
    /// The field of its form that holds the date, to its end, or the instant.
    pub field: Id,
    /// The limit of the same subject within which it must lie. While that does not run, nothing can be promised.
    pub within: Id,
}

/// What sort of thing a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Terms agreed with somebody.
    Contract,
    /// A wish put in writing.
    Request,
    /// Leave given.
    Approval,
    /// Something told to somebody.
    Notice,
    /// A point looked at and found in order.
    Check,
    /// A form filled in.
    Form,
    /// A paper, or goods, handed over.
    Paper,
    /// A circumstance that matters to a rule.
    Circumstance,
}

impl Sort {
    /// The word as packs write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Request => "request",
            Self::Approval => "approval",
            Self::Notice => "notice",
            Self::Check => "check",
            Self::Form => "form",
            Self::Paper => "paper",
            Self::Circumstance => "circumstance",
        }
    }
}

/// The fields of a form.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The rule that it comes from.
    pub rule: RuleId,
    /// Its fields, in their order.
    pub fields: Entries<Field>,
}

/// A field of a form.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// English label.
    pub en: String,
    /// Chinese label.
    pub zh: String,
    /// What may be filled in.
    #[serde(default)]
    pub kind: FieldKind,
    /// The answers that a choice allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// May stay empty.
    #[serde(default)]
    pub optional: bool,
    /// Must be filled only when another field says this; may stay empty otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_when: Option<Answer>,
}

/// What a field of a form holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Free text.
    #[default]
    Text,
    /// A civil date, `2026-03-27`.
    Date,
    /// An instant with its offset, `2026-03-27T10:00:00+08:00`.
    Instant,
    /// An exact decimal.
    Number,
    /// `yes` or `no`.
    YesNo,
    /// One of `values`.
    Choice,
}

/// What another field says.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The other field.
    pub field: Id,
    /// What it says.
    pub is: String,
}

/// A rule of the regulation.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// The service that keeps it.
    pub service: Service,
    /// How it is kept.
    pub kept: Kept,
    /// What it says, in one sentence.
    pub text: Text,
}

/// How the suite keeps a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kept {
    /// What it forbids is refused.
    Enforced,
    /// What it decides, prices, orders or counts is computed.
    Computed,
    /// What it asks for falls due and is called for.
    Scheduled,
    /// It tells people how to act: what they did is on record.
    Recorded,
}

impl Kept {
    /// The word as packs write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Computed => "computed",
            Self::Scheduled => "scheduled",
            Self::Recorded => "recorded",
        }
    }
}
