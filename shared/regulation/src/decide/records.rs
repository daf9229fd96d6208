//! What may be put on record, and what may be found against a person.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use super::{known_words, refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    pack::{Field, FieldKind, Finding, Form, RecordKind},
    refusal::{Refusal, Text},
    vocabulary::Subject,
};

/// A record that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdmittedRecord {
    /// Its kind.
    pub kind: String,
    /// The rule that it comes from.
    pub rule: String,
    /// The party that it concerns; empty when the kind names none and none was given.
    pub party: String,
    /// The role in which it is made.
    pub role: String,
}

impl Regulation {
    /// Whether something may be put on record of a subject by this actor, with these values for the fields of its form.
    /// An empty `party` stands for the one that the kind names.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another subject, another role, another party, each field that is missing,
    /// unknown or not of its kind.
    pub fn admit_record(
        &self,
        on: Subject,
        kind: &str,
        party: &str,
        actor: &Actor,
        fields: &BTreeMap<String, String>,
    ) -> Result<AdmittedRecord, Vec<Refusal>> {
        let entry = format!("records.{kind}");
        let Some(record) = self.pack.records.get(kind) else {
            return Err(vec![unknown("", &entry, ("record", "记录"), kind, self.pack.records.keys())]);
        };
        let mut refusals = Vec::new();
        if record.on != on {
            refusals.push(refusal(
                &record.rule,
                &entry,
                format!("{} is put on record of a {}, not of a {on}", record.en, record.on),
                format!("“{}”应记录在 {} 上", record.zh, record.on),
                Vec::new(),
            ));
        }
        refusals.extend(self.refuse_role(&record.rule, &entry, actor, &record.by));
        refusals.extend(self.refuse_party(record, &entry, party));
        if let Some(form) = record.form.as_ref().and_then(|form| self.pack.forms.get(form)) {
            refusals.extend(check_form(form, &entry, fields));
        } else {
            let stray = |name: &String| {
                let (en, zh) = (
                    format!("{} has no form, so no field `{name}`", record.en),
                    format!("“{}”不需填表,没有“{name}”一栏", record.zh),
                );
                refusal(&record.rule, &entry, en, zh, Vec::new())
            };
            refusals.extend(fields.keys().map(stray));
        }
        let role = record.by.iter().find(|role| actor.roles.contains(*role));
        match role {
            Some(role) if refusals.is_empty() => Ok(AdmittedRecord {
                kind: kind.to_owned(),
                rule: record.rule.clone(),
                party: record.party.clone().unwrap_or_else(|| party.to_owned()),
                role: role.clone(),
            }),
            Some(_) | None => Err(refusals),
        }
    }

    /// Refuses a record to whoever stands for one of the roles in its subject whose own concern it is.
    ///
    /// # Errors
    /// A refusal by the record's rule; `stands_for` are the roles that the caller stands for there.
    pub fn admit_own(&self, kind: &str, stands_for: &[String]) -> Result<(), Vec<Refusal>> {
        let own = |record: &&RecordKind| record.not_by.iter().any(|role| stands_for.contains(role));
        let Some(record) = self.pack.records.get(kind).filter(own) else { return Ok(()) };
        Err(vec![refusal(
            &record.rule,
            &format!("records.{kind}"),
            format!("nobody puts the {} on record of his own", record.en),
            format!("本人不得办理自己的“{}”", record.zh),
            Vec::new(),
        )])
    }

    /// Whether this actor may make a finding of this kind.
    ///
    /// # Errors
    /// An unknown kind, or another role.
    pub fn admit_finding(&self, kind: &str, actor: &Actor) -> Result<&Finding, Vec<Refusal>> {
        let entry = format!("findings.{kind}");
        let Some(finding) = self.pack.findings.get(kind) else {
            return Err(vec![unknown("", &entry, ("finding", "违规事项"), kind, self.pack.findings.keys())]);
        };
        match self.refuse_role(&finding.rule, &entry, actor, &finding.by) {
            None => Ok(finding),
            Some(refusal) => Err(vec![refusal]),
        }
    }

