//! Registers and reminders.

use super::Checker;
use crate::{
    source::member,
    vocabulary::{Section, Subject},
};

impl Checker<'_> {
    pub(super) fn registers(&mut self) {
        let pack = self.pack;
        let scope = self.scope(Section::Limits);
        for (id, register) in &pack.registers {
            let path = member("registers", id);
            self.cites(&path, &register.rule, &register.also);
            self.condition(&member(&path, "when"), register.when.as_ref(), &scope);
            self.moment(&member(&path, "at"), &register.at, Subject::Case);
        }
        for (id, reminder) in &pack.reminders {
            let path = member("reminders", id);
            self.cites(&path, &reminder.rule, &reminder.also);
            self.each_of(&member(&path, "limits"), "limit", &reminder.limits, &pack.limits);
            self.each_of(&member(&path, "chains"), "chain", &reminder.chains, &pack.chains);
            let limits = reminder.limits.iter().map(|id| ("limits", id, pack.limits.get(id).map(|it| it.of)));
            let chains = reminder.chains.iter().map(|id| ("chains", id, pack.chains.get(id).map(|it| it.of)));
            for (section, id, of) in limits.chain(chains) {
                if of.is_some_and(|of| of != Subject::Case) {
                    self.report(&member(&path, section), format!("`{id}` is none of a case"));
                }
            }
            if reminder.limits.is_empty() && reminder.chains.is_empty() {
                self.report(&path, "name `limits` or `chains`".to_owned());
            }
        }
    }
}
