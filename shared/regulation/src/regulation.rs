//! A checked pack, ready to decide.

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, tz::TimeZone};

use crate::{
    calendar::{Calendar, Holidays},
    expression::Inputs,
    pack::Pack,
    vocabulary::Transition,
};

/// A pack that was checked: every word in it is known, every expression compiled. Decisions are its methods.
#[derive(Clone, Debug)]
pub struct Regulation {
    pub(crate) pack: Pack,
    pub(crate) zone: TimeZone,
    revision: String,
}

impl Regulation {
    pub(crate) fn new(pack: Pack, zone: TimeZone) -> Self {
        Self { revision: pack.revision_name(), pack, zone }
    }

    /// The pack as it is written, after what it extends was merged in.
    #[must_use]
    pub fn pack(&self) -> &Pack {
        &self.pack
    }

    /// The pack and its revision, such as `R01-aerial-platforms@1`.
    #[must_use]
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The zone in which the regulation counts.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The role that owns the service process.
    #[must_use]
    pub fn desk(&self) -> &str {
        &self.pack.desk
    }

    /// The step that is taken by putting a kind of record on record, if it takes one.
    #[must_use]
    pub fn step_of(&self, record: &str) -> Option<Transition> {
        self.pack.records.get(record)?.step
    }

    /// The calendar of an organisation with these holidays under this regulation.
    #[must_use]
    pub fn calendar(&self, holidays: &Holidays) -> Calendar {
        Calendar::new(self.zone.clone(), self.pack.calendar.clone(), holidays.clone())
    }

    /// The civil time of an instant as computations show it, such as `2026-03-06 16:10:00`.
    pub(crate) fn local(&self, at: Timestamp) -> String {
        self.zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    pub(crate) fn explain(&self, rule: &str, entry: String, inputs: Inputs, computation: String) -> Explanation {
        Explanation {
            rule: rule.to_owned(),
            entry,
            revision: self.revision.clone(),
            inputs: inputs.into_iter().collect(),
            computation,
        }
    }
}
