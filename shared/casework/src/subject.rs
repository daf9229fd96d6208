//! One subject of a regulation, with everything that a decision about it may look at.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use callout_contract::{
    regulation::v1::{Chain, Limit, Verdict},
    types::v1::{self as pb, Milestone},
};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, clock, parse, telemetry};
use callout_regulation::{
    Actor, AdmittedRecord, Dossier, Facts, Limits, RecordEntry, Regulation,
    calendar::{Amount, Holidays},
    vocabulary::{self, Event, Step},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{Settings, occurred_at, records::Record, refused};

/// What is known about a subject, as it is kept in its row.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Facts by their word in the vocabulary.
    #[serde(default)]
    pub facts: Facts,
    /// What happened and when.
    #[serde(default)]
    pub milestones: Vec<(Event, Timestamp)>,
    /// What was put on record with it.
    #[serde(default)]
    pub records: Vec<Record>,
    /// What was put on record with the subject that it belongs to, and is known here too.
    #[serde(default)]
    pub inherited: Vec<RecordEntry>,
    /// The last day of the product's warranty.
    #[serde(default)]
    pub warranty_ends_on: Option<Date>,
    /// Days of the product's file.
    #[serde(default)]
    pub product_days: BTreeMap<Event, Date>,
    /// The term that a paper of the product itself states.
    #[serde(default)]
    pub stated_term: Option<Amount>,
    /// Limits of which others were told: that they were missed, each with the state that it was in, or that they were
    /// near their end, each with the time at which it falls due.
    #[serde(default)]
    pub told: BTreeSet<String>,
    /// By limit, how many of its misses that were told were taken back.
    #[serde(default)]
    pub retractions: BTreeMap<String, i32>,
}

/// A case, a work order, a loan slip, a claim or a product, under the regulation that it is judged by.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What it is.
    pub kind: vocabulary::Subject,
    /// Its resource name.
    pub name: String,
    /// The case that it belongs to, or is; empty for none.
    pub case: String,
    /// The persons known to stand for a role of the pack, such as the engineer who goes; others answer as a role.
    pub people: BTreeMap<String, String>,
    /// What it is judged by.
    pub regulation: Arc<Regulation>,
    /// What is known about it.
    pub standing: Standing,
}

impl Standing {
    /// What a decision looks at, but for what the organisation has set: see [`Subject::dossier`].
    #[must_use]
    pub fn dossier(&self) -> Dossier {
        let own = self.records.iter().map(|record| record.entry.clone());
        Dossier {
            facts: self.facts.clone(),
            milestones: self.milestones.clone(),
            records: self.inherited.iter().cloned().chain(own).collect(),
            product_days: self.product_days.clone(),
            stated_term: self.stated_term,
            settings: Vec::new(),
            warranty_ends_on: self.warranty_ends_on,
        }
    }

    /// Notes that something happened.
    pub fn happened(&mut self, event: Event, at: Timestamp) {
        self.milestones.push((event, at));
    }

    /// When something happened last.
    #[must_use]
    pub fn last(&self, event: Event) -> Option<Timestamp> {
        self.milestones.iter().filter(|(happened, _)| *happened == event).map(|(_, at)| *at).max()
    }

    /// The milestones as the contract has them, in the order of time.
    #[must_use]
    pub fn to_milestones(&self) -> Vec<Milestone> {
        let mut milestones = self.milestones.clone();
        milestones.sort_by_key(|(_, at)| *at);
        let milestone = |(event, at): (Event, Timestamp)| Milestone {
            event: event.word().to_owned(),
            occurred_at: Some(parse::to_timestamp(at)),
        };
        milestones.into_iter().map(milestone).collect()
    }

    /// The records as the contract has them, in the order in which they were entered.
    #[must_use]
    pub fn to_records(&self) -> Vec<pb::Record> {
        self.records.iter().map(pb::Record::from).collect()
    }
}

impl Subject {
    /// Everything that a decision looks at, with what the organisation has set.
    ///
    /// # Errors
    /// [`Error::NotFound`] while the organisation is not known here.
    pub fn dossier(&self, tx: &TenantTx) -> Result<Dossier, Error> {
        Ok(Dossier { settings: Settings::of(tx)?.values()?, ..self.standing.dossier() })
    }

    /// Checks everything that the regulation asks for before a step that is taken at `at`.
    ///
    /// # Errors
    /// [`Error::Refused`] with every rule that is not met.
    pub fn gate(&self, tx: &TenantTx, step: impl Into<Step>, at: Timestamp, caller: &Caller) -> Result<(), Error> {
        telemetry::about_case(&self.case);
        let actor = Actor::of(caller.roles.iter().cloned());
        self.regulation
            .gate(step, &self.dossier(tx)?, &actor, at)
            .map(drop)
            .map_err(|refusals| refused(&self.name, refusals))
    }

