//! Which facts are known in a section, and what each may say in this pack.

use super::Checker;
use crate::{
    expression::Scope,
    pack::{FieldKind, Form, Outcome, Routine, Tariff},
    source::element,
    vocabulary::{Kind, Section, Values, WORKS, words},
};

impl Checker<'_> {
    /// The words of the vocabulary that are known in a section.
    pub(super) fn scope(&self, section: Section) -> Scope {
        let mut scope = Scope::of(section);
        for definition in words::ALL.iter().filter(|definition| definition.known_in.contains(&section)) {
            let values = match definition.kind {
                Kind::Text(values) | Kind::Texts(values) => self.values(values),
                Kind::Flag | Kind::Number | Kind::Numbers => None,
            };
            scope.know(definition.word, definition.kind, values);
        }
        for setting in self.pack.settings.keys().filter(|_| section != Section::Classes) {
            scope.know(&format!("setting.{setting}"), Kind::Number, None);
        }
        if matches!(section, Section::Verdicts | Section::Gates | Section::Limits) {
            let states = ["none", "not_begun", "running", "over"].map(str::to_owned);
            for term in self.pack.coverage.terms.keys() {
                scope.know(&format!("term.{term}"), Kind::Text(Values::Any), Some(states.to_vec()));
            }
        }
        if Self::reads_records(section) {
            self.know_records(&mut scope);
        }
        scope
    }

    /// Whether something with records is decided about in a section.
    const fn reads_records(section: Section) -> bool {
        match section {
            Section::Verdicts | Section::Gates | Section::Limits | Section::Consequences => true,
            Section::Classes
            | Section::Priorities
            | Section::Tariffs
            | Section::Charges
            | Section::Loans
            | Section::Routines
            | Section::Losses
            | Section::Covers
            | Section::Indicators
            | Section::Scales
            | Section::Cancelled
            | Section::PerformancePay
            | Section::Income => false,
        }
    }

    /// What records say, and how many there are.
    fn know_records(&self, scope: &mut Scope) {
        for (kind, record) in &self.pack.records {
            scope.know(&format!("records.{kind}"), Kind::Number, None);
            let form = record.form.as_ref().and_then(|form| self.pack.forms.get(form));
            know_fields(scope, &format!("record.{kind}"), form);
        }
    }

    /// What is known when a routine is done: the fields of its form.
    pub(super) fn routine_scope(&self, routine: &Routine) -> Scope {
        let mut scope = self.scope(Section::Routines);
        let form = routine.form.as_ref().and_then(|form| self.pack.forms.get(form));
        know_fields(&mut scope, "form", form);
        scope
    }

    /// A tariff also knows the columns of its table and the prices that the organisation keeps.
    pub(super) fn tariff_scope(&self, tariff: &Tariff) -> Scope {
        let mut scope = self.scope(Section::Tariffs);
        let table = tariff.table.as_ref().and_then(|table| self.pack.tables.get(table));
        for column in table.iter().flat_map(|table| table.columns.keys()) {
            scope.know(&format!("table.{column}"), Kind::Number, None);
        }
        for kind in self.pack.prices.keys() {
            scope.know(&format!("price.{kind}"), Kind::Number, None);
        }
        scope
    }

    /// Kinds of work: the suite's own, or of the pack.
    pub(super) fn works(&mut self, path: &str, works: &[String]) {
        let known: Vec<String> = self.values(Values::Works).unwrap_or_default();
        for (index, work) in works.iter().enumerate() {
            self.one_of(&element(path, index), "work", work, known.iter());
        }
    }

    fn values(&self, values: Values) -> Option<Vec<String>> {
        let pack = self.pack;
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let and = |words: &[&str], declared: Vec<String>| Some([owned(words), declared].concat());
        match values {
            Values::Any => None,
            Values::OneOf(words) => Some(owned(words)),
            Values::Makers => and(&["own"], pack.parties.keys().cloned().collect()),
            Values::Parties => Some(pack.parties.keys().cloned().collect()),
            Values::Requesters => and(&["customer"], pack.parties.keys().cloned().collect()),
            Values::Payers => and(&["customer", "company"], pack.parties.keys().cloned().collect()),
            Values::Works => and(WORKS, pack.works.keys().cloned().collect()),
            Values::Classes => Some(pack.coverage.classes.iter().map(|row| row.class.clone()).collect()),
            Values::Tariffs => and(&[""], pack.tariffs.keys().cloned().collect()),
            Values::ItemCategories => Some(pack.item_categories.keys().cloned().collect()),
            Values::ProductCategories => Some(pack.product_categories.keys().cloned().collect()),
            Values::Parts => and(&["other"], pack.parts.keys().cloned().collect()),
            Values::Regions => Some(pack.regions.keys().cloned().collect()),
            Values::Severities => and(&["ordinary"], pack.severities.keys().cloned().collect()),
            Values::Remedies => and(&["none"], pack.coverage.remedies.keys().cloned().collect()),
            Values::Purposes => Some(pack.loans.iter().flat_map(|loans| loans.purposes.keys().cloned()).collect()),
            Values::Scorecards => Some(pack.scorecards.keys().cloned().collect()),
            Values::Roles => Some(pack.roles.keys().cloned().collect()),
        }
    }

    /// Whether an outcome is one that a customer is quoted for.
    pub(super) fn is_quoted(outcome: Outcome) -> bool {
        match outcome {
            Outcome::Paid => true,
            Outcome::Free | Outcome::Contract | Outcome::Held | Outcome::Refused => false,
        }
    }
}

/// The fields of a form, each as a fact below `noun`.
fn know_fields(scope: &mut Scope, noun: &str, form: Option<&Form>) {
    for (id, field) in form.into_iter().flat_map(|form| &form.fields) {
        let (fact, values) = match field.kind {
            FieldKind::Number => (Kind::Number, None),
            FieldKind::YesNo => (Kind::Flag, None),
            FieldKind::Choice => (Kind::Text(Values::Any), Some(field.values.clone())),
            FieldKind::Text | FieldKind::Date | FieldKind::Instant => (Kind::Text(Values::Any), None),
        };
        scope.know(&format!("{noun}.{id}"), fact, values);
    }
}
