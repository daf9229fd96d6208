//! What follows from a breach.

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::refusal;
use crate::{
    Regulation,
    dossier::Actor,
    expression::{Formula, Inputs},
    facts::Facts,
    pack::{Against, Band, Consequence, Per, Proposal, Rounding},
    refusal::Refusal,
    vocabulary::Trigger,
};

/// A consequence that falls due; the breach is recorded also when the amount is zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Sanction {
    /// The entry of `consequences`.
    pub consequence: String,
    /// The rule that it comes from.
    pub rule: String,
    /// How much, in the currency of the pack.
    pub amount: Decimal,
    /// On whom it falls.
    pub against: Against,
    /// For each of what.
    pub per: Per,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// What follows from a limit that was broken or a finding that was made. Several entries may; none is an answer too.
    ///
    /// `facts` hold how late the limit was met ([`Facts::set_lateness`]) or what was found; `proposed` is the amount that
    /// the actor sets where the pack gives a band.
    ///
    /// # Errors
    /// An amount outside the band, or none proposed where a band asks for one; an actor who may not set it; a fact that is
    /// not known.
    pub fn consequences(
        &self,
        trigger: &Trigger,
        facts: &Facts,
        proposed: Option<Decimal>,
        actor: &Actor,
    ) -> Result<Vec<Sanction>, Vec<Refusal>> {
        let mut sanctions = Vec::new();
        let mut refusals = Vec::new();
        for (id, consequence) in self.pack.consequences.iter().filter(|(_, it)| it.on.contains(trigger)) {
            match self.sanction(id, consequence, facts, proposed, actor) {
                Ok(sanction) => sanctions.push(sanction),
                Err(refused) => refusals.push(refused),
            }
        }
        if refusals.is_empty() { Ok(sanctions) } else { Err(refusals) }
    }

    fn sanction(
        &self,
        id: &str,
        consequence: &Consequence,
        facts: &Facts,
        proposed: Option<Decimal>,
        actor: &Actor,
    ) -> Result<Sanction, Refusal> {
        let entry = format!("consequences.{id}");
        let rule = &consequence.rule;
        let mut inputs = Inputs::new();
        let mut applies = true;
        if let Some(when) = &consequence.when {
            let decided = when.holds(facts).map_err(|unknown| unknown.refusal(rule, &entry))?;
            inputs.extend(decided.inputs);
            applies = decided.value;
        }
        let (amount, computation) = match (applies, &consequence.amount, &consequence.band) {
            (true, Some(formula), _) => {
                let computed = formula.compute(facts).map_err(|unknown| unknown.refusal(rule, &entry))?;
                inputs.extend(computed.inputs);
                let amount = Rounding::default().apply(computed.value);
                (amount, format!("{formula} = {amount}"))
            }
            (true, None, Some(band)) => {
                let amount = self.within_band(rule, &entry, band, proposed, actor)?;
                (amount, format!("{} <= {amount} <= {}", band.min, band.max))
            }
            (true, None, None) if consequence.proposal.is_some() => {
                let proposal = consequence.proposal.as_ref();
                let within =
                    proposal.map(|it| self.within_bounds(rule, &entry, it, (facts, proposed), actor, &mut inputs));
                within.transpose()?.unwrap_or_default()
            }
            (false, _, _) | (true, None, None) => (Decimal::ZERO, "recorded without an amount".to_owned()),
        };
        Ok(Sanction {
            consequence: id.to_owned(),
            rule: rule.clone(),
            amount,
            against: consequence.against,
            per: consequence.per,
            explanation: self.explain(rule, entry, inputs, computation),
        })
    }

    /// An amount that a person sets between bounds that follow from the circumstances.
    fn within_bounds(
        &self,
        rule: &str,
        entry: &str,
        proposal: &Proposal,
        (facts, proposed): (&Facts, Option<Decimal>),
        actor: &Actor,
        inputs: &mut Inputs,
    ) -> Result<(Decimal, String), Refusal> {
        if let Some(refused) = self.refuse_role(rule, entry, actor, &proposal.set_by) {
            return Err(refused);
        }
        let mut bound = |formula: &Formula| {
            let computed = formula.compute(facts).map_err(|unknown| unknown.refusal(rule, entry))?;
            inputs.extend(computed.inputs);
            Ok::<_, Refusal>(Rounding::default().apply(computed.value).normalize())
        };
        let min = bound(&proposal.at_least)?;
        let max = proposal.at_most.as_ref().map(bound).transpose()?;
        let fits = |amount: &Decimal| min <= *amount && max.is_none_or(|max| *amount <= max);
        let (to_en, to_zh) = match max {
            Some(max) => (format!(" and at most {max}"), format!("且不超过 {max}")),
            None => (String::new(), String::new()),
        };
        match proposed.filter(fits) {
            Some(amount) => {
                let up_to = max.map(|max| format!(" <= {max}")).unwrap_or_default();
                Ok((amount, format!("{min} <= {}{up_to}", amount.normalize())))
            }
            None => {
                let (en, zh) =
                    (format!("the amount must be at least {min}{to_en}"), format!("金额不得少于 {min}{to_zh}"));
                let up_to = max.map(|max| max.to_string()).unwrap_or_default();
                Err(refusal(rule, entry, en, zh, vec![format!("amount:{min}..{up_to}")]))
            }
        }
    }

    fn within_band(
        &self,
        rule: &str,
        entry: &str,
        band: &Band,
        proposed: Option<Decimal>,
        actor: &Actor,
    ) -> Result<Decimal, Refusal> {
        if let Some(refused) = self.refuse_role(rule, entry, actor, &band.set_by) {
            return Err(refused);
        }
        let lifted_by = vec![format!("amount:{}..{}", band.min, band.max)];
        match proposed {
            Some(amount) if (band.min.0..=band.max.0).contains(&amount) => Ok(amount),
            Some(amount) => {
                let en = format!("{amount} is outside the band from {} to {}", band.min, band.max);
                let zh = format!("{amount} 不在 {}~{} 之间", band.min, band.max);
                Err(refusal(rule, entry, en, zh, lifted_by))
            }
            None => {
                let en = format!("an amount from {} to {} must be set", band.min, band.max);
                let zh = format!("须在 {}~{} 之间确定金额", band.min, band.max);
                Err(refusal(rule, entry, en, zh, lifted_by))
            }
        }
    }
}
