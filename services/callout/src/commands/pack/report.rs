//! What a rehearsal found, for people and for programs.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use callout_contract::{
    POOL,
    types::v1::{Difference, Judgement, RehearsalSum, RehearseResponse, difference::Kind, rehearse_response::Said},
};
use callout_kit::parse;
use jiff::tz::TimeZone;
use prost_reflect::{DynamicMessage, prost::Message as _};

use crate::terminal::{Colour, Style, say};

/// For whom it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people: what differs by person and subject.
    Table,
    /// For programs: one JSON object a line, as soon as it is heard.
    Json,
}

/// Gathers what the services say.
pub struct Report {
    format: Format,
    zone: TimeZone,
    looked_at: BTreeMap<String, i32>,
    /// By person and subject; those of nobody first.
    differences: BTreeMap<(String, String), Vec<Difference>>,
}

impl Report {
    pub fn new(format: Format, zone: TimeZone) -> Self {
        Self { format, zone, looked_at: BTreeMap::new(), differences: BTreeMap::new() }
    }

    /// Hears one answer.
    pub fn hear(&mut self, answer: RehearseResponse) -> Result<()> {
        match &answer.said {
            Some(Said::Difference(_)) if self.format == Format::Json => say(&json(&answer)?)?,
            Some(Said::Difference(_) | Said::Sum(_)) | None => {}
        }
        match answer.said {
            Some(Said::Difference(found)) => {
                let key = (found.person.clone(), found.subject.clone());
                self.differences.entry(key).or_default().push(found);
            }
            Some(Said::Sum(sum)) => self.looked_at.extend(sum.looked_at),
            None => {}
        }
        Ok(())
    }

    /// Says the rest.
    pub fn end(self) -> Result<()> {
        if self.format == Format::Json {
            let sum = RehearsalSum { looked_at: self.looked_at };
            return Ok(say(&json(&RehearseResponse { said: Some(Said::Sum(sum)) })?)?);
        }
        for line in self.table(Style::of_output()) {
            say(&line)?;
        }
        Ok(say(&self.sum())?)
    }

    fn table(&self, style: Style) -> Vec<String> {
        let mut lines = Vec::new();
        let mut last = None;
        for ((person, subject), found) in &self.differences {
            if last != Some(person) {
                let whom = if person.is_empty() { "nobody in particular" } else { person.as_str() };
                lines.push(style.paint(Colour::Bold, whom));
                last = Some(person);
            }
            let case = found.first().map_or("", |found| found.case.as_str());
            let of = if case.is_empty() || case == subject { String::new() } else { format!(" of {}", short(case)) };
            lines.push(format!("  {}{of}", short(subject)));
            let width = found.iter().map(|found| found.entry.len()).max().unwrap_or_default();
            for found in found {
                let (before, after) = (self.shown(found.before.as_ref()), self.shown(found.after.as_ref()));
                let after = style.paint(colour(found), &after);
                lines.push(format!("    {:<width$}  {before} -> {after}", found.entry));
                lines.extend(why(found).map(|why| style.paint(Colour::Faint, &format!("    {:<width$}  {why}", ""))));
            }
        }
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines
    }

