//! Reports of work: who makes them, what they add up to, and whose signature they need before they are sent.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{known_words, refusal, unknown};
use crate::{Regulation, dossier::Actor, expression::Inputs, pack::WorkReport, refusal::Refusal};

/// Hours by class of work.
pub type Totals = BTreeMap<String, Decimal>;

/// A piece of work in a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkEntry {
    /// Its class, of the pack's `work_classes`.
    pub class: String,
    /// How many hours it took.
    pub hours: Decimal,
}

impl Regulation {
    /// Whether this actor may make a report with these pieces of work.
    ///
    /// # Errors
    /// Every refusal at once: an unknown report, another role, each unknown class, pieces of work in a report that adds
    /// others up, none in one that does not.
    pub fn make_report(&self, id: &str, actor: &Actor, work: &[WorkEntry]) -> Result<&WorkReport, Vec<Refusal>> {
        let report = self.work_report(id)?;
        let mut refusals: Vec<_> = self.refuse_role(&report.rule, &entry(id), actor, &report.by).into_iter().collect();
        for piece in work.iter().filter(|piece| !self.pack.work_classes.contains_key(&piece.class)) {
            let known = self.pack.work_classes.keys();
            refusals.push(unknown(&report.rule, &entry(id), ("class of work", "工作类别"), &piece.class, known));
        }
        match (&report.adds_up, work.is_empty()) {
            (Some(other), false) => {
                let (en, zh) =
                    (format!("it adds up `{other}` and has no entries"), format!("由 {other} 汇总，不另填写"));
                refusals.push(refusal(&report.rule, &entry(id), en, zh, Vec::new()));
            }
            (None, true) => {
                let (en, zh) = known_words(self.pack.work_classes.keys().map(String::as_str));
                let (en, zh) = (format!("it names no work; classes: {en}"), format!("未填写工作；{zh}"));
                refusals.push(refusal(&report.rule, &entry(id), en, zh, Vec::new()));
            }
            (Some(_), true) | (None, false) => {}
        }
        if refusals.is_empty() { Ok(report) } else { Err(refusals) }
    }

    /// What pieces of work add up to, class by class, with the sums.
    #[must_use]
    pub fn add_up(&self, id: &str, work: &[WorkEntry]) -> (Totals, Explanation) {
        let mut summands: BTreeMap<&str, Vec<Decimal>> = BTreeMap::new();
        for piece in work {
            summands.entry(&piece.class).or_default().push(piece.hours);
        }
        let totals: Totals = summands.iter().map(|(class, hours)| ((*class).to_owned(), hours.iter().sum())).collect();
        let line = |(class, hours): (&&str, &Vec<Decimal>)| {
            let written: Vec<String> = hours.iter().map(Decimal::to_string).collect();
            match written.as_slice() {
                [only] => format!("{class}: {only}"),
                several => format!("{class}: {} = {}", several.join(" + "), hours.iter().sum::<Decimal>()),
            }
        };
        let computation: Vec<String> = summands.iter().map(line).collect();
        let rule = self.pack.work_reports.get(id).map_or("", |report| report.rule.as_str());
        (totals, self.explain(rule, entry(id), Inputs::new(), computation.join("; ")))
    }

    /// Whether this actor may sign a report.
    ///
    /// # Errors
    /// The refusal of a report that needs no signature, or of another role.
    pub fn sign_report(&self, id: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let report = self.work_report(id)?;
        let Some(signed) = &report.signed else {
            let (en, zh) = (format!("{} needs no signature", report.en), format!("“{}”不需签字", report.zh));
            return Err(vec![refusal(&report.rule, &entry(id), en, zh, Vec::new())]);
        };
        let refused = self.refuse_role(&signed.rule, &entry(id), actor, &signed.by);
        refused.map_or(Ok(()), |refused| Err(vec![refused]))
    }

    /// Whether this actor may send a report on, that of a branch or of the centre, signed or not.
    ///
    /// # Errors
    /// The refusal of another role, and of a signature that is missing.
    pub fn send_report(&self, id: &str, actor: &Actor, of_branch: bool, is_signed: bool) -> Result<(), Vec<Refusal>> {
        let report = self.work_report(id)?;
        let mut refusals: Vec<_> = self.refuse_role(&report.rule, &entry(id), actor, &report.by).into_iter().collect();
        if let Some(signed) = report.signed.as_ref().filter(|signed| of_branch || !signed.in_branches)
            && !is_signed
        {
            let names = |zh: bool| -> Vec<&str> {
                let roles = signed.by.iter().filter_map(|role| self.pack.roles.get(role));
                roles.map(|role| if zh { role.zh.as_str() } else { role.en.as_str() }).collect()
            };
            refusals.push(refusal(
                &signed.rule,
                &entry(id),
                format!("not signed by the {}", names(false).join(" or the ")),
                format!("未经{}审阅签字", names(true).join("或")),
                signed.by.iter().map(|role| format!("role:{role}")).collect(),
            ));
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    fn work_report(&self, id: &str) -> Result<&WorkReport, Vec<Refusal>> {
        let known = self.pack.work_reports.keys();
        self.pack.work_reports.get(id).ok_or_else(|| vec![unknown("", &entry(id), ("report", "报表"), id, known)])
    }
}

fn entry(id: &str) -> String {
    format!("work_reports.{id}")
}