    /// Whether what proves a finding is on record with what it is about.
    ///
    /// # Errors
    /// The refusal of each record that is missing, by the rule of the finding.
    pub fn prove_finding(&self, finding: &Finding, kind: &str, on_record: &[String]) -> Result<(), Vec<Refusal>> {
        let missing = finding.needs.iter().filter(|record| !on_record.contains(record)).map(|record| {
            let (en, zh) = self.record_name(record);
            let (en, zh) = (format!("not on record: {en}"), format!("未记录:{zh}"));
            refusal(&finding.rule, &format!("findings.{kind}"), en, zh, vec![format!("record:{record}")])
        });
        let refusals: Vec<_> = missing.collect();
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    fn refuse_party(&self, record: &RecordKind, entry: &str, party: &str) -> Option<Refusal> {
        let named = record.party.as_deref();
        let fits = party.is_empty() || named.map_or(self.pack.parties.contains_key(party), |named| named == party);
        (!fits).then(|| {
            let (en, zh) = named.map_or_else(
                || known_words(self.pack.parties.keys().map(String::as_str)),
                |named| (format!("it is `{named}`"), format!("应为 {named}")),
            );
            refusal(
                &record.rule,
                entry,
                format!("`{party}` is not the party of {}; {en}", record.en),
                format!("“{}”的相关方不是 {party};{zh}", record.zh),
                named.map(|named| format!("party:{named}")).into_iter().collect(),
            )
        })
    }
}

/// Everything that is wrong with a form as it was filled in.
pub(super) fn check_form(form: &Form, entry: &str, fields: &BTreeMap<String, String>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (id, field) in &form.fields {
        match fields.get(id).map(|value| value.trim()).filter(|value| !value.is_empty()) {
            Some(value) if is_of_kind(field, value) => {}
            Some(_) => refusals.push(refusal(
                &form.rule,
                entry,
                format!("field `{id}` ({}) must be {}", field.en, expected(field).en),
                format!("“{}”须填写{}", field.zh, expected(field).zh),
                vec![format!("field:{id}")],
            )),
            None if is_required(field, fields) => refusals.push(refusal(
                &form.rule,
                entry,
                format!("field `{id}` ({}) is missing", field.en),
                format!("“{}”未填写", field.zh),
                vec![format!("field:{id}")],
            )),
            None => {}
        }
    }
    let stray = fields.keys().filter(|name| !form.fields.contains_key(*name));
    refusals.extend(stray.map(|name| unknown(&form.rule, entry, ("field", "栏目"), name, form.fields.keys())));
    refusals
}

fn is_required(field: &Field, fields: &BTreeMap<String, String>) -> bool {
    match &field.required_when {
        Some(answer) => fields.get(&answer.field) == Some(&answer.is),
        None => !field.optional,
    }
}

fn is_of_kind(field: &Field, value: &str) -> bool {
    match field.kind {
        FieldKind::Text => true,
        FieldKind::Date => value.parse::<Date>().is_ok(),
        FieldKind::Instant => value.parse::<Timestamp>().is_ok(),
        FieldKind::Number => value.parse::<Decimal>().is_ok(),
        FieldKind::YesNo => ["yes", "no"].contains(&value),
        FieldKind::Choice => field.values.iter().any(|allowed| allowed == value),
    }
}

fn expected(field: &Field) -> Text {
    let (en, zh) = match field.kind {
        FieldKind::Text => ("a text", "文字"),
        FieldKind::Date => ("a date such as 2026-03-27", "日期,如 2026-03-27"),
        FieldKind::Instant => ("an instant such as 2026-03-27T10:00:00+08:00", "时刻,如 2026-03-27T10:00:00+08:00"),
        FieldKind::Number => ("a number", "数字"),
        FieldKind::YesNo => ("yes or no", "yes 或 no"),
        FieldKind::Choice => {
            let (en, zh) = (field.values.join(", "), field.values.join("、"));
            return Text { en: format!("one of {en}"), zh: format!("以下之一:{zh}") };
        }
    };
    Text { en: en.to_owned(), zh: zh.to_owned() }
}
