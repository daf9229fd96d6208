//! Goods that customers send back.

use super::Checker;
use crate::{
    pack::{FieldKind, Return, Signature},
    source::member,
    vocabulary::Subject,
};

impl<'a> Checker<'a> {
    pub(super) fn returns(&mut self) {
        let pack = self.pack;
        for (id, terms) in &pack.returns {
            self.goods_returned(&member("returns", id), terms);
        }
    }

    fn goods_returned(&mut self, path: &str, terms: &'a Return) {
        self.cites(path, &terms.rule, &terms.also);
        self.one_of(&member(path, "form"), "form", &terms.form, self.pack.forms.keys());
        self.roles(&member(path, "filled_by"), &terms.filled_by);
        self.signature(&member(path, "approval"), &terms.approval);
        self.signature(&member(path, "receipt"), &terms.receipt);
        let (booking, path_of_booking) = (&terms.booking, member(path, "booking"));
        self.cites(&path_of_booking, &booking.rule, &[]);
        self.roles(&member(&path_of_booking, "by"), &booking.by);
        let approved = member(&path_of_booking, "approved");
        self.record(&member(&approved, "record"), &booking.approved.record, Subject::Case);
        let record = self.pack.records.get(&booking.approved.record);
        let form = record.and_then(|record| self.pack.forms.get(record.form.as_ref()?));
        let field = form.and_then(|form| form.fields.get(&booking.approved.field));
        if field.is_none_or(|field| field.kind != FieldKind::Number) {
            let message =
                format!("the form of `{}` has no number `{}`", booking.approved.record, booking.approved.field);
            self.report(&member(&approved, "field"), message);
        }
        if let Some(setting) = &booking.overrun {
            self.one_of(&member(&path_of_booking, "overrun"), "setting", setting, self.pack.settings.keys());
        }
        if let Some(evidence) = &terms.evidence {
            let path = member(path, "evidence");
            self.cites(&path, &evidence.rule, &[]);
            if evidence.papers.is_empty() {
                self.report(&member(&path, "papers"), "name at least one".to_owned());
            }
        }
    }

    fn signature(&mut self, path: &str, signature: &'a Signature) {
        self.cites(path, &signature.rule, &[]);
        self.roles(&member(path, "by"), &signature.by);
    }
}
