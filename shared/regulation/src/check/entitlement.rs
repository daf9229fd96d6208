//! Coverage, priorities, gates and limits.

use super::Checker;
use crate::{
    expression::Scope,
    pack::{FieldKind, Gate, Limit, Priority, Tier, VerdictRow},
    source::{element, member},
    vocabulary::{Event, Moment, Section, Subject, find, nearest, words},
};

impl<'a> Checker<'a> {
    pub(super) fn entitlement(&mut self) {
        self.classes();
        let scope = self.scope(Section::Verdicts);
        for (index, row) in self.pack.coverage.verdicts.iter().enumerate() {
            self.verdict(&element("coverage.verdicts", index), row, &scope);
        }
        let priorities = &self.pack.priorities;
        for (name, priority) in [("service", &priorities.service), ("parts", &priorities.parts)] {
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
        for step in &gate.before {
            self.records(&member(path, "needs"), &gate.needs, step.subject());
            for (index, event) in gate.after.iter().enumerate() {
                self.event(&element(&member(path, "after"), index), *event, step.subject());
            }
        }
        for (index, word) in gate.needs_facts.iter().enumerate() {
            if find(word).is_none() {
                let near = nearest(word, words::ALL.iter().map(|definition| definition.word));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                self.report(&element(&member(path, "needs_facts"), index), format!("unknown fact `{word}`{hint}"));
            }
        }
        let asks_for_nothing = gate.by.is_empty()
            && gate.needs.is_empty()
            && gate.needs_facts.is_empty()
            && gate.after.is_empty()
            && !gate.needs_verdict
            && gate.condition.is_none();
        if asks_for_nothing {
            let asks = "`by`, `needs`, `needs_facts`, `needs_verdict`, `after` or `condition`";
            self.report(path, format!("asks for nothing; say {asks}"));
        }
        if gate.condition.is_some() != gate.lifted_by.is_some() {
            self.report(path, "`condition` and `lifted_by` go together: say what would lift the refusal".to_owned());
        }
    }

    fn limit(&mut self, path: &str, limit: &'a Limit, scope: &Scope) {
        self.cites(path, &limit.rule, &limit.also);
        self.condition(&member(path, "when"), limit.when.as_ref(), scope);
        self.moment(&member(path, "from"), &limit.from, limit.of);
        self.moment(&member(path, "to"), &limit.to, limit.of);
        for (index, moment) in limit.also_met_by.iter().enumerate() {
            self.moment(&element(&member(path, "also_met_by"), index), moment, limit.of);
        }
        for (index, moment) in limit.unless.iter().enumerate() {
            self.moment(&element(&member(path, "unless"), index), moment, limit.of);
        }
        match (limit.amount, limit.tiers.is_empty()) {
            (None, true) => self.report(path, "says no time; give `amount` or `tiers`".to_owned()),
            (Some(_), false) => self.report(path, "says its time twice; give `amount` or `tiers`".to_owned()),
            (Some(_), true) | (None, false) => {}
        }
        self.tiers(&member(path, "tiers"), &limit.tiers, scope);
        if !["customer", "receiver"].contains(&limit.responsible.as_str()) {
            self.one_of(&member(path, "responsible"), "role", &limit.responsible, self.pack.roles.keys());
        }
        self.records(&member(path, "lifted_by"), &limit.lifted_by, limit.of);
        if let Some(until) = &limit.until_record {
            let path = member(path, "until_record");
            self.record(&member(&path, "record"), &until.record, limit.of);
            let record = self.pack.records.get(&until.record);
            let form = record.and_then(|record| self.pack.forms.get(record.form.as_ref()?));
            match form.and_then(|form| form.fields.get(&until.field)).map(|field| field.kind) {
                Some(FieldKind::Date | FieldKind::Instant) => {}
                Some(FieldKind::Text | FieldKind::Number | FieldKind::YesNo | FieldKind::Choice) | None => self.report(
                    &member(&path, "field"),
                    format!("the form of `{}` has no date or instant `{}`", until.record, until.field),
                ),
            }
        }
    }

    fn tiers(&mut self, path: &str, tiers: &[Tier], scope: &Scope) {
        for (index, tier) in tiers.iter().enumerate() {
            let path = element(path, index);
            self.condition(&member(&path, "when"), tier.when.as_ref(), scope);
            let is_last = index + 1 == tiers.len();
            match (&tier.when, is_last) {
                (None, false) => {
                    self.report(&path, "a tier without `when` comes last: those after it never count".to_owned());
                }
                (Some(_), true) => {
                    self.report(&path, "the last tier has no `when`: it is for all other cases".to_owned());
                }
                (None, true) | (Some(_), false) => {}
            }
        }
    }

    fn moment(&mut self, path: &str, moment: &Moment, subject: Subject) {
        match moment {
            Moment::Event(event) => self.event(path, *event, subject),
            Moment::Record(kind) => self.record(path, kind, subject),
        }
    }

    /// An event that is known where something is decided about `subject`.
    fn event(&mut self, path: &str, event: Event, subject: Subject) {
        if !event.subjects().iter().any(|of| of.is_known_to(subject)) {
            let of = event.subjects().iter().map(|of| of.word()).collect::<Vec<_>>().join(", ");
            self.report(path, format!("`{event}` happens to a {of}, which a {subject} does not belong to"));
        }
    }
}
