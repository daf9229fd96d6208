//! What must be so before a step is taken.

use std::collections::BTreeSet;

use callout_contract::regulation::v1::Requirement;
use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{needs_fact, refusal};
use crate::{
    Regulation,
    dossier::{Actor, Dossier},
    facts::Facts,
    pack::{EachDay, Gate},
    refusal::{Refusal, Text, Undecided, alternatives},
    vocabulary::{Event, Moment, Step, Subject, words},
};

impl Regulation {
    /// Whether a step may be taken by this actor at this instant.
    ///
    /// Only what was on record, and only what had happened, by then counts: a notification given after the departure does
    /// not lift its refusal, however late the departure is reported. Before a step of a case its verdict is given anew, by
    /// what was on record then; before a step of what belongs to a case the facts say how it was given.
    ///
    /// # Errors
    /// Every refusal at once.
    pub fn gate(
        &self,
        step: impl Into<Step>,
        dossier: &Dossier,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Vec<Requirement>, Vec<Refusal>> {
        let step = step.into();
        let facts = self.facts_before(&step, dossier, at);
        let mut requirements = Vec::new();
        let mut refusals = Vec::new();
        for (id, gate) in self.pack.gates.iter().filter(|(_, gate)| gate.before.contains(&step)) {
            let entry = format!("gates.{id}");
            match gate.when.as_ref().map(|when| when.holds(&facts)).transpose() {
                Err(unknown) => refusals.push(unknown.refusal(&gate.rule, &entry)),
                Ok(Some(decided)) if !decided.value => {}
                Ok(_) if !gate.acting.is_empty() && !actor.is_one_of(&gate.acting) => {}
                Ok(_) => {
                    let found = self.lacking(&entry, gate, dossier, &facts, actor, at);
                    if found.is_empty() {
                        requirements.extend(self.requirements(gate));
                    }
                    refusals.extend(found);
                }
            }
        }
        if refusals.is_empty() { Ok(requirements) } else { Err(refusals) }
    }

    fn facts_before(&self, step: &Step, dossier: &Dossier, at: Timestamp) -> Facts {
        let mut facts = self.facts_at(dossier, at, at);
        if self.takes(step) == Some(Subject::Case) {
            let mut then = dossier.clone();
            then.records.retain(|record| record.occurred_at <= at);
            facts.set_verdict(&self.verdict(&then));
        }
        facts
    }

    /// What takes a step; none for a record that the pack does not have.
    fn takes(&self, step: &Step) -> Option<Subject> {
        match step {
            Step::Transition(transition) => Some(transition.subject()),
            Step::Record(kind) => self.pack.records.get(kind).map(|record| record.on),
        }
    }

    fn lacking(
        &self,
        entry: &str,
        gate: &Gate,
        dossier: &Dossier,
        facts: &Facts,
        actor: &Actor,
        at: Timestamp,
    ) -> Vec<Refusal> {
        let rule = &gate.rule;
        let mut refusals = Vec::new();
        refusals.extend(self.refuse_role(rule, entry, actor, &gate.by));
        if gate.needs_verdict {
            refusals.extend(self.refuse_verdict(rule, entry, facts));
        }
        let missing = gate.needs.iter().filter(|kind| dossier.record_by(kind, at).is_none());
        refusals.extend(missing.map(|kind| self.not_on_record(rule, entry, kind)));
        if !gate.needs_any.is_empty() && !gate.needs_any.iter().any(|kind| dossier.record_by(kind, at).is_some()) {
            refusals.push(self.none_on_record(rule, entry, &gate.needs_any));
        }
        for chain in &gate.needs_chains {
            refusals.extend(self.lacking_stations(chain, dossier, at, rule, entry));
        }
        if let Some(Text { en, zh }) = &gate.never {
            refusals.push(refusal(rule, entry, en.clone(), zh.clone(), Vec::new()));
        }
        let unknown = gate.needs_facts.iter().filter(|fact| facts.get(fact).is_none());
        refusals.extend(unknown.map(|fact| Undecided::Missing { fact: fact.clone() }.refusal(rule, entry)));
        for event in gate.after.iter().filter(|event| !has_happened(dossier, **event, at)) {
            refusals.push(refusal(
                rule,
                entry,
                format!("`{event}` has not happened yet"),
                format!("尚未完成:{event}"),
                vec![format!("event:{event}")],
            ));
        }
        if let Some(each_day) = &gate.each_day {
            let missing = self.days_without(each_day, dossier, at);
            refusals.extend(missing.into_iter().map(|day| self.not_of_the_day(rule, entry, &each_day.record, day)));
        }
        if let Some(condition) = &gate.condition {
            match condition.holds(facts) {
                Err(unknown) => refusals.push(unknown.refusal(rule, entry)),
                Ok(decided) if decided.value => {}
                Ok(_) => {
                    let (en, zh) = gate.lifted_by.as_ref().map_or(("", ""), |text| (&text.en, &text.zh));
                    refusals.push(refusal(
                        rule,
                        entry,
                        format!("not before: {en}"),
                        format!("须先满足:{zh}"),
                        vec![format!("condition:{condition}")],
                    ));
                }
            }
        }
        refusals
    }

    /// Refuses by what the verdict lacks, each by its own rule; by the verdict's rule where it lacks nothing.
    fn refuse_verdict(&self, rule: &str, entry: &str, facts: &Facts) -> Vec<Refusal> {
        let Some(outcome) = facts.text(words::VERDICT_OUTCOME) else {
            return vec![Undecided::Missing { fact: words::VERDICT_OUTCOME.name().to_owned() }.refusal(rule, entry)];
        };
        let is_held = outcome == "held";
        if !is_held && outcome != "refused" {
            return Vec::new();
        }
        let own_rule = facts.text(words::VERDICT_RULE).unwrap_or_else(|| rule.to_owned());
        let lacks = facts.texts(words::VERDICT_LACKS).unwrap_or_default();
        if lacks.is_empty() {
            let (en, zh) = if is_held {
                (
                    "held: lifted when the product and the case are such as the regulation speaks of",
                    "待定:须补充产品或请求资料",
                )
            } else {
                (
                    "refused: the regulation does not cover it, and nothing on record would lift this",
                    "不在服务范围内,无可补办事项",
                )
            };
            return vec![refusal(&own_rule, entry, en.to_owned(), zh.to_owned(), Vec::new())];
        }
        lacks.iter().map(|needs| self.refuse_lack(&own_rule, entry, needs)).collect()
    }

    /// What is lacking as a requirement names it: a record refuses by its own rule, anything else by that of the verdict.
    pub(super) fn refuse_lack(&self, own_rule: &str, entry: &str, needs: &str) -> Refusal {
        if let Some((kind, record)) = self.pack.records.iter().find(|(kind, _)| self.needs_record(kind) == needs) {
            return self.not_on_record(&record.rule, entry, kind);
        }
        match needs.strip_prefix(&needs_fact("")) {
            Some(fact) => Undecided::Missing { fact: fact.to_owned() }.refusal(own_rule, entry),
            None => refusal(own_rule, entry, needs.to_owned(), format!("尚未判定:{needs}"), Vec::new()),
        }
    }

    /// The days for which a record was not made by an instant.
    fn days_without(&self, asked: &EachDay, dossier: &Dossier, at: Timestamp) -> Vec<Date> {
        let day_of = |instant: Timestamp| self.zone.to_datetime(instant).date();
        let Some(from) = dossier.first(&Moment::Event(asked.from)).filter(|from| *from <= at) else {
            return Vec::new();
        };
        let to = dossier.first(&Moment::Event(asked.to)).filter(|to| *to <= at).unwrap_or(at);
        let made = dossier.records.iter().filter(|record| record.kind == asked.record && record.occurred_at <= at);
        let made: BTreeSet<Date> = made.filter_map(|record| record.fields.get(&asked.field)?.parse().ok()).collect();
        let days = day_of(from).series(1.day()).take_while(|day| *day <= day_of(to));
        days.filter(|day| !made.contains(day)).collect()
    }

    fn not_of_the_day(&self, rule: &str, entry: &str, kind: &str, day: Date) -> Refusal {
        let (en, zh) = self.record_name(kind);
        let (en, zh) = (format!("not on record: {en} of {day}"), format!("缺少{day}的记录:{zh}"));
        refusal(rule, entry, en, zh, vec![format!("record:{kind}")])
    }

    fn not_on_record(&self, rule: &str, entry: &str, kind: &str) -> Refusal {
        let (en, zh) = self.record_name(kind);
        let (en, zh) = (format!("not on record: {en}"), format!("缺少记录:{zh}"));
        refusal(rule, entry, en, zh, vec![format!("record:{kind}")])
    }

    pub(super) fn none_on_record(&self, rule: &str, entry: &str, kinds: &[String]) -> Refusal {
        let (en, zh): (Vec<&str>, Vec<&str>) = kinds.iter().map(|kind| self.record_name(kind)).unzip();
        let en = format!("not on record: {}", alternatives(&en, "or"));
        let zh = format!("缺少记录:{}", alternatives(&zh, "或"));
        refusal(rule, entry, en, zh, kinds.iter().map(|kind| format!("record:{kind}")).collect())
    }

    fn requirements<'a>(&'a self, gate: &'a Gate) -> impl Iterator<Item = Requirement> + 'a {
        let met = move |needs: String| Requirement { rule: gate.rule.clone(), needs, met: true };
        let records = gate.needs.iter().map(move |kind| met(self.needs_record(kind)));
        let any = (!gate.needs_any.is_empty()).then(|| met(self.any_of(&gate.needs_any)));
        let chains = gate.needs_chains.iter().map(move |chain| met(format!("chain: {chain}")));
        let facts = gate.needs_facts.iter().map(move |fact| met(needs_fact(fact)));
        let events = gate.after.iter().map(move |event| met(format!("event: {event}")));
        let verdict = gate.needs_verdict.then(|| met("verdict: free, paid or contract".to_owned()));
        let daily =
            gate.each_day.iter().map(move |daily| met(format!("{}, each day", self.needs_record(&daily.record))));
        let condition = gate.condition.iter().map(move |condition| met(format!("condition: {condition}")));
        let roles = (!gate.by.is_empty()).then(|| met(format!("role: {}", gate.by.join(" or "))));
        roles
            .into_iter()
            .chain(verdict)
            .chain(records)
            .chain(any)
            .chain(chains)
            .chain(facts)
            .chain(events)
            .chain(daily)
            .chain(condition)
    }
}

fn has_happened(dossier: &Dossier, event: Event, at: Timestamp) -> bool {
    dossier.first(&Moment::Event(event)).is_some_and(|happened_at| happened_at <= at)
}
