//! Coverage, priorities, gates and limits.

use super::Checker;
use crate::{
    expression::Scope,
    pack::{EachDay, FieldKind, Gate, Priority, VerdictRow},
    source::{element, member},
    vocabulary::{Section, Step, Subject},
};

impl<'a> Checker<'a> {
    pub(super) fn entitlement(&mut self) {
        self.classes();
        let scope = self.scope(Section::Verdicts);
        for (index, row) in self.pack.coverage.verdicts.iter().enumerate() {
            self.verdict(&element("coverage.verdicts", index), row, &scope);
        }
        self.terms();
        for (id, remedy) in &self.pack.coverage.remedies {
            let rows = member(&member("coverage.remedies", id), "rows");
            for (index, row) in remedy.rows.iter().enumerate() {
                let path = element(&rows, index);
                self.cites(&path, &row.rule, &row.also);
                self.condition(&member(&path, "when"), row.when.as_ref(), &scope);
                self.records(&member(&path, "needs"), &row.needs, Subject::Case);
                self.records(&member(&path, "needs_any"), &row.needs_any, Subject::Case);
                if remedy.rows[..index].iter().any(|earlier| earlier.id == row.id) {
                    self.report(&member(&path, "id"), format!("the id `{}` stands here twice", row.id));
                }
            }
        }
        let priorities = &self.pack.priorities;
        let queues =
            [("service", &priorities.service), ("parts", &priorities.parts), ("dispatch", &priorities.dispatch)];
        for (name, priority) in queues {
            if let Some(priority) = priority {
                self.priority(&member("priorities", name), priority);
            }
        }
        if let Some(solutions) = &self.pack.solutions {
            self.cites("solutions", &solutions.rule, &[]);
        }
        let scope = self.scope(Section::Gates);
        for (id, gate) in &self.pack.gates {
            self.gate(&member("gates", id), gate, &scope);
        }
        let scope = self.scope(Section::Limits);
        for (id, limit) in &self.pack.limits {
            self.limit(&member("limits", id), limit, &scope);
        }
        for (id, chain) in &self.pack.chains {
            self.chain(&member("chains", id), chain, &scope);
        }
        for (id, setting) in &self.pack.settings {
            self.cites(&member("settings", id), &setting.rule, &[]);
        }
    }

    fn each_day(&mut self, path: &str, asked: &EachDay, subject: Subject) {
        self.record(&member(path, "record"), &asked.record, subject);
        self.event(&member(path, "from"), asked.from, subject);
        self.event(&member(path, "to"), asked.to, subject);
        let record = self.pack.records.get(&asked.record);
        let form = record.and_then(|record| self.pack.forms.get(record.form.as_ref()?));
        if form.and_then(|form| form.fields.get(&asked.field)).is_none_or(|field| field.kind != FieldKind::Date) {
            let message = format!("the form of `{}` has no date `{}`", asked.record, asked.field);
            self.report(&member(path, "field"), message);
        }
    }

    fn terms(&mut self) {
        let coverage = &self.pack.coverage;
        let scope = self.scope(Section::Classes);
        for (id, term) in &coverage.terms {
            let path = member("coverage.terms", id);
            self.cites(&path, &term.rule, &term.also);
            self.condition(&member(&path, "when"), term.when.as_ref(), &scope);
            for (index, event) in term.from.iter().enumerate() {
                self.event(&element(&member(&path, "from"), index), *event, Subject::Product);
            }
            match (&term.after, term.from.is_empty()) {
                (None, false) => {}
                (None, true) => self.report(&path, "says no beginning; give `from` or `after`".to_owned()),
                (Some(_), false) => self.report(&path, "begins twice; give `from` or `after`".to_owned()),
                (Some(after), true) => {
                    // Only a term above: so no two can wait for each other.
                    let above = coverage.terms.keys().take_while(|other| *other != id).cloned().collect::<Vec<_>>();
                    self.one_of(&member(&path, "after"), "term above this one", after, above.iter());
                }
            }
        }
        self.each_of("coverage.warranty", "term", &coverage.warranty, &coverage.terms);
    }

    fn classes(&mut self) {
        let coverage = &self.pack.coverage;
        let scope = self.scope(Section::Classes);
        for (index, row) in coverage.classes.iter().enumerate() {
            let path = element("coverage.classes", index);
            self.cites(&path, &row.rule, &row.also);
            self.condition(&member(&path, "when"), Some(&row.when), &scope);
            if coverage.classes[..index].iter().any(|earlier| earlier.class == row.class) {
                self.report(&member(&path, "class"), format!("class `{}` stands here twice", row.class));
            }
        }
        self.cites("coverage.unclassified", &coverage.unclassified.rule, &[]);
        self.event("coverage.warranty_read_at", coverage.warranty_read_at, Subject::Case);
    }

