//! Loans, routines and retention.

use super::Checker;
use crate::{
    pack::{Evidence, Loans, Rate, Routine},
    source::member,
    vocabulary::{Section, Service, Subject},
};

impl<'a> Checker<'a> {
    pub(super) fn work(&mut self) {
        let pack = self.pack;
        if let Some(loans) = &pack.loans {
            self.loans(loans);
        }
        for (id, routine) in &pack.routines {
            self.routine(&member("routines", id), routine);
        }
        for (id, rate) in &pack.rates {
            self.rate(&member("rates", id), rate);
        }
        for (id, kept) in &pack.retention.kept {
            self.cites(&member("retention.kept", id), &kept.rule, &[]);
        }
        for (id, copies) in &pack.retention.copies {
            let path = member("retention.copies", id);
            self.cites(&path, &copies.rule, &[]);
            self.records(&member(&path, "of"), &copies.of, Subject::Claim);
            for record in copies.to.keys() {
                self.record(&member(&member(&path, "to"), record), record, Subject::Claim);
            }
        }
    }

    fn loans(&mut self, loans: &'a Loans) {
        let scope = self.scope(Section::Loans);
        for (id, purpose) in &loans.purposes {
            let path = member("loans.purposes", id);
            self.cites(&path, &purpose.rule, &[]);
            self.roles(&member(&path, "filled_by"), &purpose.filled_by);
            self.roles(&member(&path, "collected_by"), &purpose.collected_by);
            self.condition(&member(&path, "when"), purpose.when.as_ref(), &scope);
            if let Some(copy) = &purpose.copy {
                self.record(&member(&path, "copy"), copy, Subject::LoanSlip);
            }
            if !loans.zeroing.values().any(|zeroing| zeroing.purposes.contains(id)) {
                self.report(&path, format!("no entry of `loans.zeroing` brings slips for `{id}` to zero"));
            }
        }
        for (id, zeroing) in &loans.zeroing {
            let path = member("loans.zeroing", id);
            self.cites(&path, &zeroing.rule, &[]);
            self.each_of(&member(&path, "purposes"), "purpose", &zeroing.purposes, &loans.purposes);
            self.roles(&member(&path, "by"), &zeroing.by);
            match &zeroing.after {
                Evidence::Routine(routine) => {
                    self.one_of(&member(&path, "after"), "routine", routine, self.pack.routines.keys());
                }
                Evidence::Inspection if loans.inspection.is_none() => {
                    self.report(&member(&path, "after"), "there is no `loans.inspection`".to_owned());
                }
                Evidence::Inspection => {}
            }
        }
        if let Some(inspection) = &loans.inspection {
            self.cites("loans.inspection", &inspection.rule, &[]);
            self.roles("loans.inspection.by", &inspection.by);
        }
        if let Some(purchase) = &loans.purchase {
            self.cites("loans.purchase", &purchase.rule, &[]);
            self.roles("loans.purchase.proposed_by", &purchase.proposed_by);
            self.roles("loans.purchase.bought_by", &purchase.bought_by);
            self.roles("loans.purchase.kept_by", &purchase.kept_by);
        }
    }

    fn rate(&mut self, path: &str, rate: &'a Rate) {
        self.cites(path, &rate.rule, &rate.also);
        let scope = self.scope(Section::Limits);
        self.condition(&member(path, "when"), rate.when.as_ref(), &scope);
        self.condition(&member(path, "holds"), rate.holds.as_ref(), &scope);
        self.moment(&member(path, "counted"), &rate.counted, rate.of);
        if let Some(limit) = &rate.in_time {
            let own = self.pack.limits.iter().filter(|(_, limit)| limit.of == rate.of).map(|(id, _)| id);
            self.one_of(&member(path, "in_time"), "limit", limit, own);
        }
        match (&rate.in_time, &rate.holds) {
            (Some(_), None) | (None, Some(_)) => {}
            (None, None) => self.report(path, "asks for nothing; give `in_time` or `holds`".to_owned()),
            (Some(_), Some(_)) => self.report(path, "asks for two things; give `in_time` or `holds`".to_owned()),
        }
    }

    /// What is asked for when a routine is done.
    fn outcome(&mut self, path: &str, routine: &'a Routine) {
        if let Some(form) = &routine.form {
            self.one_of(&member(path, "form"), "form", form, self.pack.forms.keys());
        }
        let scope = self.routine_scope(routine);
        self.condition(&member(path, "condition"), routine.condition.as_ref(), &scope);
        if routine.condition.is_some() != routine.lifted_by.is_some() {
            self.report(path, "`condition` and `lifted_by` go together: say what would lift the refusal".to_owned());
        }
        self.each_of(&member(path, "rates"), "rate", &routine.rates, &self.pack.rates);
        let asks = routine.form.is_some() || !routine.rates.is_empty() || routine.person_in_charge;
        if asks && routine.of != Service::Evaluation {
            let message =
                "`form`, `rates` and `person_in_charge` go with `of: evaluation`: its duties are said to be done";
            self.report(path, message.to_owned());
        }
        if !routine.rates.is_empty() && routine.period.is_none() {
            self.report(&member(path, "rates"), "go by a `period`".to_owned());
        }
        if routine.person_in_charge && routine.per != Subject::Customer {
            self.report(&member(path, "person_in_charge"), "goes with `per: customer`".to_owned());
        }
        if routine.per == Subject::Customer && (routine.of != Service::Evaluation || routine.period.is_none()) {
            self.report(
                &member(path, "per"),
                "what is due for customers is `of: evaluation` and by `period`".to_owned(),
            );
        }
    }

    fn routine(&mut self, path: &str, routine: &'a Routine) {
        self.cites(path, &routine.rule, &routine.also);
        self.outcome(path, routine);
        self.roles(&member(path, "by"), &routine.by);
        self.roles(&member(path, "to"), &routine.to);
        if let Some(seen) = &routine.seen_to_by {
            let path = member(path, "seen_to_by");
            if (routine.of, routine.per) != (Service::Dispatch, Subject::Product) {
                let message = "work orders see to what is `of: dispatch` and `per: product`".to_owned();
                self.report(&path, message);
            }
            self.works(&member(&path, "works"), &seen.works);
            if let Some(record) = &seen.record {
                self.record(&member(&path, "record"), record, Subject::WorkOrder);
            }
        }
        if routine.at_least.is_some() && routine.every.is_none() {
            self.report(&member(path, "at_least"), "stands beside `every` alone".to_owned());
        }
        if routine.lapses && routine.period.is_none() {
            self.report(&member(path, "lapses"), "only what is due once in a `period` lapses with it".to_owned());
        }
        let by_interval = (routine.every.is_some(), !routine.from.is_empty());
        let by_period = (routine.period.is_some(), routine.due.is_some());
        match (by_interval, by_period) {
            ((true, true), (false, false)) | ((false, false), (true, true)) => {}
            _ => {
                self.report(path, "recurs by `every` with `from`, or by `period` with `due`; give one pair".to_owned());
            }
        }
    }
}
