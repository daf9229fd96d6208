//! How much of a bonus is taken in a month, and what is left for the next.

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    pack::{self, Rounding},
    refusal::Refusal,
};

/// What a person still owes of a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The loss, by its name.
    pub loss: String,
    /// Its kind.
    pub kind: String,
    /// Whether it was approved.
    pub approved: bool,
    /// What was not deducted yet.
    pub amount: Decimal,
}

/// What is deducted from a bonus.
#[derive(Clone, Debug, PartialEq)]
pub struct DeductedBonus {
    /// How much may be at most.
    pub cap: Decimal,
    /// How much of each loss, in the order in which they are owed; those of which nothing is left out.
    pub lines: Vec<(String, Decimal)>,
    /// The sum of them.
    pub total: Decimal,
    /// What is left for the following months.
    pub carried_over: Decimal,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// The losses that are taken from a bonus.
    ///
    /// # Errors
    /// The refusal of an unknown kind of deduction.
    pub fn losses_of_bonus(&self, kind: &str) -> Result<&[String], Vec<Refusal>> {
        self.bonus_deduction(kind).map(|(_, terms)| terms.losses.as_slice())
    }

    /// What is deducted from the bonus of a month: what is owed, the earlier first, up to the part of the bonus that may be
    /// taken.
    ///
    /// # Errors
    /// Every refusal at once: a role that does not deduct, and each loss that nobody has approved.
    pub fn deduct_from_bonus(
        &self,
        kind: &str,
        actor: &Actor,
        bonus: Decimal,
        owed: &[Owed],
    ) -> Result<DeductedBonus, Vec<Refusal>> {
        let (entry, terms) = self.bonus_deduction(kind)?;
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.by).into_iter().collect();
        for unapproved in owed.iter().filter(|owed| !owed.approved) {
            let (_, loss) = self.loss(&unapproved.kind)?;
            refusals.push(refusal(
                &loss.approval.rule,
                &entry,
                format!("nothing is deducted for the {} before it is approved", loss.en),
                format!("“{}”未经核准不得罚扣", loss.zh),
                loss.approval.by.iter().map(|role| format!("approval:{role}")).collect(),
            ));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let percent = terms.at_most_percent.0;
        let cap = Rounding { mode: pack::RoundingMode::Down, ..Rounding::default() }
            .apply(bonus * percent / Decimal::ONE_HUNDRED);
        let (mut left, mut lines) = (cap, Vec::new());
        for owed in owed {
            let taken = owed.amount.min(left);
            if taken > Decimal::ZERO {
                left -= taken;
                lines.push((owed.loss.clone(), taken));
            }
        }
        let total = cap - left;
        let due: Decimal = owed.iter().map(|owed| owed.amount).sum();
        let carried_over = due - total;
        let [bonus, percent, cap_shown, due, total_shown] = [bonus, percent, cap, due, total].map(|it| it.normalize());
        let computation = format!(
            "{percent}% of {bonus} = {cap_shown}; {due} is owed: {total_shown} now, {} later",
            carried_over.normalize()
        );
        let explanation = self.explain(&terms.rule, entry, Inputs::new(), computation);
        Ok(DeductedBonus { cap, lines, total, carried_over, explanation })
    }

    fn bonus_deduction(&self, kind: &str) -> Result<(String, &pack::BonusDeduction), Vec<Refusal>> {
        let (entry, known) = (format!("bonus_deductions.{kind}"), self.pack.bonus_deductions.keys());
        match self.pack.bonus_deductions.get(kind) {
            Some(terms) => Ok((entry, terms)),
            None => Err(vec![unknown("", &entry, ("deduction", "罚扣"), kind, known)]),
        }
    }
}
