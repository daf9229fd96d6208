//! Limits and chains of stations.

use super::Checker;
use crate::{
    expression::Scope,
    pack::{Chain, FieldKind, Limit, Station, Tier},
    source::{element, member},
    vocabulary::{Event, Moment, Subject},
};

impl<'a> Checker<'a> {
    pub(super) fn limit(&mut self, path: &str, limit: &'a Limit, scope: &Scope) {
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
        self.roles(&member(path, "to_by"), &limit.to_by);
        if !limit.to_by.is_empty() && matches!(limit.to, Moment::Event(_)) {
            let message =
                "goes with `to: record:<kind>`: of an event it is not known in which role it was made to happen";
            self.report(&member(path, "to_by"), message.to_owned());
        }
        let says = [limit.amount.is_some(), !limit.tiers.is_empty(), limit.by_day.is_some()];
        match says.into_iter().filter(|said| *said).count() {
            0 => self.report(path, "says no time; give `amount`, `tiers` or `by_day`".to_owned()),
            1 => {}
            _ => self.report(path, "says its time twice; give `amount`, `tiers` or `by_day`".to_owned()),
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

    pub(super) fn chain(&mut self, path: &str, chain: &'a Chain, scope: &Scope) {
        self.cites(path, &chain.rule, &chain.also);
        self.condition(&member(path, "when"), chain.when.as_ref(), scope);
        self.moment(&member(path, "from"), &chain.from, chain.of);
        let stations = member(path, "stations");
        if chain.stations.is_empty() {
            self.report(&stations, "name at least one".to_owned());
        }
        for (index, station) in chain.stations.iter().enumerate() {
            let path = element(&stations, index);
            if chain.stations[..index].iter().any(|earlier| earlier.record == station.record) {
                self.report(&member(&path, "record"), format!("the station `{}` stands here twice", station.record));
            }
            self.station(&path, station, chain.of, scope);
        }
    }

    fn station(&mut self, path: &str, station: &'a Station, of: Subject, scope: &Scope) {
        if let Some(rule) = &station.rule {
            self.rule(&member(path, "rule"), rule);
        }
        self.record(&member(path, "record"), &station.record, of);
        self.condition(&member(path, "when"), station.when.as_ref(), scope);
        if station.amount.is_some() && !station.tiers.is_empty() {
            self.report(path, "says its time twice; give `amount`, `tiers` or neither".to_owned());
        }
        self.tiers(&member(path, "tiers"), &station.tiers, scope);
        if let Some(responsible) = &station.responsible {
            self.one_of(&member(path, "responsible"), "role", responsible, self.pack.roles.keys());
        }
        let may_pass = self.pack.records.get(&station.record).map(|record| record.by.as_slice()).unwrap_or_default();
        let authority = member(path, "authority");
        for (index, row) in station.authority.iter().enumerate() {
            let path = element(&authority, index);
            self.condition(&member(&path, "when"), row.when.as_ref(), scope);
            self.roles(&member(&path, "by"), &row.by);
            for role in row.by.iter().filter(|role| !may_pass.contains(role)) {
                let message = format!("`{role}` may not make the record `{}` at all", station.record);
                self.report(&member(&path, "by"), message);
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

    pub(super) fn moment(&mut self, path: &str, moment: &Moment, subject: Subject) {
        match moment {
            Moment::Event(event) => self.event(path, *event, subject),
            Moment::Record(kind) => self.record(path, kind, subject),
        }
    }

    /// An event that is known where something is decided about `subject`.
    pub(super) fn event(&mut self, path: &str, event: Event, subject: Subject) {
        if !event.subjects().iter().any(|of| of.is_known_to(subject)) {
            let of = event.subjects().iter().map(|of| of.word()).collect::<Vec<_>>().join(", ");
            self.report(path, format!("`{event}` happens to a {of}, which a {subject} does not belong to"));
        }
    }
}
