//! What a case is entitled to.

use callout_contract::regulation::v1::{Requirement, Term, Verdict, term::State, verdict};

use super::needs_fact;
use crate::{
    Regulation,
    dossier::Dossier,
    expression::Inputs,
    facts::{Facts, Value, term_word},
    pack::{Outcome, Unmet, VerdictRow},
    refusal::Undecided,
    vocabulary::{Moment, words},
};

/// What the verdict was made from, as it is made.
struct Basis {
    facts: Facts,
    inputs: Inputs,
    computation: Vec<String>,
    terms: Vec<Term>,
}

impl Regulation {
    /// What a case is entitled to, as far as it can be said from the dossier.
    ///
    /// The class is the first of the pack's classes that fits, the verdict the first row of its table. The warranty is
    /// read at the instant of the event that the pack names; its last day counts to the end. What the row needs must be
    /// on record, or the case is held or refused as the row says. Where a fact is missing that would decide, the case is
    /// held, and the fact is the requirement.
    #[must_use]
    pub fn verdict(&self, dossier: &Dossier) -> Verdict {
        let mut basis = Basis {
            facts: self.facts_of_a_case(dossier),
            inputs: Inputs::new(),
            computation: Vec::new(),
            terms: Vec::new(),
        };
        basis.terms = self.terms(dossier, &basis.facts);
        for term in &basis.terms {
            basis.facts.put(format!("term.{}", term.term), Value::Text(term_word(term.state()).to_owned()));
        }
        self.read_warranty(dossier, &mut basis);
        let coverage = &self.pack.coverage;
        let unclassified = &coverage.unclassified;
        match self.classify(&mut basis) {
            Err((rule, entry, unknown)) => return self.held_for_a_fact(basis, &rule, entry, &unknown),
            Ok(()) if !coverage.classes.is_empty() && basis.facts.text(words::PRODUCT_CLASS).is_none() => {
                basis.computation.push("in no class".to_owned());
                let outcome = unmet(unclassified.outcome);
                return self.plain(basis, outcome, &unclassified.rule, "coverage.unclassified".to_owned());
            }
            Ok(()) => {}
        }
        for row in &coverage.verdicts {
            let entry = format!("coverage.verdicts.{}", row.id);
            match row.when.as_ref().map(|when| when.holds(&basis.facts)).transpose() {
                Err(unknown) => return self.held_for_a_fact(basis, &row.rule, entry, &unknown),
                Ok(Some(decided)) if !decided.value => {}
                Ok(decided) => {
                    basis.inputs.extend(decided.into_iter().flat_map(|decided| decided.inputs));
                    return self.decided(basis, dossier, row, entry);
                }
            }
        }
        basis.computation.push("no verdict applies".to_owned());
        self.plain(basis, unmet(unclassified.outcome), &unclassified.rule, "coverage.unclassified".to_owned())
    }

    fn read_warranty(&self, dossier: &Dossier, basis: &mut Basis) {
        let event = self.pack.coverage.warranty_read_at;
        let warranty = &self.pack.coverage.warranty;
        if !warranty.is_empty() {
            let terms = basis.terms.iter().filter(|term| warranty.contains(&term.term)).collect::<Vec<_>>();
            let lasts = terms.iter().any(|term| matches!(term.state(), State::NotBegun | State::Running));
            if lasts || terms.iter().all(|term| term.state() != State::Unspecified) {
                basis.facts.set(words::CASE_IN_WARRANTY, lasts);
            }
            let had = terms.iter().filter(|term| term.state() != State::None);
            basis.computation.extend(had.filter_map(|term| Some(term.explanation.as_ref()?.computation.clone())));
        } else if let (Some(ends_on), Some(at)) = (dossier.warranty_ends_on, dossier.first(&Moment::Event(event))) {
            let in_warranty = self.zone.to_datetime(at).date() <= ends_on;
            basis.facts.set(words::CASE_IN_WARRANTY, in_warranty);
            let place = if in_warranty { "within" } else { "after" };
            basis
                .computation
                .push(format!("{event} {}, {place} the warranty that ends with {ends_on}", self.local(at)));
        }
        if let Some(in_warranty) = basis.facts.flag(words::CASE_IN_WARRANTY) {
            basis.inputs.insert(words::CASE_IN_WARRANTY.name().to_owned(), in_warranty.to_string());
        }
    }

