//! What is put on record, in the contract and as it is kept.

use std::collections::BTreeMap;

use callout_contract::types::v1 as pb;
use callout_kit::parse;
use callout_regulation::RecordEntry;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A record as it is kept with its subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `{parent}/records/{uuid}`.
    pub name: String,
    /// What a decision looks at.
    pub entry: RecordEntry,
    /// Free text, never read by a rule.
    pub note: String,
    /// Who put it on record.
    pub recorded_by: String,
    /// When it was entered.
    pub recorded_at: Timestamp,
}

impl From<&Record> for pb::Record {
    fn from(record: &Record) -> Self {
        Self {
            name: record.name.clone(),
            kind: record.entry.kind.clone(),
            party: record.entry.party.clone(),
            note: record.note.clone(),
            fields: record.entry.fields.clone().into_iter().collect(),
            role: record.entry.role.clone(),
            recorded_by: record.recorded_by.clone(),
            occurred_at: Some(parse::to_timestamp(record.entry.occurred_at)),
            recorded_at: Some(parse::to_timestamp(record.recorded_at)),
        }
    }
}

/// The records of another service's subject, as a decision here looks at them. One without an instant, which that
/// service does not send, is left out.
#[must_use]
pub fn entries(records: &[pb::Record]) -> Vec<RecordEntry> {
    let entry = |record: &pb::Record| {
        Some(RecordEntry {
            kind: record.kind.clone(),
            party: record.party.clone(),
            role: record.role.clone(),
            occurred_at: parse::timestamp(record.occurred_at?).ok()?,
            fields: record.fields.clone().into_iter().collect::<BTreeMap<_, _>>(),
        })
    };
    records.iter().filter_map(entry).collect()
}
