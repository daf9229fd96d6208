//! Scorecards: how the work of a person was rated, and the way that the result takes until it is paid.

use std::{collections::BTreeMap, sync::Arc};

use callout_casework::{
    Standing, Subject,
    ids::{Id as _, ScorecardId, WorkOrderId},
    money, regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Library, Regulation, vocabulary};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod rpc;
mod scores;
pub mod store;

pub use scores::{Block, GradeReached, Indicator, Scale, Scores};

/// A rating. What was rated never changes; what is put on record with it, and what happens to the result, is its standing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: ScorecardId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// What a decision about it looks at; a column of its own.
    #[serde(skip)]
    pub standing: Standing,
    /// The scorecard of the pack.
    pub card: String,
    /// Who is rated.
    pub person: String,
    /// A day in the period rated.
    pub day: Date,
    /// The period; none for a rating of each service.
    #[serde(default)]
    pub period: Option<Days>,
    /// Marks by indicator.
    pub marks: BTreeMap<String, Decimal>,
    /// The order that gave rise to it.
    pub work_order: Option<WorkOrderId>,
    /// The result, rounded as the pack says; none when something took it away.
    pub result: Option<Decimal>,
    /// What the result was made from, and what it says.
    #[serde(default)]
    pub scores: Scores,
    /// Who rated.
    pub rated_by: String,
    /// The roles that it is reported to.
    pub reported_to: Vec<String>,
    /// How the result was computed.
    pub explanation: Explanation,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// The days of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first one.
    pub first: Date,
    /// The last one.
    pub last: Date,
    /// What people call it, such as `2026-Q1`.
    pub name: String,
}

fn nobody() -> ScorecardId {
    ScorecardId::from_uuid(Uuid::nil())
}

/// Refuses something that would change what a period is scored by, once it was.
///
/// # Errors
/// [`Error::WrongState`] about the scorecard.
pub fn require_unscored(scored: Option<&Scorecard>, organization: &str, attempted: &str) -> Result<(), Error> {
    match scored {
        None => Ok(()),
        Some(scored) => Err(Error::WrongState {
            name: scored.id.name(organization),
            state: "SUMMED_UP".to_owned(),
            attempted: attempted.to_owned(),
            allowed: Vec::new(),
        }),
    }
}

impl Scorecard {
    /// What it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn regulation(&self, library: &Library) -> Result<Arc<Regulation>, Error> {
        regulation_named(library, &self.explanation.revision)
    }

    /// The rating as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let regulation = self.regulation(library)?;
        let card = regulation.pack().scorecards.get(&self.card);
        let people = card.map(|card| (card.of.clone(), self.person.clone())).into_iter().collect();
        Ok(Subject {
            kind: vocabulary::Subject::Scorecard,
            name: self.id.name(organization),
            case: String::new(),
            people,
            regulation,
            standing: self.standing.clone(),
        })
    }

    /// The rating as the contract has it, with its limits at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(&self, library: &Library, tx: &TenantTx) -> Result<pb::Scorecard, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let judged = subject.judged(tx)?;
        let period = self.period.as_ref();
        Ok(pb::Scorecard {
            scorecard: self.card.clone(),
            person: self.person.clone(),
            day: self.day.to_string(),
            marks: self.marks.iter().map(|(id, mark)| (id.clone(), money::plain(*mark))).collect(),
            work_order: self.work_order.map(|order| order.name(organization)).unwrap_or_default(),
            result: self.result.map(money::plain).unwrap_or_default(),
            rated_by: self.rated_by.clone(),
            reported_to: self.reported_to.clone(),
            explanation: Some(self.explanation.clone().into()),
            create_time: Some(parse::to_timestamp(self.created_at)),
            period_start_on: period.map(|days| days.first.to_string()).unwrap_or_default(),
            period_end_on: period.map(|days| days.last.to_string()).unwrap_or_default(),
            indicators: self.scores.indicators.iter().map(Into::into).collect(),
            blocks: self.scores.blocks.iter().map(Into::into).collect(),
            scales: self.scores.scales.iter().map(Into::into).collect(),
            grade: self.scores.grade.as_ref().map(Into::into),
            cancelled: self.scores.cancelled.iter().cloned().map(Into::into).collect(),
            regulation: self.explanation.revision.clone(),
            limits: judged.limits(),
            chains: judged.chains(),
            records: subject.standing.to_records(),
            milestones: subject.standing.to_milestones(),
            etag: etag::of(self.version),
            name: subject.name,
        })
    }
}
