//! Requisitions and custody.

use super::Checker;
use crate::{
    calendar::Unit,
    pack::{Custody, Requisition},
    source::{element, member},
    vocabulary::{Section, Subject},
};

impl<'a> Checker<'a> {
    pub(super) fn stock(&mut self) {
        let pack = self.pack;
        for (id, requisition) in &pack.requisitions {
            self.requisition(&member("requisitions", id), requisition);
        }
        for (id, custody) in &pack.custody {
            self.custody(&member("custody", id), custody);
        }
    }

    fn requisition(&mut self, path: &str, requisition: &'a Requisition) {
        self.cites(path, &requisition.rule, &requisition.also);
        self.one_of(&member(path, "form"), "form", &requisition.form, self.pack.forms.keys());
        self.roles(&member(path, "filled_by"), &requisition.filled_by);
        if let Some(attached) = &requisition.attached {
            let path = member(path, "attached");
            self.cites(&path, &attached.rule, &[]);
            self.records(&member(&path, "any_of"), &attached.any_of, Subject::WorkOrder);
        }
        for (index, signature) in requisition.signatures.iter().enumerate() {
            let path = element(&member(path, "signatures"), index);
            self.cites(&path, &signature.rule, &[]);
            self.roles(&member(&path, "by"), &signature.by);
        }
        self.cites(&member(path, "issue"), &requisition.issue.rule, &[]);
        self.roles(&member(&member(path, "issue"), "by"), &requisition.issue.by);
        if let Some(replaced) = &requisition.replaced {
            let path = member(path, "replaced");
            self.cites(&path, &replaced.rule, &[]);
            let scope = self.scope(Section::Loans);
            self.condition(&member(&path, "when"), replaced.when.as_ref(), &scope);
        }
    }

    fn custody(&mut self, path: &str, custody: &'a Custody) {
        self.cites(path, &custody.rule, &custody.also);
        self.roles(&member(path, "held_by"), &custody.held_by);
        self.roles(&member(path, "issued_by"), &custody.issued_by);
        if let Some(form) = &custody.form {
            self.one_of(&member(path, "form"), "form", form, self.pack.forms.keys());
        }
        if let Some(term) = &custody.term {
            let path = member(path, "term");
            self.cites(&path, &term.rule, &[]);
            match term.every.unit() {
                Unit::Day | Unit::Month | Unit::Year => {}
                Unit::Minute | Unit::Hour | Unit::WorkingMinute | Unit::WorkingHour | Unit::WorkingDay => {
                    self.report(&member(&path, "every"), "a term is days, months or years".to_owned());
                }
            }
        }
        if let Some(handing_on) = &custody.handing_on {
            self.cites(&member(path, "handing_on"), &handing_on.rule, &[]);
            self.roles(&member(&member(path, "handing_on"), "by"), &handing_on.by);
        }
        if let Some(lost) = &custody.lost {
            self.cites(&member(path, "lost"), &lost.rule, &[]);
        }
        if let Some(damaged) = &custody.damaged {
            self.cites(&member(path, "damaged"), &damaged.rule, &[]);
        }
    }
}
