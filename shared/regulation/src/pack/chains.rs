//! Stations or signatures in their order, each with its own limit.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, RuleId, Tier};
use crate::{
    calendar::Amount,
    expression::Condition,
    vocabulary::{Moment, Subject},
};

/// Stations that something passes in their order: departments that deal with a complaint, signatures under a settlement,
/// papers of a hand-over. A station is passed by putting its record on record; one that comes before it and was not passed
/// refuses that.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The rule that it comes from; it refuses a station that is passed out of order.
    pub rule: RuleId,
    /// Further rules that it keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<RuleId>,
    /// What passes the stations.
    pub of: Subject,
    /// When there is such a chain; absent when there always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// What brings it to the first station.
    pub from: Moment,
    /// The stations in their order.
    pub stations: Vec<Station>,
}

/// A station of a chain.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Station {
    /// The record by which it is passed. Who may make it, and its form, are said there.
    pub record: Id,
    /// The rule that its limit comes from; absent: that of the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// When it has to be passed; absent when it always has to. One that need not be passed uses no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// How long it may take, from when the last station before it that has a limit was passed. Neither this nor `tiers`:
    /// the station has no limit of its own and stands inside that of the station before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// How long it may take, by circumstances: the first that matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Tier>,
    /// Who answers for its limit; absent: the first role that may make the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub responsible: Option<Id>,
    /// Who of those that may make the record may do so, by amount or case: the first that matches. Empty: all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authority: Vec<Authority>,
}

/// Who may pass a station in some circumstances.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// The circumstances; absent in the last row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The roles.
    pub by: Vec<Id>,
}
