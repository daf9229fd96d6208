//! Under which number a case is entered, and who is reminded.

use callout_contract::regulation::v1::{Explanation, Limit};
use jiff::Timestamp;

use crate::{
    Regulation,
    dossier::Dossier,
    expression::Inputs,
    pack::{Register, Reminder},
};

impl Regulation {
    /// The register in which a case is entered by now, with when it was; the first that takes it. None while none does.
    #[must_use]
    pub fn register<'a>(&'a self, dossier: &Dossier, now: Timestamp) -> Option<(&'a str, &'a Register, Timestamp)> {
        self.pack.registers.iter().find_map(|(id, register)| {
            let at = dossier.first(&register.at).filter(|at| *at <= now)?;
            let facts = self.facts_at(dossier, now, at);
            let takes = register.when.as_ref().is_none_or(|when| when.holds(&facts).is_ok_and(|it| it.value));
            takes.then_some((id.as_str(), register, at))
        })
    }

    /// By what is reminded of a limit that is overdue; none where the regulation has no reminder of it.
    #[must_use]
    pub fn reminder(&self, limit: &Limit) -> Option<Explanation> {
        let (id, reminder) = self.pack.reminders.iter().find(|(_, reminder)| is_of(reminder, &limit.limit))?;
        let computation = format!("{} is overdue", limit.limit);
        Some(self.explain(&reminder.rule, format!("reminders.{id}"), Inputs::new(), computation))
    }
}

/// Whether a reminder is about a limit, by its id or that of its chain.
fn is_of(reminder: &Reminder, limit: &str) -> bool {
    let of_chain = limit.split_once('.').is_some_and(|(chain, _)| reminder.chains.iter().any(|id| id == chain));
    of_chain || reminder.limits.iter().any(|id| id == limit)
}
