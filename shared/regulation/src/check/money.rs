//! Tables, tariffs, charges, expenses and consequences.

use super::Checker;
use crate::{
    expression::Scope,
    pack::{Band, Consequence, GivenPrice, PartsPrice, Station, Tariff},
    source::{element, member},
    vocabulary::{Section, Subject, Trigger},
};

impl<'a> Checker<'a> {
    pub(super) fn money(&mut self) {
        let pack = self.pack;
        for (id, table) in &pack.tables {
            self.cites(&member("tables", id), &table.rule, &[]);
        }
        for (id, tariff) in &pack.tariffs {
            self.tariff(&member("tariffs", id), tariff);
        }
        let scope = self.scope(Section::Gates);
        for (id, waiver) in &pack.waivers {
            let path = member("waivers", id);
            self.cites(&path, &waiver.rule, &[]);
            self.condition(&member(&path, "when"), Some(&waiver.when), &scope);
            self.record(&member(&path, "needs"), &waiver.needs, Subject::WorkOrder);
        }
        let scope = self.scope(Section::Charges);
        for (id, charge) in &pack.charges {
            let path = member("charges", id);
            self.cites(&path, &charge.rule, &charge.also);
            self.one_of(&member(&path, "party"), "party", &charge.party, pack.parties.keys());
            self.condition(&member(&path, "when"), Some(&charge.when), &scope);
            self.formula(&member(&path, "amount"), &charge.amount, &scope);
        }
        for (id, expense) in &pack.expenses {
            let path = member("expenses", id);
            self.cites(&path, &expense.rule, &[]);
            self.record(&member(&path, "needs_before"), &expense.needs_before, Subject::Claim);
        }
        let scope = self.scope(Section::Consequences);
        for (id, consequence) in &pack.consequences {
            self.consequence(&member("consequences", id), consequence, &scope);
        }
    }

    fn tariff(&mut self, path: &str, tariff: &'a Tariff) {
        let pack = self.pack;
        self.cites(path, &tariff.rule, &tariff.also);
        if let Some(table) = &tariff.table {
            self.one_of(&member(path, "table"), "table", table, pack.tables.keys());
        }
        if let Some(free) = &tariff.free_modes {
            self.cites(&member(path, "free_modes"), &free.rule, &free.also);
        }
        let scope = self.tariff_scope(tariff);
        for (line, formula) in &tariff.lines {
            self.formula(&member(&member(path, "lines"), line), formula, &scope);
        }
        if let Some(given) = &tariff.given {
            self.given(&member(path, "given"), given, &scope);
        }
        if let Some(parts) = &tariff.parts {
            self.parts(&member(path, "parts"), parts, &scope);
        }
        for (party, parts) in &tariff.supplied_by {
            let path = member(&member(path, "supplied_by"), party);
            self.one_of(&path, "party", party, pack.parties.keys());
            self.parts(&path, parts, &scope);
        }
        if tariff.lines.is_empty() && tariff.items.is_empty() && tariff.parts.is_none() {
            self.report(path, "prices nothing; give `lines`, `items` or `parts`".to_owned());
        }
        if !tariff.items.is_empty() && !tariff.lines.is_empty() {
            self.report(path, "a quote has computed `lines` or given `items`, not both".to_owned());
        }
    }

    fn parts(&mut self, path: &str, parts: &'a PartsPrice, scope: &Scope) {
        self.cites(path, &parts.rule, &[]);
        match (&parts.price, &parts.given) {
            (Some(price), None) => self.formula(&member(path, "price"), price, scope),
            (None, Some(given)) => self.given(&member(path, "given"), given, scope),
            (None, None) => self.report(path, "says no price; give `price` or `given`".to_owned()),
            (Some(_), Some(_)) => self.report(path, "says its price twice; give `price` or `given`".to_owned()),
        }
    }

    fn given(&mut self, path: &str, given: &GivenPrice, scope: &Scope) {
        self.roles(&member(path, "by"), &given.by);
        if let Some(floor) = &given.floor {
            self.formula(&member(path, "floor"), floor, scope);
        }
    }

    fn consequence(&mut self, path: &str, consequence: &'a Consequence, scope: &Scope) {
        self.cites(path, &consequence.rule, &consequence.also);
        for (index, trigger) in consequence.on.iter().enumerate() {
            let path = element(&member(path, "on"), index);
            match trigger {
                Trigger::Limit(id) => self.one_of(&path, "limit", id, self.limit_names().iter()),
                Trigger::Finding(kind) => self.one_of(&path, "finding", kind, self.pack.findings.keys()),
            }
        }
        self.condition(&member(path, "when"), consequence.when.as_ref(), scope);
        match (&consequence.amount, &consequence.band, &consequence.proposal) {
            (Some(amount), None, None) => self.formula(&member(path, "amount"), amount, scope),
            (None, Some(band), None) => self.band(&member(path, "band"), band),
            (None, None, Some(proposal)) => {
                let path = member(path, "proposal");
                self.roles(&member(&path, "set_by"), &proposal.set_by);
                self.formula(&member(&path, "at_least"), &proposal.at_least, scope);
                if let Some(at_most) = &proposal.at_most {
                    self.formula(&member(&path, "at_most"), at_most, scope);
                }
            }
            (None, None, None) => self.report(path, "says no amount; give `amount`, `band` or `proposal`".to_owned()),
            (Some(_) | None, Some(_) | None, Some(_) | None) => {
                self.report(path, "says its amount twice; give `amount`, `band` or `proposal`".to_owned());
            }
        }
    }

    /// The limits of the pack and those of the timed stations of its chains, `<chain>.<record>`.
    fn limit_names(&self) -> Vec<String> {
        let timed = |station: &&Station| station.amount.is_some() || !station.tiers.is_empty();
        let stations = self.pack.chains.iter().flat_map(|(id, chain)| {
            chain.stations.iter().filter(timed).map(move |station| format!("{id}.{}", station.record))
        });
        self.pack.limits.keys().cloned().chain(stations).collect()
    }

    fn band(&mut self, path: &str, band: &Band) {
        self.roles(&member(path, "set_by"), &band.set_by);
        if band.min > band.max {
            self.report(path, format!("the band is empty: {} is more than {}", band.min, band.max));
        }
    }
}