    fn verdict(&mut self, path: &str, row: &'a VerdictRow, scope: &Scope) {
        let pack = self.pack;
        self.cites(path, &row.rule, &row.also);
        self.condition(&member(path, "when"), row.when.as_ref(), scope);
        if pack.coverage.verdicts.iter().filter(|other| other.id == row.id).count() > 1 {
            self.report(&member(path, "id"), format!("the id `{}` stands here twice", row.id));
        }
        match &row.tariff {
            Some(tariff) => self.one_of(&member(path, "tariff"), "tariff", tariff, pack.tariffs.keys()),
            None if Self::is_quoted(row.outcome) => {
                self.report(path, "a verdict `paid` names the `tariff` by which it is quoted".to_owned());
            }
            None => {}
        }
        if let Some(payer) = row.payer.as_ref().filter(|payer| !["customer", "company"].contains(&payer.as_str())) {
            self.one_of(&member(path, "payer"), "payer", payer, pack.parties.keys());
        }
        self.each_of(&member(path, "notify_before"), "party", &row.notify_before, &pack.parties);
        self.each_of(&member(path, "charge_after"), "party", &row.charge_after, &pack.parties);
        self.records(&member(path, "needs"), &row.needs, Subject::Case);
        match (row.needs.is_empty(), row.until_met) {
            (false, None) => self.report(path, "`needs` asks for `until_met`: `held` or `refused`".to_owned()),
            (true, Some(_)) => self.report(&member(path, "until_met"), "nothing is needed: leave it out".to_owned()),
            (false, Some(_)) | (true, None) => {}
        }
    }

    fn priority(&mut self, path: &str, priority: &'a Priority) {
        self.cites(path, &priority.rule, &[]);
        let scope = self.scope(Section::Priorities);
        for (index, rank) in priority.rank.iter().enumerate() {
            self.formula(&element(&member(path, "rank"), index), rank, &scope);
        }
    }

    fn gate(&mut self, path: &str, gate: &'a Gate, scope: &Scope) {
        self.cites(path, &gate.rule, &gate.also);
        self.condition(&member(path, "when"), gate.when.as_ref(), scope);
        self.condition(&member(path, "condition"), gate.condition.as_ref(), scope);
        self.roles(&member(path, "acting"), &gate.acting);
        self.roles(&member(path, "by"), &gate.by);
        if gate.before.is_empty() {
            self.report(&member(path, "before"), "name at least one step".to_owned());
        }
        self.each_of(&member(path, "needs_chains"), "chain", &gate.needs_chains, &self.pack.chains);
        for (index, step) in gate.before.iter().enumerate() {
            let subject = match step {
                Step::Transition(transition) => transition.subject(),
                Step::Record(kind) => {
                    self.one_of(&element(&member(path, "before"), index), "record", kind, self.pack.records.keys());
                    let Some(record) = self.pack.records.get(kind) else { continue };
                    record.on
                }
            };
            self.records(&member(path, "needs"), &gate.needs, subject);
            self.records(&member(path, "needs_any"), &gate.needs_any, subject);
            if let Some(each_day) = &gate.each_day {
                self.each_day(&member(path, "each_day"), each_day, subject);
            }
            for (index, event) in gate.after.iter().enumerate() {
                self.event(&element(&member(path, "after"), index), *event, subject);
            }
        }
        for (index, word) in gate.needs_facts.iter().enumerate() {
            if let Some(problem) = scope.problem_with(word) {
                self.report(&element(&member(path, "needs_facts"), index), problem);
            }
        }
        let asks_for_nothing = gate.by.is_empty()
            && gate.needs.is_empty()
            && gate.needs_any.is_empty()
            && gate.needs_chains.is_empty()
            && gate.never.is_none()
            && gate.needs_facts.is_empty()
            && gate.after.is_empty()
            && !gate.needs_verdict
            && gate.each_day.is_none()
            && gate.condition.is_none();
        if asks_for_nothing {
            let asks = "`by`, `needs`, `needs_any`, `needs_chains`, `needs_facts`, `needs_verdict`, `after`, \
                        `each_day`, `condition` or `never`";
            self.report(path, format!("asks for nothing; say {asks}"));
        }
        if gate.condition.is_some() != gate.lifted_by.is_some() {
            self.report(path, "`condition` and `lifted_by` go together: say what would lift the refusal".to_owned());
        }
    }
}
