//! Customer returns: goods that a customer sends back, by a note, and booked against the quantity that his case approves.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{CaseId, CustomerReturnId, Id as _, ItemId, PlaceId},
    message, money,
};
use callout_contract::{inventory::v1 as pb, regulation::v1::Explanation};
use callout_journal::etag;
use callout_kit::parse;
use callout_regulation::Regulation;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub mod commands;
mod rpc;
mod state;
pub mod store;

pub use state::{State, Step};

/// Goods that a customer sends back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CustomerReturn {
    /// Its id.
    pub id: CustomerReturnId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// Document number.
    pub number: String,
    /// Which of the pack's returns it is.
    pub kind: String,
    /// The case that approves it.
    pub case: CaseId,
    /// What comes back.
    pub item: ItemId,
    /// Where it goes.
    pub place: PlaceId,
    /// How many the note says.
    pub noted: Decimal,
    /// The customer's permitted overrun in per cent.
    pub overrun: Option<Decimal>,
    /// The fields of its form.
    pub fields: BTreeMap<String, String>,
    /// The quantity that the case approves.
    pub approved: Decimal,
    /// What was said when the quantity was asked about.
    pub asked: String,
    /// What was decided when it was to be booked.
    pub decided: Option<Decided>,
    /// What proves it.
    pub evidence: Option<Evidence>,
    /// Where it stands.
    pub state: State,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// What was decided about a return that was to be booked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// How many may be booked at most.
    pub limit: Decimal,
    /// Why.
    #[serde(with = "message")]
    pub explanation: Explanation,
}

/// A paper that proves a return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which it is, of the pack.
    pub paper: String,
    /// What it shows.
    pub shows: Vec<String>,
}

impl CustomerReturn {
    /// The role that has to act next; none in the final state. The desk, where the pack does not name one.
    #[must_use]
    pub fn owner(&self, regulation: &Regulation) -> Option<String> {
        let terms = regulation.pack().returns.get(&self.kind);
        let roles = match self.state {
            State::Noted => terms.map(|terms| &terms.approval.by),
            State::Approved => terms.map(|terms| &terms.receipt.by),
            State::Received { .. } => terms.map(|terms| &terms.booking.by),
            State::ReferredBack { .. } => terms.map(|terms| &terms.filled_by),
            State::Booked { .. } => return None,
        };
        Some(roles.and_then(|roles| roles.first()).map_or(regulation.desk(), String::as_str).to_owned())
    }

    /// The return as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str, regulation: &Regulation) -> pb::CustomerReturn {
        let optional = |quantity: Option<Decimal>| quantity.map(money::plain).unwrap_or_default();
        pb::CustomerReturn {
            name: self.id.name(organization),
            number: self.number.clone(),
            kind: self.kind.clone(),
            case: self.case.name(organization),
            item: self.item.name(organization),
            place: self.place.name(organization),
            quantity: money::plain(self.noted),
            overrun_percent: optional(self.overrun),
            fields: self.fields.clone().into_iter().collect(),
            approved_quantity: money::plain(self.approved),
            actual_quantity: optional(self.state.actual()),
            asked: self.asked.clone(),
            limit_quantity: optional(self.decided.as_ref().map(|decided| decided.limit)),
            booked_quantity: optional(self.state.booked()),
            evidence: self.evidence.clone().map(|it| pb::ReturnEvidence { paper: it.paper, shows: it.shows }),
            explanation: self.decided.as_ref().map(|decided| decided.explanation.clone()),
            state: pb::customer_return::State::from(self.state).into(),
            owner: self.owner(regulation).unwrap_or_default(),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}
