//! What is paid for a period.

use std::collections::BTreeSet;

use callout_contract::regulation::v1::Explanation;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{AgreementIncident, deductions::Group, entry};
use crate::{
    Regulation,
    calendar::CalendarPeriod,
    expression::Inputs,
    pack::{Deduction, FeeBase, Id, PaymentTier, Settlement},
};

/// Months of a year.
const YEAR: i64 = 12;

/// Months of a quarter.
const QUARTER: i64 = 3;

/// What a period is settled by.
#[derive(Clone, Copy, Debug)]
pub struct PeriodInput<'a> {
    /// The yearly fee of the agreement.
    pub annual_fee: Decimal,
    /// The period.
    pub period: CalendarPeriod,
    /// Its score.
    pub score: Decimal,
    /// Everything that counts under the agreement, whenever it happened.
    pub incidents: &'a [AgreementIncident],
    /// The periods of the agreement that were settled before.
    pub earlier: &'a [EarlierPeriod],
}

/// A period that was settled before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierPeriod {
    /// The period.
    pub period: CalendarPeriod,
    /// Its score.
    pub score: Decimal,
    /// What was settled for it: its own payment without corrections of others, and every correction of it since.
    pub settled: Decimal,
    /// The incidents whose cost was passed on with it.
    pub passed_on: BTreeSet<String>,
}

/// What is paid for a period, line by line.
#[derive(Clone, Debug, PartialEq)]
pub struct PeriodSettlement {
    /// How it comes about, in order: the fee, what the score leaves of it, each deduction, each correction.
    pub lines: Vec<SettlementLine>,
    /// The sum of the deductions.
    pub deducted: Decimal,
    /// What is due for the period itself, 0 or more: without corrections of earlier ones.
    pub due: Decimal,
    /// What is paid, 0 or more: what is due with the corrections of earlier periods.
    pub payment: Decimal,
    /// What the contractor bears besides.
    pub passed_on: Vec<SettlementLine>,
}

/// One step of the computation.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementLine {
    /// What kind of step.
    pub kind: SettlementLineKind,
    /// The deduction of the pack, or the period that is corrected; empty otherwise.
    pub of: String,
    /// The amount: what is added, or with a minus what is taken off. Of the tier, what is left of the fee.
    pub amount: Decimal,
    /// The incidents that it is for.
    pub incidents: Vec<String>,
    /// Why, and how it was computed.
    pub explanation: Explanation,
}

/// What kind of step of the computation a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettlementLineKind {
    /// The full fee of the period.
    Fee,
    /// What the score leaves of it.
    Tier,
    /// Taken off.
    Deduction,
    /// What an earlier period was settled too high or too low, by what became known since.
    Correction,
    /// A cost that the contractor bears.
    PassedOn,
}

impl Regulation {
    /// What is paid for a period: the fee by the score, less the sum of the deductions, never below 0, and what earlier
    /// periods were settled too high or too low by what became known since. What a correction would take beyond 0 is left to
    /// the next settlement.
    #[must_use]
    pub fn settle_period(&self, kind: &str, settlement: &Settlement, input: PeriodInput<'_>) -> PeriodSettlement {
        let own = Computation { regulation: self, kind, settlement, annual_fee: input.annual_fee };
        let mut settled = own.of(input.period, input.score, input.incidents);
        let mut passed: BTreeSet<&str> = BTreeSet::new();
        for earlier in input.earlier {
            let again = own.of(earlier.period, earlier.score, input.incidents);
            let wanted = again.due - earlier.settled;
            let correction = wanted.max(-settled.payment);
            if !correction.is_zero() {
                settled.payment += correction;
                settled.lines.push(own.correction(earlier, again.due, wanted, correction));
            }
            passed.extend(earlier.passed_on.iter().map(String::as_str));
        }
        let day_of_last = input.period.last_on();
        settled.passed_on = own.passed_on(input.incidents, day_of_last, &passed);
        settled
    }

    /// The civil day from which an incident counts.
    pub(super) fn day(&self, incident: &AgreementIncident) -> Date {
        self.zone.to_datetime(incident.counts_from).date()
    }

    /// Whether an incident counts in a period.
    pub(super) fn falls_in(&self, incident: &AgreementIncident, period: CalendarPeriod) -> bool {
        period.contains(self.day(incident))
    }
}

/// What the computations of an agreement have in common.
struct Computation<'a> {
    regulation: &'a Regulation,
    kind: &'a str,
    settlement: &'a Settlement,
    annual_fee: Decimal,
}

