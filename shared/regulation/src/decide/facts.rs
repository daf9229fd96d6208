//! What is known at an instant beside the facts of a subject: what its records say, and what the organisation has set.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use crate::{
    Regulation,
    dossier::Dossier,
    facts::{Facts, Value},
    pack::{Field, FieldKind, Form},
    vocabulary::Moment,
};

impl Regulation {
    /// The facts for a verdict: with everything that is on record, and with what was set when the case was received.
    pub(super) fn facts_of_a_case(&self, dossier: &Dossier) -> Facts {
        let received_at = dossier.first(&Moment::Event(self.pack.coverage.warranty_read_at));
        self.facts_at(dossier, Timestamp::MAX, received_at.unwrap_or(Timestamp::MAX))
    }

    /// The facts of a dossier with those that follow from it: `record.<kind>.<field>` from the latest record of each kind
    /// that was made by `at`, `records.<kind>` from how many there were, `setting.<id>` as it was valid on `set_at`.
    ///
    /// The two instants differ for limits: what was set counts as of their start, what is on record as of now.
    pub(crate) fn facts_at(&self, dossier: &Dossier, at: Timestamp, set_at: Timestamp) -> Facts {
        let mut facts = self.facts_on_record(dossier, at);
        facts.set_settings(&dossier.settings, self.zone.to_datetime(set_at).date());
        facts
    }

    /// The same for many decisions as of `at` that start at different times.
    pub(super) fn facts_over_time<'d>(&'d self, dossier: &'d Dossier, at: Timestamp) -> FactsOverTime<'d> {
        let on_record = self.facts_on_record(dossier, at);
        FactsOverTime { regulation: self, dossier, on_record, as_set: BTreeMap::new() }
    }

    fn facts_on_record(&self, dossier: &Dossier, at: Timestamp) -> Facts {
        let mut facts = dossier.facts.clone();
        for (kind, record) in &self.pack.records {
            let made = dossier.records.iter().filter(|record| record.kind == *kind && record.occurred_at <= at).count();
            facts.put(format!("records.{kind}"), Value::Number(Decimal::from(made)));
            let form = record.form.as_ref().and_then(|form| self.pack.forms.get(form));
            let (Some(form), Some(latest)) = (form, dossier.latest_record_by(kind, at)) else { continue };
            for (id, field) in &form.fields {
                if let Some(value) = filled_in(field, &latest.fields, id) {
                    facts.put(format!("record.{kind}.{id}"), value);
                }
            }
        }
        facts
    }
}

/// Facts that are put together once, and once more for each day on which other settings may have been valid.
pub(super) struct FactsOverTime<'d> {
    regulation: &'d Regulation,
    dossier: &'d Dossier,
    on_record: Facts,
    as_set: BTreeMap<Date, Facts>,
}

impl FactsOverTime<'_> {
    /// Those with what was set on the day of an instant.
    pub(super) fn as_set_at(&mut self, set_at: Timestamp) -> &Facts {
        if self.dossier.settings.is_empty() {
            return &self.on_record;
        }
        let day = self.regulation.zone.to_datetime(set_at).date();
        self.as_set.entry(day).or_insert_with(|| {
            let mut facts = self.on_record.clone();
            facts.set_settings(&self.dossier.settings, day);
            facts
        })
    }
}

/// What a form says that was filled in, as `form.<field>`.
pub(super) fn of_form(form: &Form, fields: &BTreeMap<String, String>) -> Facts {
    let mut facts = Facts::default();
    for (id, field) in &form.fields {
        if let Some(value) = filled_in(field, fields, id) {
            facts.put(format!("form.{id}"), value);
        }
    }
    facts
}

/// What a field says; nothing when it was left empty. Admitted forms have values of the field's kind.
fn filled_in(field: &Field, fields: &BTreeMap<String, String>, id: &str) -> Option<Value> {
    let text = fields.get(id).map(|text| text.trim()).filter(|text| !text.is_empty())?;
    match field.kind {
        FieldKind::Number => text.parse().ok().map(Value::Number),
        FieldKind::YesNo => Some(Value::Flag(text == "yes")),
        FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::Choice => {
            Some(Value::Text(text.to_owned()))
        }
    }
}