    fn shown(&self, judgement: Option<&Judgement>) -> String {
        let Some(Judgement { outcome, amount, currency, due_at, explanation: _ }) = judgement else {
            return String::new();
        };
        let due = due_at.and_then(|at| parse::timestamp(at).ok()).map(|at| {
            let at = self.zone.to_datetime(at);
            format!("by {}", at.strftime("%Y-%m-%d %H:%M:%S"))
        });
        let words = [outcome.clone(), amount.clone(), currency.clone(), due.unwrap_or_default()];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// `12 cases and 9 work orders looked at: 3 late otherwise, …`.
    fn sum(&self) -> String {
        let looked_at: Vec<String> = self
            .looked_at
            .iter()
            .filter(|(kind, count)| **count > 0 || kind.as_str() == "case")
            .map(|(kind, count)| format!("{count} {}", noun(kind, *count)))
            .collect();
        let looked_at = match looked_at.as_slice() {
            [] => "nothing".to_owned(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        let subjects = |counts: fn(&Difference) -> bool| {
            let found = self.differences.values().flatten().filter(|found| counts(found));
            found.map(|found| found.subject.as_str()).collect::<BTreeSet<_>>().len()
        };
        let always = [
            (subjects(is_late_otherwise), "late otherwise"),
            (subjects(|found| found.kind() == Kind::Sanction), "fined otherwise"),
            (subjects(is_paid_otherwise), "paid otherwise"),
            (subjects(|found| found.kind() == Kind::Grade), "graded otherwise"),
        ];
        let if_any = [(subjects(is_due_otherwise), "due otherwise"), (subjects(is_undecided), "undecided")];
        let counts = always.into_iter().chain(if_any.into_iter().filter(|(count, _)| *count > 0));
        let counts: Vec<String> = counts.map(|(count, what)| format!("{count} {what}")).collect();
        format!("{looked_at} looked at: {}", counts.join(", "))
    }
}

/// One line of JSON, as the contract has it.
fn json(answer: &RehearseResponse) -> Result<String> {
    let name = "callout.types.v1.RehearseResponse";
    let descriptor = POOL.get_message_by_name(name).with_context(|| format!("{name} is not in the contract"))?;
    let message = DynamicMessage::decode(descriptor, answer.encode_to_vec().as_slice())?;
    Ok(serde_json::to_string(&message)?)
}

/// A resource name without its organisation.
fn short(name: &str) -> String {
    name.splitn(3, '/').nth(2).unwrap_or(name).to_owned()
}

fn noun(kind: &str, count: i32) -> String {
    let singular = kind.replace('_', " ");
    match (count, kind) {
        (1, _) => singular,
        (_, "custody") => "custodies".to_owned(),
        _ => format!("{singular}s"),
    }
}

fn is(judgement: Option<&Judgement>, outcomes: &[&str]) -> bool {
    judgement.is_some_and(|judgement| outcomes.contains(&judgement.outcome.as_str()))
}

fn is_late_otherwise(found: &Difference) -> bool {
    let late = |judgement: Option<&Judgement>| is(judgement, &["OVERDUE", "MET_LATE"]);
    found.kind() == Kind::Limit && !is_undecided(found) && late(found.before.as_ref()) != late(found.after.as_ref())
}

fn is_due_otherwise(found: &Difference) -> bool {
    found.kind() == Kind::Limit && !is_late_otherwise(found) && !is_undecided(found)
}

fn is_undecided(found: &Difference) -> bool {
    is(found.after.as_ref(), &["UNDECIDED"])
}

fn is_paid_otherwise(found: &Difference) -> bool {
    match found.kind() {
        Kind::Verdict | Kind::Remedy | Kind::Charge | Kind::Claim => true,
        Kind::Limit | Kind::Sanction | Kind::Grade | Kind::Unspecified => false,
    }
}

/// What it comes to under the other regulation, else why it came to what it did.
fn why(found: &Difference) -> Option<String> {
    let explained = |judgement: &Judgement| judgement.explanation.clone();
    let explanation = found.after.as_ref().and_then(explained).or_else(|| found.before.as_ref().and_then(explained))?;
    Some(format!("{}: {}", explanation.rule, explanation.computation))
}

fn colour(found: &Difference) -> Colour {
    let after = found.after.as_ref();
    match found.kind() {
        _ if is_undecided(found) => Colour::Yellow,
        Kind::Limit if is(after, &["OVERDUE", "MET_LATE"]) => Colour::Red,
        Kind::Sanction | Kind::Charge | Kind::Claim | Kind::Grade => Colour::Magenta,
        Kind::Limit | Kind::Verdict | Kind::Remedy | Kind::Unspecified => Colour::Cyan,
    }
}

#[cfg(test)]
mod tests {
    use callout_contract::regulation::v1::Explanation;

    use super::*;

    const CASE: &str = "organizations/acme/cases/1";

    fn judgement(outcome: &str, amount: &str, due_at: Option<&str>) -> Judgement {
        let due_at = due_at.map(|at| parse::to_timestamp(at.parse().unwrap()));
        let currency = if amount.is_empty() { String::new() } else { "CNY".to_owned() };
        let explanation = (outcome != "NONE").then(|| Explanation {
            rule: "R01-25".to_owned(),
            computation: "2wh after it was received".to_owned(),
            ..Explanation::default()
        });
        Judgement { outcome: outcome.to_owned(), amount: amount.to_owned(), currency, due_at, explanation }
    }

    fn difference(kind: Kind, entry: &str, before: Judgement, after: Judgement) -> RehearseResponse {
        let found = Difference {
            subject: CASE.to_owned(),
            case: CASE.to_owned(),
            person: "ma".to_owned(),
            kind: kind.into(),
            entry: entry.to_owned(),
            before: Some(before),
            after: Some(after),
        };
        RehearseResponse { said: Some(Said::Difference(found)) }
    }

    fn report() -> Report {
        let mut report = Report::new(Format::Table, TimeZone::get("Asia/Shanghai").unwrap());
        let before = judgement("MET", "", Some("2026-03-11T04:00:00Z"));
        let after = judgement("MET_LATE", "", Some("2026-03-11T02:00:00Z"));
        report.hear(difference(Kind::Limit, "limits.pass_on", before, after)).unwrap();
        let (none, due) = (judgement("NONE", "", None), judgement("DUE", "80.00", None));
        report.hear(difference(Kind::Sanction, "consequences.late for pass_on", none, due)).unwrap();
        let looked_at = BTreeMap::from([("case".to_owned(), 2), ("work_order".to_owned(), 1)]);
        report.hear(RehearseResponse { said: Some(Said::Sum(RehearsalSum { looked_at })) }).unwrap();
        report
    }

    #[test]
    fn what_differs_is_listed_by_person_and_subject_with_both_outcomes_and_why() {
        let lines = report().table(Style { width: 100, colour: false });
        assert_eq!(
            lines,
            [
                "ma",
                "  cases/1",
                "    limits.pass_on                 MET by 2026-03-11 12:00:00 -> MET_LATE by 2026-03-11 10:00:00",
                "                                   R01-25: 2wh after it was received",
                "    consequences.late for pass_on  NONE -> DUE 80.00 CNY",
                "                                   R01-25: 2wh after it was received",
                "",
            ]
        );
    }

    #[test]
    fn the_sum_counts_subjects() {
        let sum = "2 cases and 1 work order looked at: 1 late otherwise, 1 fined otherwise, 0 paid otherwise, \
                   0 graded otherwise";
        assert_eq!(report().sum(), sum);
        let mut report = report();
        let (before, after) = (judgement("MET", "", None), judgement("UNDECIDED", "", None));
        report.hear(difference(Kind::Limit, "limits.arrival", before, after)).unwrap();
        assert_eq!(report.sum(), format!("{sum}, 1 undecided"));
    }

    #[test]
    fn one_line_of_json_is_what_the_contract_says() {
        let (before, after) = (judgement("NONE", "", None), judgement("DUE", "80.00", None));
        let line = json(&difference(Kind::Sanction, "consequences.late", before, after)).unwrap();
        assert!(line.starts_with(r#"{"difference":{"subject":"organizations/acme/cases/1","#), "{line}");
        assert!(line.contains(r#""kind":"KIND_SANCTION""#), "{line}");
    }
}
