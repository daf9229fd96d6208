//! Stations in their order: which is passed, which is next, and who may pass it.

use std::cell::LazyCell;

use callout_contract::regulation::v1::{Chain, Station, station::State};
use jiff::Timestamp;

use super::{limits::proto_time, refusal};
use crate::{
    Regulation,
    dossier::{Actor, Dossier},
    facts::Facts,
    pack,
    refusal::{Refusal, Undecided},
    vocabulary::{Moment, Subject},
};

/// Whether a station has to be passed, as far as that is known.
enum Needed {
    Yes,
    No,
    NotYetKnown(Undecided),
}

impl Regulation {
    /// The chains of a subject that apply, with where it stands in each.
    #[must_use]
    pub fn chains(&self, of: Subject, dossier: &Dossier, now: Timestamp) -> Vec<Chain> {
        self.running_chains(of, dossier, now).map(|(id, chain)| self.standing_in(id, chain, dossier, now)).collect()
    }

    /// Whether a record may be made now as far as the chains are concerned in which it is a station: those before it are
    /// passed, and the actor has the authority.
    ///
    /// `entered` is the dossier with the record that is to be made, since authority may go by what it says.
    ///
    /// # Errors
    /// Every refusal at once, by the rule of the chain.
    pub fn pass_station(
        &self,
        kind: &str,
        entered: &Dossier,
        actor: &Actor,
        at: Timestamp,
    ) -> Result<(), Vec<Refusal>> {
        let facts = self.facts_at(entered, at, at);
        let mut refusals = Vec::new();
        let of_the_record = self.pack.records.get(kind).map(|record| record.on);
        for (id, chain) in of_the_record.into_iter().flat_map(|of| self.running_chains(of, entered, at)) {
            let entry = format!("chains.{id}");
            let Some(place) = chain.stations.iter().position(|station| station.record == kind) else { continue };
            for earlier in &chain.stations[..place] {
                match needed(earlier, &facts) {
                    Needed::Yes if entered.record_by(&earlier.record, at).is_none() => {
                        refusals.push(self.not_passed(&chain.rule, &entry, &earlier.record));
                    }
                    Needed::Yes | Needed::No => {}
                    Needed::NotYetKnown(unknown) => refusals.push(unknown.refusal(&chain.rule, &entry)),
                }
            }
            refusals.extend(self.refuse_authority(chain, &chain.stations[place], &facts, actor, &entry));
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// The stations of a chain that were not passed by an instant, each as a refusal; none when the chain does not apply.
    pub(super) fn lacking_stations(
        &self,
        id: &str,
        dossier: &Dossier,
        at: Timestamp,
        rule: &str,
        entry: &str,
    ) -> Vec<Refusal> {
        let Some(chain) = self.pack.chains.get(id) else { return Vec::new() };
        let facts = self.facts_at(dossier, at, at);
        if let Some(when) = &chain.when {
            match when.holds(&facts) {
                Ok(decided) if !decided.value => return Vec::new(),
                Ok(_) => {}
                Err(unknown) => return vec![unknown.refusal(rule, entry)],
            }
        }
        let lacking = |station: &pack::Station| match needed(station, &facts) {
            Needed::Yes if dossier.record_by(&station.record, at).is_none() => {
                Some(self.not_passed(rule, entry, &station.record))
            }
            Needed::Yes | Needed::No => None,
            Needed::NotYetKnown(unknown) => Some(unknown.refusal(rule, entry)),
        };
        chain.stations.iter().filter_map(lacking).collect()
    }

    /// The limits of the timed stations, each with its id `<chain>.<record>`: from when the last timed station before it was
    /// passed to when it is.
    pub(super) fn station_limits(&self, of: Subject, dossier: &Dossier, now: Timestamp) -> Vec<(String, pack::Limit)> {
        let facts = LazyCell::new(|| self.facts_at(dossier, now, now));
        let mut limits = Vec::new();
        for (id, chain) in self.running_chains(of, dossier, now) {
            let mut from = chain.from.clone();
            let timed = |station: &&pack::Station| station.amount.is_some() || !station.tiers.is_empty();
            for station in chain.stations.iter().filter(timed) {
                if !matches!(needed(station, &facts), Needed::Yes) {
                    continue;
                }
                let to = Moment::Record(station.record.clone());
                let limit = self.station_limit(chain, station, std::mem::replace(&mut from, to.clone()), to);
                limits.push((format!("{id}.{}", station.record), limit));
            }
        }
        limits
    }

    fn station_limit(&self, chain: &pack::Chain, station: &pack::Station, from: Moment, to: Moment) -> pack::Limit {
        pack::Limit {
            rule: station.rule.clone().unwrap_or_else(|| chain.rule.clone()),
            also: Vec::new(),
            of: chain.of,
            when: None,
            from,
            to,
            to_by: Vec::new(),
            also_met_by: Vec::new(),
            unless: Vec::new(),
            before: None,
            amount: station.amount,
            tiers: station.tiers.clone(),
            by_day: None,
            responsible: self.responsible_at(station),
            warn_before: None,
            lifted_by: Vec::new(),
            until_record: None,
        }
    }

    fn responsible_at(&self, station: &pack::Station) -> String {
        let may_pass = || self.pack.records.get(&station.record).and_then(|record| record.by.first().cloned());
        station.responsible.clone().or_else(may_pass).unwrap_or_else(|| self.pack.desk.clone())
    }

    /// The chains of a kind of subject that apply to this one.
    fn running_chains(
        &self,
        of: Subject,
        dossier: &Dossier,
        at: Timestamp,
    ) -> impl Iterator<Item = (&str, &pack::Chain)> {
        // Most subjects have no chain: their facts are not put together.
        let facts = LazyCell::new(move || self.facts_at(dossier, at, at));
        let chains = self.pack.chains.iter().filter(move |(_, chain)| chain.of == of);
        chains.map(|(id, chain)| (id.as_str(), chain)).filter(move |(_, chain)| {
            chain.when.as_ref().is_none_or(|when| when.holds(&facts).is_ok_and(|decided| decided.value))
        })
    }

    fn standing_in(&self, id: &str, chain: &pack::Chain, dossier: &Dossier, now: Timestamp) -> Chain {
        let facts = self.facts_at(dossier, now, now);
        let mut reached_at = dossier.first(&chain.from);
        let mut stations = Vec::new();
        for station in &chain.stations {
            let passed_at = dossier.record_by(&station.record, now).map(|record| record.occurred_at);
            let state = match (needed(station, &facts), passed_at, reached_at) {
                (_, Some(_), _) => State::Passed,
                (Needed::No, None, _) => State::Skipped,
                (Needed::Yes | Needed::NotYetKnown(_), None, Some(_)) => State::Current,
                (Needed::Yes | Needed::NotYetKnown(_), None, None) => State::Ahead,
            };
            let entered_at = match state {
                State::Passed | State::Current => reached_at,
                State::Skipped | State::Ahead | State::Unspecified => None,
            };
            if state != State::Skipped {
                reached_at = passed_at;
            }
            stations.push(Station {
                record: station.record.clone(),
                state: state.into(),
                entered_at: entered_at.map(proto_time),
                passed_at: passed_at.map(proto_time),
                responsible: self.responsible_at(station),
                rule: station.rule.clone().unwrap_or_else(|| chain.rule.clone()),
            });
        }
        let passed = |station: &Station| matches!(station.state(), State::Passed | State::Skipped);
        Chain { chain: id.to_owned(), rule: chain.rule.clone(), passed: stations.iter().all(passed), stations }
    }

    fn refuse_authority(
        &self,
        chain: &pack::Chain,
        station: &pack::Station,
        facts: &Facts,
        actor: &Actor,
        entry: &str,
    ) -> Option<Refusal> {
        let rule = station.rule.as_ref().unwrap_or(&chain.rule);
        for row in &station.authority {
            match row.when.as_ref().map(|when| when.holds(facts)).transpose() {
                Err(unknown) => return Some(unknown.refusal(rule, entry)),
                Ok(Some(decided)) if !decided.value => {}
                Ok(_) => return self.refuse_role(rule, entry, actor, &row.by),
            }
        }
        None
    }

    fn not_passed(&self, rule: &str, entry: &str, record: &str) -> Refusal {
        let (en, zh) = self.record_name(record);
        let (en, zh) = (format!("not before: {en}"), format!("须先办理:{zh}"));
        refusal(rule, entry, en, zh, vec![format!("record:{record}")])
    }
}

fn needed(station: &pack::Station, facts: &Facts) -> Needed {
    match station.when.as_ref().map(|when| when.holds(facts)).transpose() {
        Ok(Some(decided)) if !decided.value => Needed::No,
        Ok(_) => Needed::Yes,
        Err(unknown) => Needed::NotYetKnown(unknown),
    }
}
