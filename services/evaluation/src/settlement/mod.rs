//! Settlements: the periods of an agreement, each scored, signed in order and paid.

use callout_casework::{
    ids::{AgreementId, Id as _, SettlementId},
    money,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{
    Regulation,
    calendar::{CalendarPeriod, Holidays},
    pack,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    agreement::{Agreement, History},
    explanation::Explanation,
};

pub mod commands;
mod payment;
pub mod rpc;
mod state;
pub mod store;

pub use payment::{Line, Payment};
pub use state::{Score, Signature, State, Step};

/// A period of an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: SettlementId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The agreement.
    pub agreement: AgreementId,
    /// The first day of the period.
    pub first_on: Date,
    /// Its last day.
    pub last_on: Date,
    /// By when it is to be scored.
    pub score_due_at: Timestamp,
    /// Why then.
    pub due_explanation: Explanation,
    /// Where it stands.
    pub state: State,
    /// When it was opened.
    pub created_at: Timestamp,
}

fn nobody() -> SettlementId {
    SettlementId::from_uuid(Uuid::nil())
}

/// The first instant of a day under a regulation.
///
/// # Errors
/// [`Error::Internal`] at the very ends of the calendar.
pub fn begin_of(regulation: &Regulation, day: Date) -> Result<Timestamp, Error> {
    let calendar = regulation.calendar(&Holidays::default());
    calendar.starts_at(day).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))
}

impl Settlement {
    /// The period.
    ///
    /// # Errors
    /// [`Error::Internal`] at the very ends of the calendar.
    pub fn period(&self, terms: &pack::Settlement) -> Result<CalendarPeriod, Error> {
        terms.period.containing(self.first_on).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))
    }

    /// The signature that comes next; none before the score and after the last one.
    #[must_use]
    pub fn next_signoff<'r>(&self, terms: &'r pack::Settlement) -> Option<(&'r str, &'r pack::Signoff)> {
        match &self.state {
            State::Scored { signatures, .. } => {
                let given = |id: &str| signatures.iter().any(|signature| signature.signoff == id);
                terms.signoffs.iter().map(|(id, signoff)| (id.as_str(), signoff)).find(|(id, _)| !given(id))
            }
            State::Open | State::Settled { .. } | State::Void => None,
        }
    }

    /// The role that has to act next; none when it is settled or void.
    #[must_use]
    pub fn owner<'r>(&self, regulation: &'r Regulation, terms: &'r pack::Settlement) -> Option<&'r str> {
        let by = match &self.state {
            State::Open => &terms.score.by,
            State::Scored { .. } => &self.next_signoff(terms)?.1.by,
            State::Settled { .. } | State::Void => return None,
        };
        Some(by.first().map_or(regulation.desk(), String::as_str))
    }

    /// The key of the timer that runs when its score is late.
    #[must_use]
    pub fn timer_key(&self, organization: &str) -> String {
        format!("{}/score", self.id.name(organization))
    }

    /// The settlement as the contract has it: once it is scored, with what would be paid by what is known.
    ///
    /// # Errors
    /// Those of [`Agreement::terms`] and [`History::settle`].
    pub fn to_proto(
        &self,
        tx: &TenantTx,
        agreement: &Agreement,
        regulation: &Regulation,
        history: &History,
    ) -> Result<pb::Settlement, Error> {
        let organization = tx.organization_id();
        let terms = agreement.terms(regulation)?;
        let settled_at = self.state.payment().and_then(|_| self.state.signatures().last()).map(|last| last.at);
        let mut shown = pb::Settlement {
            name: self.id.name(organization),
            agreement: self.agreement.name(organization),
            period: self.period(terms)?.to_string(),
            period_start_on: self.first_on.to_string(),
            period_end_on: self.last_on.to_string(),
            state: pb::settlement::State::from(&self.state).into(),
            score_due_at: Some(parse::to_timestamp(self.score_due_at)),
            due_explanation: Some(self.due_explanation.clone().into()),
            score: self.state.score().map(pb::PeriodScore::from),
            signatures: self.state.signatures().iter().map(pb::SettlementSignature::from).collect(),
            next_signoff: self.next_signoff(terms).map(|(id, _)| id.to_owned()).unwrap_or_default(),
            owner: self.owner(regulation, terms).unwrap_or_default().to_owned(),
            currency: regulation.pack().currency.clone(),
            settled_at: settled_at.map(parse::to_timestamp),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
            ..pb::Settlement::default()
        };
        match &self.state {
            State::Scored { score, .. } => {
                let would = history.settle(agreement, regulation, self, score.result, tx.now())?;
                Payment::from(would).show(&mut shown);
            }
            State::Settled { payment, .. } => payment.show(&mut shown),
            State::Open | State::Void => {}
        }
        Ok(shown)
    }
}

impl From<&State> for pb::settlement::State {
    fn from(state: &State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Scored { .. } => Self::Scored,
            State::Settled { .. } => Self::Settled,
            State::Void => Self::Void,
        }
    }
}

impl From<&Score> for pb::PeriodScore {
    fn from(score: &Score) -> Self {
        Self {
            points: score.points.iter().map(|(id, points)| (id.clone(), money::plain(*points))).collect(),
            result: money::plain(score.result),
            scored_by: score.by.clone(),
            scored_at: Some(parse::to_timestamp(score.at)),
            late_days: score.late_days,
            explanation: Some(score.explanation.clone().into()),
        }
    }
}

impl From<&Signature> for pb::SettlementSignature {
    fn from(signature: &Signature) -> Self {
        Self {
            signoff: signature.signoff.clone(),
            signed_by: signature.by.clone(),
            signed_at: Some(parse::to_timestamp(signature.at)),
            explanation: Some(signature.explanation.clone().into()),
        }
    }
}
