//! Roles, parties, records, forms, findings: what the other sections refer to.

use super::Checker;
use crate::{
    pack::{Field, FieldKind, Form, Promise, RecordKind},
    source::{element, member},
};

/// Roles of the suite itself: in tokens they may do everything in an organisation, whatever a regulation says.
const RESERVED_ROLES: &[&str] = &["administrator", "service"];

impl<'a> Checker<'a> {
    pub(super) fn words(&mut self) {
        let pack = self.pack;
        if pack.revision == 0 {
            self.report("revision", "revisions are counted from 1".to_owned());
        }
        for role in RESERVED_ROLES.iter().filter(|role| pack.roles.contains_key(**role)) {
            let message = format!("`{role}` is a role of the suite itself, which no rule narrows; take another name");
            self.report(&format!("roles.{role}"), message);
        }
        self.one_of("desk", "role", &pack.desk, pack.roles.keys());
        for (id, certificate) in &pack.certificates {
            self.cites(&format!("certificates.{id}"), &certificate.rule, &[]);
        }
        for (id, record) in &pack.records {
            let path = format!("records.{id}");
            self.cites(&path, &record.rule, &[]);
            self.roles(&member(&path, "by"), &record.by);
            self.roles(&member(&path, "not_by"), &record.not_by);
            if record.by.is_empty() {
                self.report(&member(&path, "by"), "name at least one role that may put it on record".to_owned());
            }
            if let Some(party) = &record.party {
                self.one_of(&member(&path, "party"), "party", party, pack.parties.keys());
            }
            if let Some(form) = &record.form {
                self.one_of(&member(&path, "form"), "form", form, pack.forms.keys());
            }
            if let Some(promise) = &record.promise {
                self.promise(&member(&path, "promise"), record, promise);
            }
        }
        for (id, form) in &pack.forms {
            self.form(&format!("forms.{id}"), form);
        }
        for (id, finding) in &pack.findings {
            let path = format!("findings.{id}");
            self.cites(&path, &finding.rule, &[]);
            self.roles(&member(&path, "by"), &finding.by);
            for (index, kind) in finding.needs.iter().enumerate() {
                self.one_of(&element(&member(&path, "needs"), index), "record", kind, pack.records.keys());
            }
        }
        for (id, standing) in &pack.standings {
            let path = format!("standings.{id}");
            self.cites(&path, &standing.rule, &[]);
            self.one_of(&member(&path, "limit"), "limit", &standing.limit, pack.limits.keys());
        }
    }

    fn promise(&mut self, path: &str, record: &RecordKind, promise: &Promise) {
        self.one_of(&member(path, "within"), "limit", &promise.within, self.pack.limits.keys());
        if self.pack.limits.get(&promise.within).is_some_and(|limit| limit.of != record.on) {
            let message = format!("`{}` is no limit of a {}", promise.within, record.on);
            self.report(&member(path, "within"), message);
        }
        let form = record.form.as_ref().and_then(|form| self.pack.forms.get(form));
        match form.and_then(|form| form.fields.get(&promise.field)).map(|field| field.kind) {
            Some(FieldKind::Date | FieldKind::Instant) => {}
            Some(FieldKind::Text | FieldKind::Number | FieldKind::YesNo | FieldKind::Choice) | None => {
                let message = format!("its form has no date or instant `{}`", promise.field);
                self.report(&member(path, "field"), message);
            }
        }
    }

    fn form(&mut self, path: &str, form: &'a Form) {
        self.cites(path, &form.rule, &[]);
        let fields = member(path, "fields");
        for (id, field) in &form.fields {
            self.field(&member(&fields, id), field, form);
        }
    }

    fn field(&mut self, path: &str, field: &Field, form: &Form) {
        match (field.kind, field.values.is_empty()) {
            (FieldKind::Choice, true) => {
                self.report(path, "a choice needs `values`".to_owned());
            }
            (FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::Number | FieldKind::YesNo, false) => {
                self.report(&member(path, "values"), "only a field of `kind: choice` has `values`".to_owned());
            }
            (FieldKind::Choice, false)
            | (FieldKind::Text | FieldKind::Date | FieldKind::Instant | FieldKind::Number | FieldKind::YesNo, true) => {
            }
        }
        if let Some(answer) = &field.required_when {
            let path = member(path, "required_when.field");
            self.one_of(&path, "field", &answer.field, form.fields.keys());
        }
    }
}
