//! What a customer may ask for beside the repair.

use std::cell::LazyCell;

use callout_contract::regulation::v1::{Remedy, Requirement, Verdict, verdict};

use super::{coverage::outcome, needs_fact, refusal, unknown};
use crate::{
    Regulation,
    dossier::Dossier,
    expression::Inputs,
    facts::Facts,
    pack,
    refusal::{Refusal, Undecided, alternatives},
};

impl Regulation {
    /// Every remedy of the pack, with whether it is granted to a case whose verdict was given.
    ///
    /// The first row that matches decides; where something that it needs is not on record, or a fact is missing that would
    /// decide, the remedy is held.
    #[must_use]
    pub fn remedies(&self, dossier: &Dossier, verdict: &Verdict) -> Vec<Remedy> {
        let facts = LazyCell::new(|| {
            let mut facts = self.facts_of_a_case(dossier);
            facts.set_verdict(verdict);
            facts
        });
        let remedies = self.pack.coverage.remedies.iter();
        remedies.map(|(id, remedy)| self.remedy(id, remedy, dossier, &facts)).collect()
    }

    /// Whether a remedy may be granted.
    ///
    /// # Errors
    /// By the rule of the row that decides: each record that is missing, or that the remedy is not granted. A remedy that
    /// the pack does not have is refused by no rule.
    pub fn grant(&self, remedy: &str, dossier: &Dossier, verdict: &Verdict) -> Result<Remedy, Vec<Refusal>> {
        let entry = format!("coverage.remedies.{remedy}");
        let known = &self.pack.coverage.remedies;
        let Some(name) = known.get(remedy) else {
            return Err(vec![unknown("", &entry, ("remedy", "救济方式"), remedy, known.keys())]);
        };
        let Some(decided) = self.remedies(dossier, verdict).into_iter().find(|it| it.remedy == remedy) else {
            return Err(Vec::new());
        };
        let why = decided.explanation.clone().unwrap_or_default();
        match decided.outcome() {
            verdict::Outcome::Free | verdict::Outcome::Paid | verdict::Outcome::Contract => Ok(decided),
            verdict::Outcome::Held => {
                let row = name.rows.iter().find(|row| why.entry.ends_with(&format!(".{}", row.id)));
                let any = row.map(|row| row.needs_any.as_slice()).unwrap_or_default();
                let refuse = |requirement: &Requirement| {
                    if requirement.needs == self.any_of(any) {
                        self.none_on_record(&why.rule, &why.entry, any)
                    } else {
                        self.refuse_lack(&why.rule, &why.entry, &requirement.needs)
                    }
                };
                Err(decided.requirements.iter().filter(|requirement| !requirement.met).map(refuse).collect())
            }
            verdict::Outcome::Refused | verdict::Outcome::Unspecified => Err(vec![refusal(
                &why.rule,
                &why.entry,
                format!("no {}: {}", name.en, why.computation),
                format!("不予{}:{}", name.zh, why.computation),
                Vec::new(),
            )]),
        }
    }

    fn require_any(&self, row: &pack::RemedyRow, dossier: &Dossier) -> Option<Requirement> {
        let is_there = |kind: &String| dossier.records.iter().any(|record| record.kind == *kind);
        (!row.needs_any.is_empty()).then(|| Requirement {
            rule: row.rule.clone(),
            needs: self.any_of(&row.needs_any),
            met: row.needs_any.iter().any(is_there),
        })
    }

    /// What one of several records is, for people.
    pub(super) fn any_of(&self, kinds: &[String]) -> String {
        alternatives(&kinds.iter().map(|kind| self.needs_record(kind)).collect::<Vec<_>>(), "or")
    }

    fn remedy(&self, id: &str, remedy: &pack::Remedy, dossier: &Dossier, facts: &Facts) -> Remedy {
        let mut inputs = Inputs::new();
        for row in &remedy.rows {
            let entry = format!("coverage.remedies.{id}.{}", row.id);
            match row.when.as_ref().map(|when| when.holds(facts)).transpose() {
                Err(unknown) => {
                    let needs = match &unknown {
                        Undecided::Missing { fact } => needs_fact(fact),
                        Undecided::Failed { .. } | Undecided::Uncounted { .. } => unknown.to_string(),
                    };
                    let requirement = Requirement { rule: row.rule.clone(), needs, met: false };
                    return Remedy {
                        remedy: id.to_owned(),
                        outcome: verdict::Outcome::Held.into(),
                        requirements: vec![requirement],
                        explanation: Some(self.explain(&row.rule, entry, inputs, unknown.to_string())),
                    };
                }
                Ok(Some(decided)) if !decided.value => {}
                Ok(decided) => {
                    inputs.extend(decided.into_iter().flat_map(|decided| decided.inputs));
                    let mut requirements =
                        row.needs.iter().map(|kind| self.requirement(kind, dossier)).collect::<Vec<_>>();
                    requirements.extend(self.require_any(row, dossier));
                    let is_met = requirements.iter().all(|requirement| requirement.met);
                    let outcome = if is_met { outcome(row.outcome) } else { verdict::Outcome::Held };
                    return Remedy {
                        remedy: id.to_owned(),
                        outcome: outcome.into(),
                        requirements,
                        explanation: Some(self.explain(&row.rule, entry, inputs, format!("{} applies", row.id))),
                    };
                }
            }
        }
        let unclassified = &self.pack.coverage.unclassified;
        Remedy {
            remedy: id.to_owned(),
            outcome: verdict::Outcome::Refused.into(),
            requirements: Vec::new(),
            explanation: Some(self.explain(
                &unclassified.rule,
                format!("coverage.remedies.{id}"),
                inputs,
                "no row applies".to_owned(),
            )),
        }
    }
}
