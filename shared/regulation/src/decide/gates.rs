//! What must be so before a step is taken.

use callout_contract::regulation::v1::Requirement;
use jiff::Timestamp;

use super::refusal;
use crate::{
    Regulation,
    dossier::{Actor, Dossier},
    pack::Gate,
    refusal::Refusal,
    vocabulary::{Event, Moment, Transition},
};

impl Regulation {
    /// Whether a step may be taken by this actor at this instant.
    ///
    /// Only what was on record, and only what had happened, by then counts: a notification given after the departure does
    /// not lift its refusal, however late the departure is reported.
    ///
    /// # Errors
    /// Every refusal at once.
    pub fn gate(
        &self,
        step: Transition,
        dossier: &Dossier,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<Vec<Requirement>, Vec<Refusal>> {
        let mut requirements = Vec::new();
        let mut refusals = Vec::new();
        for (id, gate) in self.pack.gates.iter().filter(|(_, gate)| gate.before.contains(&step)) {
            let entry = format!("gates.{id}");
            match gate.when.as_ref().map(|when| when.holds(&dossier.facts)).transpose() {
                Err(unknown) => refusals.push(unknown.refusal(&gate.rule, &entry)),
                Ok(Some(decided)) if !decided.value => {}
                Ok(_) if !gate.acting.is_empty() && !actor.is_one_of(&gate.acting) => {}
                Ok(_) => {
                    let found = self.lacking(&entry, gate, dossier, actor, at);
                    if found.is_empty() {
                        requirements.extend(self.requirements(gate));
                    }
                    refusals.extend(found);
                }
            }
        }
        if refusals.is_empty() { Ok(requirements) } else { Err(refusals) }
    }

    fn lacking(&self, entry: &str, gate: &Gate, dossier: &Dossier, actor: &Actor, at: Timestamp) -> Vec<Refusal> {
        let rule = &gate.rule;
        let mut refusals = Vec::new();
        refusals.extend(self.refuse_role(rule, entry, actor, &gate.by));
        for kind in gate.needs.iter().filter(|kind| dossier.record_by(kind, at).is_none()) {
            let (en, zh) = self.pack.records.get(kind).map_or((kind, kind), |record| (&record.en, &record.zh));
            refusals.push(refusal(
                rule,
                entry,
                format!("not on record: {en}"),
                format!("缺少记录:{zh}"),
                vec![format!("record:{kind}")],
            ));
        }
        for fact in gate.needs_facts.iter().filter(|fact| dossier.facts.get(fact).is_none()) {
            refusals.push(refusal(
                rule,
                entry,
                format!("`{fact}` is not known"),
                format!("尚不知道 {fact}"),
                vec![format!("fact:{fact}")],
            ));
        }
        for event in gate.after.iter().filter(|event| !has_happened(dossier, **event, at)) {
            refusals.push(refusal(
                rule,
                entry,
                format!("`{event}` has not happened yet"),
                format!("尚未完成:{event}"),
                vec![format!("event:{event}")],
            ));
        }
        if let Some(condition) = &gate.condition {
            match condition.holds(&dossier.facts) {
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

    fn requirements<'a>(&'a self, gate: &'a Gate) -> impl Iterator<Item = Requirement> + 'a {
        let met = move |needs: String| Requirement { rule: gate.rule.clone(), needs, met: true };
        let records = gate.needs.iter().map(move |kind| met(self.needs_record(kind)));
        let facts = gate.needs_facts.iter().map(move |fact| met(format!("fact: {fact}")));
        let events = gate.after.iter().map(move |event| met(format!("event: {event}")));
        let condition = gate.condition.iter().map(move |condition| met(format!("condition: {condition}")));
        let roles = (!gate.by.is_empty()).then(|| met(format!("role: {}", gate.by.join(" or "))));
        roles.into_iter().chain(records).chain(facts).chain(events).chain(condition)
    }
}

fn has_happened(dossier: &Dossier, event: Event, at: Timestamp) -> bool {
    dossier.first(&Moment::Event(event)).is_some_and(|happened_at| happened_at <= at)
}
