//! What is known about a subject when something is decided about it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Amount,
    facts::Facts,
    vocabulary::{Event, Moment},
};

/// Everything that a decision may look at: facts, what happened, what was put on record.
#[derive(Clone, Debug, Default)]
pub struct Dossier {
    /// Facts by their word.
    pub facts: Facts,
    /// What happened and when, in any order; an event may have happened more than once.
    pub milestones: Vec<(Event, Timestamp)>,
    /// What was put on record.
    pub records: Vec<RecordEntry>,
    /// Days of the product's file, from which terms of cover are counted.
    pub product_days: BTreeMap<Event, Date>,
    /// The term that a paper of the product itself states, such as its warranty card.
    pub stated_term: Option<Amount>,
    /// What the organisation has set, each for its time.
    pub settings: Vec<SettingValue>,
    /// The last day of the product's warranty, by its contract; counts to its end. Absent when none is on record: whether
    /// the case is in warranty is then not known, unless the facts say so.
    pub warranty_ends_on: Option<Date>,
}

/// A number that the regulation leaves to the organisation, as it set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingValue {
    /// Its id, of the pack's `settings`.
    pub setting: String,
    /// The number.
    pub value: Decimal,
    /// The first day on which it is valid.
    pub valid_from: Date,
    /// The last day on which it is valid; none while no end is known.
    pub valid_until: Option<Date>,
}

impl SettingValue {
    /// Whether it is valid on a day.
    #[must_use]
    pub fn is_valid_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_until.is_none_or(|last| day <= last)
    }
}

/// One record: a notice given, a paper handed over, a point checked, an approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordEntry {
    /// Its kind, of the pack's `records`.
    pub kind: String,
    /// The party that it concerns; empty when the kind names none.
    pub party: String,
    /// The role in which it was made.
    pub role: String,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The fields of its form.
    pub fields: BTreeMap<String, String>,
}

/// Who acts, as far as rules are concerned: the roles that he holds under the pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// Roles of the pack.
    pub roles: BTreeSet<String>,
}

impl Actor {
    /// Somebody who holds these roles.
    pub fn of<S: Into<String>>(roles: impl IntoIterator<Item = S>) -> Self {
        Self { roles: roles.into_iter().map(Into::into).collect() }
    }

    /// Whether one of his roles is among these.
    #[must_use]
    pub fn is_one_of(&self, roles: &[String]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }
}

impl Dossier {
    /// When this happened for the first time, if it did.
    #[must_use]
    pub fn first(&self, moment: &Moment) -> Option<Timestamp> {
        match moment {
            Moment::Event(event) => {
                self.milestones.iter().filter(|(happened, _)| happened == event).map(|(_, at)| *at).min()
            }
            Moment::Record(kind) => {
                self.records.iter().filter(|record| record.kind == *kind).map(|record| record.occurred_at).min()
            }
        }
    }

    /// When somebody in one of `roles` made it so for the first time; no roles: whoever it was. Of an event it is not known
    /// in which role it was made to happen, so roles ask for records.
    #[must_use]
    pub fn first_by(&self, moment: &Moment, roles: &[String]) -> Option<Timestamp> {
        match moment {
            Moment::Record(kind) if !roles.is_empty() => {
                let by = |record: &&RecordEntry| record.kind == *kind && roles.contains(&record.role);
                self.records.iter().filter(by).map(|record| record.occurred_at).min()
            }
            Moment::Event(_) | Moment::Record(_) => self.first(moment),
        }
    }

    /// The latest record of a kind that was made at or before an instant.
    #[must_use]
    pub fn latest_record_by(&self, kind: &str, at: Timestamp) -> Option<&RecordEntry> {
        self.records
            .iter()
            .filter(|record| record.kind == kind && record.occurred_at <= at)
            .max_by_key(|record| record.occurred_at)
    }

    /// The earliest record of a kind that was made at or before an instant.
    #[must_use]
    pub fn record_by(&self, kind: &str, at: Timestamp) -> Option<&RecordEntry> {
        self.records
            .iter()
            .filter(|record| record.kind == kind && record.occurred_at <= at)
            .min_by_key(|record| record.occurred_at)
    }
}