    /// Everything that a decision looks at, as of the organisation's time, for whoever asks several things.
    ///
    /// # Errors
    /// [`Error::NotFound`] while the organisation is not known here.
    pub fn judged(&self, tx: &TenantTx) -> Result<Judged<'_>, Error> {
        telemetry::about_case(&self.case);
        Ok(Judged { subject: self, dossier: self.dossier(tx)?, holidays: Settings::of(tx)?.holidays()?, now: tx.now() })
    }

    /// Puts something on record, if the regulation admits it from the caller's role.
    ///
    /// # Errors
    /// [`Error::Refused`] with everything that the regulation does not admit: by the record's rule a role that it does not
    /// count from, by the form's rule each field that is absent, unknown or not of its kind, by the gate's rule what must
    /// be there before; a kind that the pack does not have is refused by no rule. [`Error::Invalid`] for a time of the
    /// record that is in the future or before `not_before`.
    pub fn put_on_record(
        &mut self,
        tx: &TenantTx,
        caller: &Caller,
        record: pb::Record,
        not_before: Option<Timestamp>,
    ) -> Result<&Record, Error> {
        let at = occurred_at("record.occurred_at", record.occurred_at, tx.now(), not_before)?;
        let actor = Actor::of(caller.roles.iter().cloned());
        let fields: BTreeMap<String, String> = record.fields.into_iter().collect();
        let admitted = self
            .regulation
            .admit_record(self.kind, &record.kind, &record.party, &actor, &fields)
            .map_err(|refusals| refused(&self.name, refusals))?;
        let is_callers = |(_, person): &(&String, &String)| **person == caller.subject;
        let stands_for: Vec<String> = self.people.iter().filter(is_callers).map(|(role, _)| role.clone()).collect();
        self.regulation.admit_own(&admitted.kind, &stands_for).map_err(|refusals| refused(&self.name, refusals))?;
        if let Some(step) = self.regulation.step_of(&admitted.kind) {
            self.gate(tx, step, at, caller)?;
        }
        let AdmittedRecord { kind, party, role, .. } = admitted;
        let entry = RecordEntry { kind, party, role, occurred_at: at, fields };
        let holidays = Settings::of(tx)?.holidays()?;
        self.regulation
            .admit_promise(self.kind, &self.dossier(tx)?, &entry, &holidays, tx.now())
            .map_err(|refusals| refused(&self.name, refusals))?;
        self.admit_in_order(tx, &entry, &actor)?;
        self.standing.records.push(Record {
            name: format!("{}/records/{}", self.name, clock::new_id(tx.now())),
            entry,
            note: record.note,
            recorded_by: caller.subject.clone(),
            recorded_at: tx.now(),
        });
        self.standing.records.last().ok_or_else(|| Error::Internal(anyhow::anyhow!("a record that was just pushed")))
    }

    /// Checks the gates before a record and its place in the chains, both by what it is to say.
    fn admit_in_order(&self, tx: &TenantTx, entry: &RecordEntry, actor: &Actor) -> Result<(), Error> {
        let mut dossier = self.dossier(tx)?;
        dossier.records.push(entry.clone());
        let step = Step::Record(entry.kind.clone());
        let gated = self.regulation.gate(step, &dossier, actor, entry.occurred_at).map(drop);
        let in_order = self.regulation.pass_station(&entry.kind, &dossier, actor, entry.occurred_at);
        let refusals: Vec<_> = [gated, in_order].into_iter().filter_map(Result::err).flatten().collect();
        if refusals.is_empty() { Ok(()) } else { Err(refused(&self.name, refusals)) }
    }

    /// Who answers for a limit of `role`: the person who stands for it here, else the role.
    #[must_use]
    pub fn responsible(&self, role: &str) -> String {
        self.people.get(role).cloned().unwrap_or_else(|| role.to_owned())
    }

    /// Every limit that runs or ran: see [`Judged::limits`].
    ///
    /// # Errors
    /// [`Error::NotFound`] while the organisation is not known here.
    pub fn limits(&self, tx: &TenantTx) -> Result<Vec<Limit>, Error> {
        Ok(self.judged(tx)?.limits())
    }
}

/// A subject at an instant, with everything that a decision looks at.
pub struct Judged<'s> {
    subject: &'s Subject,
    /// What is known about it, with what the organisation has set.
    pub dossier: Dossier,
    holidays: Holidays,
    now: Timestamp,
}

impl Judged<'_> {
    /// Every limit that runs or ran, as it stands. One that cannot be decided yet, because a fact that it depends on is not
    /// known, does not run yet.
    #[must_use]
    pub fn limits(&self) -> Vec<Limit> {
        self.decided_limits().known
    }

    /// The same, with those that cannot be decided yet.
    pub(crate) fn decided_limits(&self) -> Limits {
        self.subject.regulation.limits(self.subject.kind, &self.dossier, &self.holidays, self.now)
    }

    /// What it is entitled to, with the remedies beside a repair.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let regulation = &self.subject.regulation;
        let mut verdict = regulation.verdict(&self.dossier);
        verdict.remedies = regulation.remedies(&self.dossier, &verdict);
        verdict
    }

    /// The chains of stations that it passes, each with how far it got.
    #[must_use]
    pub fn chains(&self) -> Vec<Chain> {
        self.subject.regulation.chains(self.subject.kind, &self.dossier, self.now)
    }
}