impl Computation<'_> {
    /// A period by itself, without costs that are passed on.
    fn of(&self, period: CalendarPeriod, score: Decimal, incidents: &[AgreementIncident]) -> PeriodSettlement {
        let (fee, fee_line) = self.fee(period);
        let tier_line = self.tier(fee, score);
        let left = tier_line.as_ref().map_or(fee, |line| line.amount);
        let mut lines: Vec<_> = [Some(fee_line), tier_line].into_iter().flatten().collect();
        let mut deducted = Decimal::ZERO;
        for (id, deduction) in &self.settlement.deductions {
            for group in deduction.groups(self.regulation, period, incidents) {
                if let Some(line) = self.deduction(id, deduction, &group, fee) {
                    deducted -= line.amount;
                    lines.push(line);
                }
            }
        }
        let due = self.round((left - deducted).max(Decimal::ZERO));
        PeriodSettlement { lines, deducted, due, payment: due, passed_on: Vec::new() }
    }

    fn fee(&self, period: CalendarPeriod) -> (Decimal, SettlementLine) {
        let months = i64::from(self.settlement.period.months());
        let fee = self.round(self.annual_fee * Decimal::from(months) / Decimal::from(YEAR));
        let parts = Decimal::from(YEAR) / Decimal::from(months.max(1));
        let computation = format!("{} / {parts} = {fee}", self.annual_fee);
        let inputs =
            inputs([("agreement.annual_fee", self.annual_fee.to_string()), ("settlement.period", period.to_string())]);
        let explanation = self.regulation.explain(&self.settlement.rule, entry(self.kind), inputs, computation);
        (fee, line(SettlementLineKind::Fee, fee, explanation))
    }

    fn tier(&self, fee: Decimal, score: Decimal) -> Option<SettlementLine> {
        let tiers = &self.settlement.tiers;
        let PaymentTier { min, pay } = tiers.steps.iter().find(|step| score >= step.min.0).copied()?;
        let left = self.round(fee * pay.0);
        let computation = format!("{score} >= {min}: {fee} x {pay} = {left}");
        let inputs = inputs([("settlement.score", score.to_string()), ("settlement.fee", fee.to_string())]);
        let entry = format!("{}.tiers", entry(self.kind));
        Some(line(SettlementLineKind::Tier, left, self.regulation.explain(&tiers.rule, entry, inputs, computation)))
    }

    fn deduction(&self, id: &Id, deduction: &Deduction, group: &Group<'_>, fee: Decimal) -> Option<SettlementLine> {
        let step = deduction.step(group.count)?;
        let months = Decimal::from(self.settlement.period.months().max(1));
        let base = match deduction.of {
            FeeBase::Period => fee,
            FeeBase::Quarter => fee * Decimal::from(QUARTER) / months,
            FeeBase::Year => self.annual_fee,
        };
        let (amount, how) = Deduction::amount(step, base);
        let amount = self.round(amount);
        let first = group.incidents.first()?;
        let mut inputs = inputs([("incidents", group.count.to_string()), ("settlement.fee", fee.to_string())]);
        if deduction.counted == crate::pack::Counted::Series {
            inputs.insert("incident.product".to_owned(), first.product.clone());
            inputs.insert("incident.cause".to_owned(), first.cause.clone());
        }
        let computation = format!("{} x {}: {how} = {amount}", group.count, deduction.en);
        let entry = format!("{}.deductions.{id}", entry(self.kind));
        let explanation = self.regulation.explain(&deduction.rule, entry, inputs, computation);
        Some(SettlementLine {
            of: id.clone(),
            incidents: group.incidents.iter().map(|incident| incident.name.clone()).collect(),
            ..line(SettlementLineKind::Deduction, -amount, explanation)
        })
    }

    fn correction(&self, earlier: &EarlierPeriod, due: Decimal, wanted: Decimal, taken: Decimal) -> SettlementLine {
        let period = earlier.period.to_string();
        let left =
            if taken == wanted { String::new() } else { format!(", of which {taken} now: a payment is never below 0") };
        let computation = format!("{period}: {due} - {} settled = {wanted}{left}", earlier.settled);
        let inputs = inputs([("settlement.settled", earlier.settled.to_string()), ("settlement.due", due.to_string())]);
        let rule = &self.settlement.score.rule;
        let explanation = self.regulation.explain(rule, entry(self.kind), inputs, computation);
        SettlementLine { of: period, ..line(SettlementLineKind::Correction, taken, explanation) }
    }

    /// The costs that the contractor bears, of incidents until a day that were not passed on before.
    fn passed_on(&self, incidents: &[AgreementIncident], until: Date, passed: &BTreeSet<&str>) -> Vec<SettlementLine> {
        let mut lines = Vec::new();
        for (id, deduction) in &self.settlement.deductions {
            let Some(share) = deduction.passes_on else { continue };
            let open = incidents.iter().filter(|it| {
                deduction.on.contains(&it.kind)
                    && self.regulation.day(it) <= until
                    && !passed.contains(it.name.as_str())
            });
            for incident in open {
                let amount = self.round(incident.cost * share.0);
                let computation = format!("{} x {share} = {amount}", incident.cost);
                let inputs = inputs([("incident.cost", incident.cost.to_string())]);
                let entry = format!("{}.deductions.{id}", entry(self.kind));
                let explanation = self.regulation.explain(&deduction.rule, entry, inputs, computation);
                lines.push(SettlementLine {
                    of: id.clone(),
                    incidents: vec![incident.name.clone()],
                    ..line(SettlementLineKind::PassedOn, amount, explanation)
                });
            }
        }
        lines
    }

    fn round(&self, amount: Decimal) -> Decimal {
        let mut rounded = self.settlement.rounding.apply(amount);
        rounded.rescale(self.settlement.rounding.places);
        rounded
    }
}

fn line(kind: SettlementLineKind, amount: Decimal, explanation: Explanation) -> SettlementLine {
    SettlementLine { kind, of: String::new(), amount, incidents: Vec::new(), explanation }
}

fn inputs<const N: usize>(pairs: [(&str, String); N]) -> Inputs {
    pairs.into_iter().map(|(word, value)| (word.to_owned(), value)).collect()
}
