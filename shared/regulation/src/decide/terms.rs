//! Where the terms of cover of a product stand.

use callout_contract::regulation::v1::{Term, term::State};
use jiff::civil::{Date, Time};

use crate::{
    Regulation,
    calendar::{Amount, Holidays},
    dossier::Dossier,
    expression::Inputs,
    facts::Facts,
    pack,
    vocabulary::Moment,
};

/// When a term runs.
enum Run {
    /// The product does not have it.
    None,
    /// The day from which it is counted is yet to come.
    NotBegun,
    /// From the day after the first to the end of the second.
    Days { from: Date, to: Date, amount: Amount },
    /// A fact that would tell is not known, or it cannot be counted.
    NotKnown,
}

impl Regulation {
    /// The terms of cover, each as it stood at the instant at which the warranty is read; one of which that cannot be told
    /// is in no state.
    pub(super) fn terms(&self, dossier: &Dossier, facts: &Facts) -> Vec<Term> {
        let coverage = &self.pack.coverage;
        let read_at = dossier.first(&Moment::Event(coverage.warranty_read_at));
        let read_on = read_at.map(|at| self.zone.to_datetime(at).date());
        let standing = |(id, term): (&String, &pack::Term)| {
            let run = self.run(term, dossier, facts);
            let state = match (&run, read_on) {
                (Run::None, _) => State::None,
                (Run::NotBegun, _) => State::NotBegun,
                (Run::Days { from, .. }, Some(day)) if day < *from => State::NotBegun,
                (Run::Days { to, .. }, Some(day)) if day <= *to => State::Running,
                (Run::Days { .. }, Some(_)) => State::Over,
                (Run::Days { .. }, None) | (Run::NotKnown, _) => State::Unspecified,
            };
            let (begins_on, ends_on, computation) = match &run {
                Run::Days { from, to, amount } => {
                    (from.to_string(), to.to_string(), format!("{id}: {from} + {amount} = {to}, to its end"))
                }
                Run::None => (String::new(), String::new(), format!("{id}: the product does not have it")),
                Run::NotBegun => (String::new(), String::new(), format!("{id}: not begun")),
                Run::NotKnown => (String::new(), String::new(), format!("{id}: not known")),
            };
            let entry = format!("coverage.terms.{id}");
            Term {
                term: id.clone(),
                state: state.into(),
                counted_from: begins_on,
                ends_on,
                explanation: Some(self.explain(&term.rule, entry, Inputs::new(), computation)),
            }
        };
        coverage.terms.iter().map(standing).collect()
    }

    fn run(&self, term: &pack::Term, dossier: &Dossier, facts: &Facts) -> Run {
        match term.when.as_ref().map(|when| when.holds(facts)).transpose() {
            Err(_) => return Run::NotKnown,
            Ok(Some(decided)) if !decided.value => return Run::None,
            Ok(_) => {}
        }
        let from = match &term.after {
            Some(earlier) => match self.pack.coverage.terms.get(earlier).map(|term| self.run(term, dossier, facts)) {
                Some(Run::Days { to, .. }) => to,
                Some(Run::NotBegun) => return Run::NotBegun,
                Some(Run::None) => return Run::None,
                Some(Run::NotKnown) | None => return Run::NotKnown,
            },
            None => {
                let day = |event| dossier.product_days.get(event).copied();
                match term.from.first().and_then(day) {
                    None => return Run::NotBegun,
                    Some(first) => term.from.iter().filter_map(day).fold(first, Date::max),
                }
            }
        };
        let amount = dossier.stated_term.filter(|_| term.stated).unwrap_or(term.amount);
        let start = from.to_datetime(Time::midnight()).to_zoned(self.zone.clone()).map(|start| start.timestamp());
        let Ok(start) = start else { return Run::NotKnown };
        // Terms of cover are days, months and years: no holiday moves them.
        match self.calendar(&Holidays::default()).due(start, amount) {
            Ok(due) => Run::Days { from, to: self.zone.to_datetime(due.due_at).date(), amount },
            Err(_) => Run::NotKnown,
        }
    }
}
