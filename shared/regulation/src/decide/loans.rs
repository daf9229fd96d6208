//! Who may borrow what, and how it is brought back to zero.

use callout_contract::regulation::v1::Explanation;

use super::{refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{Evidence, Loans, Purchase},
    refusal::Refusal,
    vocabulary::words,
};

/// An item that is to be lent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoanItem {
    /// The item.
    pub item: String,
    /// Its category, of the pack's `item_categories`; absent when it is in none.
    pub category: Option<String>,
}

/// The terms of a loan slip.
#[derive(Clone, Debug, PartialEq)]
pub struct LoanTerms {
    /// The roles that collect the items; empty: whoever is sent.
    pub collected_by: Vec<String>,
    /// Whether the items are shipped and the shipment is tracked.
    pub tracked: bool,
    /// The record of the slip's copy that must be made.
    pub copy: Option<String>,
    /// Why.
    pub explanation: Explanation,
}

/// Where an inspection sends what was handed in.
#[derive(Clone, Debug, PartialEq)]
pub struct InspectionOutcome {
    /// The sub-stock.
    pub sub_stock: String,
    /// Why.
    pub explanation: Explanation,
}

/// A step in the buying of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurchaseStep {
    /// Somebody applies for it.
    Propose,
    /// Somebody buys.
    Buy,
    /// Somebody takes what was bought into stock.
    Keep,
}

const PURPOSE: (&str, &str) = ("purpose", "用途");

impl Regulation {
    /// Whether this actor may fill a loan slip of this purpose with these items, and on what terms.
    ///
    /// # Errors
    /// Every refusal at once: an unknown purpose, another role, each item that the purpose does not allow.
    pub fn loan_purpose(&self, purpose: &str, items: &[LoanItem], actor: &Actor) -> Result<LoanTerms, Vec<Refusal>> {
        let loans = self.loans()?;
        let entry = format!("loans.purposes.{purpose}");
        let Some(terms) = loans.purposes.get(purpose) else {
            return Err(vec![unknown("", &entry, PURPOSE, purpose, loans.purposes.keys())]);
        };
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.filled_by).into_iter().collect();
        let mut inputs = Inputs::new();
        for item in items {
            let Some(when) = &terms.when else { break };
            let mut facts = Facts::default();
            if let Some(category) = &item.category {
                facts.set(words::ITEM_CATEGORY, category.as_str());
            }
            // An item of no category is not of the category that the rule asks for.
            match when.holds(&facts) {
                Ok(decided) if decided.value => inputs.extend(decided.inputs),
                Ok(_) | Err(_) => refusals.push(refusal(
                    &terms.rule,
                    &entry,
                    format!("`{}` may not be lent for {}, but only what is {when}", item.item, terms.en),
                    format!("{} 不得以“{}”借用,仅限 {when}", item.item, terms.zh),
                    vec![format!("condition:{when}")],
                )),
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let computation = format!("{} filled by {}", terms.en, terms.filled_by.join(" or "));
        Ok(LoanTerms {
            collected_by: terms.collected_by.clone(),
            tracked: terms.tracked,
            copy: terms.copy.clone(),
            explanation: self.explain(&terms.rule, entry, inputs, computation),
        })
    }

    /// Whether this actor may bring a slip of this purpose to zero on this evidence.
    ///
    /// # Errors
    /// Another role, or evidence that is lacking; both at once.
    pub fn zeroing(&self, purpose: &str, actor: &Actor, evidence: &[Evidence]) -> Result<Explanation, Vec<Refusal>> {
        let loans = self.loans()?;
        let mut entries = loans.zeroing.iter().filter(|(_, zeroing)| zeroing.purposes.iter().any(|it| it == purpose));
        let Some((id, zeroing)) = entries.next() else {
            return Err(vec![unknown("", "loans.zeroing", PURPOSE, purpose, loans.purposes.keys())]);
        };
        let entry = format!("loans.zeroing.{id}");
        let mut refusals: Vec<_> = self.refuse_role(&zeroing.rule, &entry, actor, &zeroing.by).into_iter().collect();
        if !evidence.contains(&zeroing.after) {
            let zh = match &zeroing.after {
                Evidence::Inspection => "没有检验结果证明,不得归零".to_owned(),
                Evidence::Routine(routine) => format!("未列入 {routine},不得归零"),
            };
            let en = format!("a slip is brought to zero on the evidence of {} only", zeroing.after);
            refusals.push(refusal(&zeroing.rule, &entry, en, zh, vec![format!("evidence:{}", zeroing.after)]));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        Ok(self.explain(&zeroing.rule, entry, Inputs::new(), format!("{purpose} after {}", zeroing.after)))
    }

    /// Where the inspection of what was handed in sends it, by its result.
    ///
    /// # Errors
    /// Another role, or a result that the pack does not have.
    pub fn inspection(&self, result: &str, actor: &Actor) -> Result<InspectionOutcome, Vec<Refusal>> {
        let entry = "loans.inspection";
        let Some(inspection) = &self.loans()?.inspection else {
            let (en, zh) = ("the regulation has no inspection".to_owned(), "本规定没有检验".to_owned());
            return Err(vec![refusal("", entry, en, zh, Vec::new())]);
        };
        if let Some(refused) = self.refuse_role(&inspection.rule, entry, actor, &inspection.by) {
            return Err(vec![refused]);
        }
        let Some(sub_stock) = inspection.results.get(result) else {
            let what = ("result", "检验结果");
            return Err(vec![unknown(&inspection.rule, entry, what, result, inspection.results.keys())]);
        };
        let explanation =
            self.explain(&inspection.rule, entry.to_owned(), Inputs::new(), format!("{result} goes to {sub_stock}"));
        Ok(InspectionOutcome { sub_stock: sub_stock.clone(), explanation })
    }

    /// Whether this actor may take a step in the buying of parts.
    ///
    /// # Errors
    /// Another role.
    pub fn purchase(&self, step: PurchaseStep, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let Some(Purchase { rule, proposed_by, bought_by, kept_by }) = &self.loans()?.purchase else { return Ok(()) };
        let roles = match step {
            PurchaseStep::Propose => proposed_by,
            PurchaseStep::Buy => bought_by,
            PurchaseStep::Keep => kept_by,
        };
        self.refuse_role(rule, "loans.purchase", actor, roles).map_or(Ok(()), |refused| Err(vec![refused]))
    }

    fn loans(&self) -> Result<&Loans, Vec<Refusal>> {
        self.pack.loans.as_ref().ok_or_else(|| {
            let (en, zh) = ("the regulation has no loans".to_owned(), "本规定没有借用".to_owned());
            vec![refusal("", "loans", en, zh, Vec::new())]
        })
    }
}
