//! Who else bears what a service costs: a party that is charged after it, or nobody, when the customer's price is waived.

use callout_contract::regulation::v1::Explanation;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::refusal;
use crate::{
    Regulation,
    dossier::{Actor, Dossier},
    pack::Rounding,
    refusal::{Refusal, Undecided},
    vocabulary::{Transition, words},
};

/// What a party is charged.
#[derive(Clone, Debug, PartialEq)]
pub struct ChargedAmount {
    /// The party.
    pub party: String,
    /// How much, in the currency of the pack.
    pub amount: Decimal,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// Why the customer pays nothing after all, when a record that waives his price was there by `at`.
    ///
    /// # Errors
    /// [`Undecided`] when a fact is not known that a waiver asks for.
    pub fn waiver(&self, dossier: &Dossier, at: Timestamp) -> Result<Option<Explanation>, Undecided> {
        for (id, waiver) in &self.pack.waivers {
            let when = waiver.when.holds(&dossier.facts)?;
            if when.value && dossier.record_by(&waiver.needs, at).is_some() {
                let computation = format!("waived by {}", waiver.needs);
                return Ok(Some(self.explain(&waiver.rule, format!("waivers.{id}"), when.inputs, computation)));
            }
        }
        Ok(None)
    }

    /// What a party is charged for a service that cost `costs`, of which the customer bears `borne_by_customer`.
    ///
    /// # Errors
    /// The refusals of the gates before the charge, or that this party is not charged in this case.
    pub fn charge(
        &self,
        party: &str,
        dossier: &Dossier,
        costs: Decimal,
        borne_by_customer: Decimal,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<ChargedAmount, Vec<Refusal>> {
        self.gate(Transition::ChargeParty, dossier, actor, at)?;
        let facts = dossier
            .facts
            .clone()
            .with(words::CHARGE_COSTS, costs)
            .with(words::CHARGE_BORNE_BY_CUSTOMER, borne_by_customer);
        let mut last_rule = "";
        for (id, charge) in self.pack.charges.iter().filter(|(_, charge)| charge.party == party) {
            last_rule = &charge.rule;
            let entry = format!("charges.{id}");
            let refuse = |unknown: Undecided| vec![unknown.refusal(&charge.rule, &entry)];
            let when = charge.when.holds(&facts).map_err(refuse)?;
            if !when.value {
                continue;
            }
            let amount = charge.amount.compute(&facts).map_err(refuse)?;
            let rounded = Rounding::default().apply(amount.value);
            let inputs = when.inputs.into_iter().chain(amount.inputs).collect();
            let computation = format!("{} = {rounded}", charge.amount);
            let explanation = self.explain(&charge.rule, entry, inputs, computation);
            return Ok(ChargedAmount { party: party.to_owned(), amount: rounded, explanation });
        }
        let en = format!("`{party}` is not charged for this case: its verdict would have to say so");
        let zh = format!("本次服务不向 {party} 收取费用,除非判定如此");
        Err(vec![refusal(last_rule, "charges", en, zh, Vec::new())])
    }
}
