//! What is paid for a period, as it is kept and shown.

use callout_casework::money;
use callout_contract::evaluation::v1 as pb;
use callout_regulation::{PeriodSettlement, SettlementLine, SettlementLineKind};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::explanation::Explanation;

/// What is paid for a period, line by line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    /// How it comes about.
    pub lines: Vec<Line>,
    /// The sum of the deductions.
    pub deducted: Decimal,
    /// What is due for the period itself.
    pub due: Decimal,
    /// What is paid, with the corrections of earlier periods.
    pub paid: Decimal,
    /// What the contractor bears besides.
    pub passed_on: Vec<Line>,
}

/// One step of the computation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What kind of step.
    pub kind: SettlementLineKind,
    /// The deduction of the pack, or the period that is corrected.
    pub of: String,
    /// The amount.
    pub amount: Decimal,
    /// The incidents that it is for.
    pub incidents: Vec<String>,
    /// Why, and how it was computed.
    pub explanation: Explanation,
}

impl Payment {
    /// Writes it into the settlement of the contract.
    pub fn show(&self, settlement: &mut pb::Settlement) {
        settlement.lines = self.lines.iter().map(pb::SettlementLine::from).collect();
        settlement.deducted = money::written(self.deducted);
        settlement.due = money::written(self.due);
        settlement.payment = money::written(self.paid);
        settlement.passed_on = self.passed_on.iter().map(pb::SettlementLine::from).collect();
        settlement.passed_on_total = money::written(self.passed_on.iter().map(|line| line.amount).sum());
    }
}

impl From<PeriodSettlement> for Payment {
    fn from(settled: PeriodSettlement) -> Self {
        let PeriodSettlement { lines, deducted, due, payment, passed_on } = settled;
        let kept = |lines: Vec<SettlementLine>| lines.into_iter().map(Line::from).collect();
        Self { lines: kept(lines), deducted, due, paid: payment, passed_on: kept(passed_on) }
    }
}

impl From<SettlementLine> for Line {
    fn from(line: SettlementLine) -> Self {
        let SettlementLine { kind, of, amount, incidents, explanation } = line;
        Self { kind, of, amount, incidents, explanation: explanation.into() }
    }
}

impl From<&Line> for pb::SettlementLine {
    fn from(line: &Line) -> Self {
        use pb::settlement_line::Kind;
        let kind = match line.kind {
            SettlementLineKind::Fee => Kind::Fee,
            SettlementLineKind::Tier => Kind::Tier,
            SettlementLineKind::Deduction => Kind::Deduction,
            SettlementLineKind::Correction => Kind::Correction,
            SettlementLineKind::PassedOn => Kind::PassedOn,
        };
        Self {
            kind: kind.into(),
            of: line.of.clone(),
            amount: money::written(line.amount),
            incidents: line.incidents.clone(),
            explanation: Some(line.explanation.clone().into()),
        }
    }
}
