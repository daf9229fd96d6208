//! Claims: what an engineer claims for a trip, from the papers handed in to the copies filed.

use std::{collections::BTreeMap, sync::Arc};

use callout_casework::{
    Standing, Subject,
    ids::{ClaimId, Id as _, WorkOrderId},
    money, regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Expense, Library, Regulation, vocabulary};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
pub mod rpc;
mod state;
pub mod store;

pub use state::{Audit, State, Step};

/// The role of the pack for which the engineer who claims stands.
const ENGINEER: &str = "engineer";

/// The expense claim of a trip.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: ClaimId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The order whose papers were handed in.
    pub work_order: WorkOrderId,
    /// The case of that order, by its name.
    pub case: String,
    /// Who claims.
    pub engineer: String,
    /// What is claimed.
    pub lines: Vec<Line>,
    /// Where it stands.
    pub state: State,
    /// Who acted on it last, by the role that he acted in: he answers for that role's limits.
    pub acted: BTreeMap<String, String>,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What a decision looks at.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A line of a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it was for.
    pub kind: String,
    /// How much.
    pub amount: Decimal,
    /// When it was spent.
    pub spent_at: Timestamp,
}

fn nobody() -> ClaimId {
    ClaimId::from_uuid(Uuid::nil())
}

impl Claim {
    /// The sum claimed.
    #[must_use]
    pub fn claimed(&self) -> Decimal {
        self.lines.iter().map(|line| line.amount).sum()
    }

    /// The claim as a subject of the regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that regulation is not in the library any more.
    pub fn subject(&self, library: &Library, organization: &str) -> Result<Subject, Error> {
        let mut people = self.acted.clone();
        people.insert(ENGINEER.to_owned(), self.engineer.clone());
        Ok(Subject {
            kind: vocabulary::Subject::Claim,
            name: self.id.name(organization),
            case: self.case.clone(),
            people,
            regulation: regulation_named(library, &self.regulation)?,
            standing: self.standing.clone(),
        })
    }

    /// The role that has to act next; none when it is filed.
    #[must_use]
    pub fn owner(&self, regulation: &Regulation) -> Option<String> {
        (!self.state.is_final()).then(|| regulation.desk().to_owned())
    }

    /// What of it passes by what is on record.
    #[must_use]
    pub fn decide_lines(&self, regulation: &Arc<Regulation>) -> Audit {
        let expense = |line: &Line| Expense { kind: line.kind.clone(), amount: line.amount, spent_at: line.spent_at };
        let expenses: Vec<Expense> = self.lines.iter().map(expense).collect();
        let decided = regulation.audit_claim(&expenses, &self.standing.dossier());
        let rule_against = |line: usize| {
            decided.refused.iter().find(|(refused, _)| *refused == line).map(|(_, refusal)| refusal.rule.clone())
        };
        let refused_by = (0..expenses.len()).map(rule_against).collect();
        Audit { passed: decided.passed, refused: self.claimed() - decided.passed, refused_by }
    }

    /// The claim as the contract has it, with its limits at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(
        &self,
        library: &Library,
        tx: &TenantTx,
        next_due_at: Option<Timestamp>,
    ) -> Result<pb::Claim, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(library, organization)?;
        let audit = self.state.audit();
        Ok(pb::Claim {
            work_order: self.work_order.name(organization),
            engineer: self.engineer.clone(),
            lines: self.lines.iter().enumerate().map(|(index, line)| line.to_proto(index, audit)).collect(),
            claimed: money::written(self.claimed()),
            passed: audit.map(|audit| money::written(audit.passed)).unwrap_or_default(),
            refused: audit.map(|audit| money::written(audit.refused)).unwrap_or_default(),
            customer_rating: self.state.customer_rating().to_owned(),
            state: pb::claim::State::from(&self.state).into(),
            limits: subject.limits(tx)?,
            records: subject.standing.to_records(),
            milestones: subject.standing.to_milestones(),
            owner: self.owner(&subject.regulation).unwrap_or_default(),
            next_due_at: next_due_at.map(parse::to_timestamp),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
            name: subject.name,
        })
    }
}

impl Line {
    fn to_proto(&self, index: usize, audit: Option<&Audit>) -> pb::ClaimLine {
        let refused_by = audit.and_then(|audit| audit.refused_by.get(index).cloned().flatten());
        pb::ClaimLine {
            kind: self.kind.clone(),
            amount: money::written(self.amount),
            spent_at: Some(parse::to_timestamp(self.spent_at)),
            passed: audit.is_some() && refused_by.is_none(),
            refused_by: refused_by.unwrap_or_default(),
        }
    }
}

impl From<&State> for pb::claim::State {
    fn from(state: &State) -> Self {
        match state {
            State::HandedIn => Self::HandedIn,
            State::Verified { .. } => Self::Verified,
            State::Audited { .. } => Self::Audited,
            State::Filed { .. } => Self::Filed,
        }
    }
}
