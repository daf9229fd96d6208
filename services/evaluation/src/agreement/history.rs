//! What happened under an agreement and how its periods stand: what a payment and an end rest on.

use std::collections::BTreeSet;

use callout_casework::ids::{AgreementId, Id as _, SettlementId};
use callout_journal::TenantTx;
use callout_kit::Error;
use callout_regulation::{
    AgreementIncident, EarlierPeriod, PeriodInput, PeriodSettlement, Regulation, ScoredPeriod, SettlementLineKind,
    calendar::CalendarPeriod,
};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::Agreement;
use crate::{
    incident::{self, Incident},
    settlement::{self, Settlement, State},
};

/// The settlements of an agreement in the order of their periods, and its incidents.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// One for each period.
    pub settlements: Vec<Settlement>,
    /// In the order in which they were entered.
    pub incidents: Vec<Incident>,
    organization: String,
}

impl History {
    /// Reads it.
    ///
    /// # Errors
    /// [`Error::Internal`] when a statement fails.
    pub async fn of(tx: &mut TenantTx, agreement: AgreementId) -> Result<Self, Error> {
        Ok(Self {
            settlements: settlement::store::of_agreement(tx, agreement).await?,
            incidents: incident::store::of_agreement(tx, agreement).await?,
            organization: tx.organization_id().to_owned(),
        })
    }

    /// What counts at an instant. Where two limits were missed about the same thing, such as those from its report and from
    /// a call that nobody answered, it counts once.
    #[must_use]
    pub fn counted(&self, now: Timestamp) -> Vec<AgreementIncident> {
        let mut followed = BTreeSet::new();
        let counted = |incident: &Incident| {
            let counts_from = incident.counts_from(now)?;
            if let Some(miss) = &incident.miss
                && !followed.insert((incident.kind.clone(), miss.subject.clone()))
            {
                return None;
            }
            Some(AgreementIncident {
                name: incident.id.name(&self.organization),
                kind: incident.kind.clone(),
                product: incident.product.map(|product| product.name(&self.organization)).unwrap_or_default(),
                cause: incident.cause.clone(),
                cost: incident.cost,
                counts_from,
            })
        };
        self.incidents.iter().filter_map(counted).collect()
    }

    /// The scores that were signed to the end, in the order of their periods.
    ///
    /// # Errors
    /// [`Error::Internal`] for a period that is none.
    pub fn scores(&self, agreement: &Agreement, regulation: &Regulation) -> Result<Vec<ScoredPeriod>, Error> {
        let mut scores = Vec::new();
        for settlement in &self.settlements {
            if let State::Settled { score, .. } = &settlement.state {
                let period = settlement.period(agreement.terms(regulation)?)?;
                scores.push(ScoredPeriod { period, score: score.result });
            }
        }
        Ok(scores)
    }

    /// What is paid for a period with this score by what is known now.
    ///
    /// # Errors
    /// [`Error::Internal`] for a period that is none.
    pub fn settle(
        &self,
        agreement: &Agreement,
        regulation: &Regulation,
        of: &Settlement,
        score: Decimal,
        now: Timestamp,
    ) -> Result<PeriodSettlement, Error> {
        let terms = agreement.terms(regulation)?;
        let input = PeriodInput {
            annual_fee: agreement.annual_fee,
            period: of.period(terms)?,
            score,
            incidents: &self.counted(now),
            earlier: &self.earlier(agreement, regulation, Some(of.id))?,
        };
        Ok(regulation.settle_period(&agreement.kind, terms, input))
    }

    /// What the settled periods were paid too little, or with a minus too much, by what is known now.
    ///
    /// # Errors
    /// [`Error::Internal`] for a period that is none.
    pub fn balance(&self, agreement: &Agreement, regulation: &Regulation, now: Timestamp) -> Result<Decimal, Error> {
        let terms = agreement.terms(regulation)?;
        let incidents = self.counted(now);
        let mut balance = Decimal::ZERO;
        for EarlierPeriod { period, score, settled, .. } in self.earlier(agreement, regulation, None)? {
            let input =
                PeriodInput { annual_fee: agreement.annual_fee, period, score, incidents: &incidents, earlier: &[] };
            balance += regulation.settle_period(&agreement.kind, terms, input).due - settled;
        }
        Ok(balance)
    }

    /// The settled periods, but for one.
    fn earlier(
        &self,
        agreement: &Agreement,
        regulation: &Regulation,
        but: Option<SettlementId>,
    ) -> Result<Vec<EarlierPeriod>, Error> {
        let terms = agreement.terms(regulation)?;
        let mut earlier = Vec::new();
        for settlement in self.settlements.iter().filter(|settlement| Some(settlement.id) != but) {
            if let State::Settled { score, payment, .. } = &settlement.state {
                let period = settlement.period(terms)?;
                earlier.push(EarlierPeriod {
                    period,
                    score: score.result,
                    settled: payment.due + self.corrected(period),
                    passed_on: payment
                        .passed_on
                        .iter()
                        .flat_map(|line| line.incidents.iter().cloned())
                        .collect::<BTreeSet<_>>(),
                });
            }
        }
        Ok(earlier)
    }

    /// What later settlements corrected of a period.
    fn corrected(&self, period: CalendarPeriod) -> Decimal {
        let of = period.to_string();
        let settled = self.settlements.iter().filter_map(|settlement| settlement.state.payment());
        let lines = settled.flat_map(|payment| &payment.lines);
        lines.filter(|line| line.kind == SettlementLineKind::Correction && line.of == of).map(|line| line.amount).sum()
    }
}
