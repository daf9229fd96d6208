//! Figures that scores are computed from, as they are collected month by month.

use std::collections::BTreeMap;

use callout_casework::{
    ids::{FigureEntryId, Id as _},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::etag;
use callout_kit::parse;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod rpc;
mod state;
pub mod store;

pub use state::{State, Step};

/// Figures of a month that were entered together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureEntry {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: FigureEntryId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The scorecard of the pack.
    pub card: String,
    /// Whose work they are about.
    pub person: String,
    /// The day by which the month was named.
    pub day: Date,
    /// The first day of the month.
    pub month_on: Date,
    /// The first day of the period that they are summed up over.
    pub period_start_on: Date,
    /// By figure.
    pub figures: BTreeMap<String, Decimal>,
    /// Where they come from.
    pub source: String,
    /// Whether they were entered on one of the days for it.
    pub in_window: bool,
    /// The first instant of those days.
    pub window_from: Timestamp,
    /// The last one that is in time.
    pub window_until: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who entered them.
    pub entered_by: String,
    /// The pack and revision that they are judged by.
    pub regulation: String,
    /// Why they are in the window or not.
    pub explanation: Explanation,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> FigureEntryId {
    FigureEntryId::from_uuid(Uuid::nil())
}

impl FigureEntry {
    /// The entry as the contract has it.
    #[must_use]
    pub fn to_proto(&self, organization: &str) -> pb::FigureEntry {
        pb::FigureEntry {
            name: self.id.name(organization),
            scorecard: self.card.clone(),
            person: self.person.clone(),
            day: self.day.to_string(),
            figures: self.figures.iter().map(|(figure, value)| (figure.clone(), money::plain(*value))).collect(),
            source: self.source.clone(),
            state: pb::figure_entry::State::from(&self.state).into(),
            in_window: self.in_window,
            counts: self.state.counts(self.in_window),
            window_from: Some(parse::to_timestamp(self.window_from)),
            window_until: Some(parse::to_timestamp(self.window_until)),
            entered_by: self.entered_by.clone(),
            reviewed_by: self.state.reviewed_by().to_owned(),
            withdrawn_because: self.state.withdrawn_because().to_owned(),
            explanation: Some(self.explanation.clone().into()),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

impl From<&State> for pb::figure_entry::State {
    fn from(state: &State) -> Self {
        match state {
            State::Entered => Self::Entered,
            State::Reviewed { .. } => Self::Reviewed,
            State::Withdrawn { .. } => Self::Withdrawn,
        }
    }
}