    /// Finds the class; a fact that is missing for it is an error with the rule that asks for it.
    fn classify(&self, basis: &mut Basis) -> Result<(), (String, String, Undecided)> {
        for row in &self.pack.coverage.classes {
            let entry = format!("coverage.classes.{}", row.class);
            let decided = row.when.holds(&basis.facts).map_err(|unknown| (row.rule.clone(), entry.clone(), unknown))?;
            if decided.value {
                basis.inputs.extend(decided.inputs);
                basis.computation.push(format!("class {} by {}", row.class, row.rule));
                basis.facts.set(words::PRODUCT_CLASS, row.class.as_str());
                return Ok(());
            }
        }
        Ok(())
    }

    fn decided(&self, mut basis: Basis, dossier: &Dossier, row: &VerdictRow, entry: String) -> Verdict {
        let requirements = row.needs.iter().map(|kind| self.requirement(kind, dossier)).collect::<Vec<_>>();
        let is_met = requirements.iter().all(|requirement| requirement.met);
        let outcome = match (is_met, row.until_met) {
            (false, Some(until)) => unmet(until),
            (false, None) | (true, _) => outcome(row.outcome),
        };
        basis.computation.push(format!("{} applies", row.id));
        let mut verdict = self.plain(basis, outcome, &row.rule, entry);
        verdict.requirements = requirements;
        verdict.notify_before.clone_from(&row.notify_before);
        verdict.charge_after.clone_from(&row.charge_after);
        if is_met {
            verdict.tariff = row.tariff.clone().unwrap_or_default();
            verdict.payer = row.payer.clone().unwrap_or_else(|| match row.outcome {
                Outcome::Paid => "customer".to_owned(),
                Outcome::Free | Outcome::Contract => "company".to_owned(),
                Outcome::Held | Outcome::Refused => String::new(),
            });
        }
        verdict
    }

    pub(super) fn requirement(&self, kind: &str, dossier: &Dossier) -> Requirement {
        Requirement {
            rule: self.rule_of_record(kind),
            needs: self.needs_record(kind),
            met: dossier.records.iter().any(|record| record.kind == kind),
        }
    }

    fn held_for_a_fact(&self, mut basis: Basis, rule: &str, entry: String, unknown: &Undecided) -> Verdict {
        basis.computation.push(unknown.to_string());
        let mut verdict = self.plain(basis, verdict::Outcome::Held, rule, entry);
        let needs = match unknown {
            Undecided::Missing { fact } => needs_fact(fact),
            Undecided::Failed { .. } | Undecided::Uncounted { .. } => unknown.to_string(),
        };
        verdict.requirements = vec![Requirement { rule: rule.to_owned(), needs, met: false }];
        verdict
    }

    fn plain(&self, basis: Basis, outcome: verdict::Outcome, rule: &str, entry: String) -> Verdict {
        Verdict {
            outcome: outcome.into(),
            product_class: basis.facts.text(words::PRODUCT_CLASS).unwrap_or_default(),
            in_warranty: basis.facts.flag(words::CASE_IN_WARRANTY).unwrap_or_default(),
            terms: basis.terms,
            explanation: Some(self.explain(rule, entry, basis.inputs, basis.computation.join("; "))),
            ..Verdict::default()
        }
    }
}

pub(super) const fn outcome(outcome: Outcome) -> verdict::Outcome {
    match outcome {
        Outcome::Free => verdict::Outcome::Free,
        Outcome::Paid => verdict::Outcome::Paid,
        Outcome::Contract => verdict::Outcome::Contract,
        Outcome::Held => verdict::Outcome::Held,
        Outcome::Refused => verdict::Outcome::Refused,
    }
}

const fn unmet(until: Unmet) -> verdict::Outcome {
    match until {
        Unmet::Held => verdict::Outcome::Held,
        Unmet::Refused => verdict::Outcome::Refused,
    }
}
