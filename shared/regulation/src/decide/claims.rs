//! Which expenses of a claim pass.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::refusal;
use crate::{Regulation, dossier::Dossier, refusal::Refusal};

/// An expense of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expense {
    /// Its kind; the pack's `expenses` name those that are accepted on a condition only.
    pub kind: String,
    /// How much, in the currency of the pack.
    pub amount: Decimal,
    /// When the money was spent.
    pub spent_at: Timestamp,
}

/// What of a claim passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimAudit {
    /// The sum of the expenses that pass.
    pub passed: Decimal,
    /// The expenses that do not, by their place in the claim, each with its refusal.
    pub refused: Vec<(usize, Refusal)>,
}

impl Regulation {
    /// Which expenses of a claim pass by what is on record: a consent counts only when it was given before the money was
    /// spent.
    #[must_use]
    pub fn audit_claim(&self, expenses: &[Expense], dossier: &Dossier) -> ClaimAudit {
        let mut audit = ClaimAudit { passed: Decimal::ZERO, refused: Vec::new() };
        for (index, expense) in expenses.iter().enumerate() {
            match self.refuse_expense(expense, dossier) {
                None => audit.passed += expense.amount,
                Some(refused) => audit.refused.push((index, refused)),
            }
        }
        audit
    }

    fn refuse_expense(&self, expense: &Expense, dossier: &Dossier) -> Option<Refusal> {
        let kind = self.pack.expenses.get(&expense.kind)?;
        if dossier.record_by(&kind.needs_before, expense.spent_at).is_some() {
            return None;
        }
        let record = &kind.needs_before;
        let (en, zh) = self.record_name(record);
        Some(refusal(
            &kind.rule,
            &format!("expenses.{}", expense.kind),
            format!("{} is accepted only with {en}, on record beforehand", kind.en),
            format!("{}须事先记录“{zh}”方可报销", kind.zh),
            vec![format!("record:{record}")],
        ))
    }
}
