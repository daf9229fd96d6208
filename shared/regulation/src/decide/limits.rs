//! Until when something must have happened, and how it stands.

use callout_contract::regulation::v1::{Limit, limit::State};
use jiff::{SignedDuration, Timestamp};
use prost_types::Duration;

use crate::{
    Regulation,
    calendar::{Calendar, Due, Holidays, is_late, lateness},
    dossier::Dossier,
    expression::Inputs,
    facts::Facts,
    pack::{self, Before, ByDay, DueMonth},
    refusal::Undecided,
    vocabulary::{Moment, Subject},
};

/// The limits of a subject.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Those that run or ran.
    pub known: Vec<Limit>,
    /// Those that have started but cannot be computed, because a fact is missing.
    pub undecided: Vec<UndecidedLimit>,
}

/// A limit that has started but cannot be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndecidedLimit {
    /// The limit's id in the pack.
    pub limit: String,
    /// The rule that it comes from.
    pub rule: String,
    /// Why it cannot be computed.
    pub cause: Undecided,
}

/// When a limit falls due, and from what that follows.
struct Reckoned {
    started_at: Timestamp,
    /// The amount, or the day of a month, as packs write it.
    amount: String,
    due_at: Timestamp,
    /// The rule by which it falls due then: the limit's, or that of the record that sets the time.
    rule: String,
    inputs: Inputs,
    computation: Vec<String>,
}

impl Regulation {
    /// The limits of a subject whose start has happened and which apply, as they stand at `now`.
    ///
    /// A limit runs from the first time that its start happened: a second receipt or a confirmation given again does not
    /// move it. It is met the first time that its end happened, or what meets it as well, also when that was before the
    /// start, since what is done early is done. It does not run when something of its `unless` had happened by its start. A record that lifts a
    /// limit counts only while the limit was not met in time. Where a record lifts it, or sets its due time, the
    /// explanation is by the rule of that record.
    #[must_use]
    pub fn limits(&self, of: Subject, dossier: &Dossier, holidays: &Holidays, now: Timestamp) -> Limits {
        let calendar = self.calendar(holidays);
        let mut limits = Limits::default();
        let of_stations = self.station_limits(of, dossier, now);
        let of_stations = of_stations.iter().map(|(id, limit)| (id, "chains", limit));
        let own = self.pack.limits.iter().filter(|(_, limit)| limit.of == of).map(|(id, limit)| (id, "limits", limit));
        let mut facts = self.facts_over_time(dossier, now);
        for (id, section, limit) in own.chain(of_stations) {
            let Some(started_at) = dossier.first(&limit.from) else { continue };
            let had_happened = |moment| dossier.first(moment).is_some_and(|happened_at| happened_at <= started_at);
            if limit.unless.iter().any(had_happened) {
                continue;
            }
            match self.reckon(limit, dossier, &calendar, started_at, facts.as_set_at(started_at)) {
                Ok(None) => {}
                Ok(Some(reckoned)) => {
                    let entry = format!("{section}.{id}");
                    limits.known.push(self.standing_at(now, (id.clone(), entry), limit, dossier, &calendar, reckoned));
                }
                Err(cause) => {
                    limits.undecided.push(UndecidedLimit { limit: id.clone(), rule: limit.rule.clone(), cause });
                }
            }
        }
        limits
    }

    /// The standings that a customer reached by limits that were met in time.
    pub fn standings<'a>(&'a self, limits: &'a [Limit]) -> impl Iterator<Item = (&'a str, &'a pack::Standing)> {
        self.pack.standings.iter().map(|(id, standing)| (id.as_str(), standing)).filter(|(_, standing)| {
            limits.iter().any(|limit| limit.limit == standing.limit && limit.state() == State::Met)
        })
    }

    /// When a limit that started falls due; none when it does not apply.
    fn reckon(
        &self,
        limit: &pack::Limit,
        dossier: &Dossier,
        calendar: &Calendar,
        started_at: Timestamp,
        facts: &Facts,
    ) -> Result<Option<Reckoned>, Undecided> {
        let mut inputs = Inputs::new();
        if let Some(when) = &limit.when {
            let decided = when.holds(facts)?;
            if !decided.value {
                return Ok(None);
            }
            inputs.extend(decided.inputs);
        }
        let mut computation = Vec::new();
        let due = match limit.before {
            None => due_of(limit, facts, calendar, started_at, &mut inputs, &mut computation)?,
            Some(before) => due_before(before, dossier, calendar)?,
        };
        let Some((amount, due)) = due else { return Ok(None) };
        computation.push(due.computation);
        let (due_at, rule) = match due_by_record(limit, dossier, calendar) {
            None => (due.due_at, limit.rule.clone()),
            Some((kind, until)) => {
                computation.push(format!("{kind} sets {} instead of {}", self.local(until), limit.rule));
                (until, self.rule_of_record(kind))
            }
        };
        Ok(Some(Reckoned { started_at, amount, due_at, rule, inputs, computation }))
    }

    fn standing_at(
        &self,
        now: Timestamp,
        (id, entry): (String, String),
        limit: &pack::Limit,
        dossier: &Dossier,
        calendar: &Calendar,
        reckoned: Reckoned,
    ) -> Limit {
        let Reckoned { started_at, amount, due_at, mut rule, inputs, mut computation } = reckoned;
        let ends = std::iter::once(&limit.to).chain(&limit.also_met_by);
        let met = ends.filter_map(|end| Some((dossier.first_by(end, &limit.to_by)?, end))).min_by_key(|(at, _)| *at);
        let met_at = met.map(|(at, _)| at);
        let as_of = met_at.unwrap_or(now);
        let lifting = limit.lifted_by.iter().find(|kind| dossier.records.iter().any(|record| record.kind == **kind));
        let state = match (is_late(due_at, as_of), met_at, lifting) {
            (false, Some(_), _) => State::Met,
            (_, _, Some(kind)) => {
                computation.push(format!("{rule} is lifted by {kind}"));
                rule = self.rule_of_record(kind);
                State::Lifted
            }
            (false, None, None) => State::Running,
            (true, Some(_), None) => State::MetLate,
            (true, None, None) => State::Overdue,
        };
        let (late, late_days) = match state {
            State::MetLate | State::Overdue => (lateness(due_at, as_of), calendar.late_days(due_at, as_of)),
            State::Met | State::Running | State::Lifted | State::Unspecified => (SignedDuration::ZERO, 0),
        };
        let warn_at = limit.warn_before.and_then(|amount| calendar.before(due_at, amount).ok());
        Limit {
            limit: id,
            from_event: limit.from.to_string(),
            to_event: met.map_or(&limit.to, |(_, end)| end).to_string(),
            amount,
            started_at: Some(proto_time(started_at)),
            due_at: Some(proto_time(due_at)),
            met_at: met_at.map(proto_time),
            state: state.into(),
            late: Some(Duration { seconds: late.as_secs(), nanos: 0 }),
            late_days,
            responsible: limit.responsible.clone(),
            explanation: Some(self.explain(&rule, entry, inputs, computation.join("; "))),
            warn_at: warn_at.map(|warn| proto_time(warn.due_at)),
        }
    }
}

/// The amount or day of a limit, and when it falls due by that; none when no tier matches.
fn due_of(
    limit: &pack::Limit,
    facts: &Facts,
    calendar: &Calendar,
    started_at: Timestamp,
    inputs: &mut Inputs,
    computation: &mut Vec<String>,
) -> Result<Option<(String, Due)>, Undecided> {
    let uncounted = |error: crate::calendar::Error| Undecided::Uncounted { cause: error.to_string() };
    if let Some(ByDay { day, of }) = limit.by_day {
        let (amount, due) = match of {
            DueMonth::Same => ("next", calendar.due_by_day_of_month(started_at, day)),
            DueMonth::Following => ("following month's", calendar.due_in_following_month(started_at, day)),
        };
        return Ok(Some((format!("{amount} day {}", i8::from(day)), due.map_err(uncounted)?)));
    }
    let mut amount = limit.amount;
    for tier in &limit.tiers {
        let decided = tier.when.as_ref().map(|when| when.holds(facts)).transpose()?;
        let applies = decided.as_ref().is_none_or(|decided| decided.value);
        inputs.extend(decided.into_iter().flat_map(|decided| decided.inputs));
        if applies {
            computation.extend(tier.when.as_ref().map(|when| format!("{when}: {}", tier.amount)));
            amount = Some(tier.amount);
            break;
        }
    }
    let Some(amount) = amount else { return Ok(None) };
    Ok(Some((amount.to_string(), calendar.due(started_at, amount).map_err(uncounted)?)))
}

/// When a limit falls due that is counted back from something known beforehand; none while that is not known.
fn due_before(before: Before, dossier: &Dossier, calendar: &Calendar) -> Result<Option<(String, Due)>, Undecided> {
    let Before { event, amount } = before;
    let Some(known) = dossier.first(&Moment::Event(event)) else { return Ok(None) };
    let due = calendar.before(known, amount);
    let due = due.map_err(|error| Undecided::Uncounted { cause: error.to_string() })?;
    Ok(Some((format!("{amount} before {event}"), due)))
}

/// The due time that a record sets instead: an instant, or the end of a date.
fn due_by_record<'a>(limit: &'a pack::Limit, dossier: &Dossier, calendar: &Calendar) -> Option<(&'a str, Timestamp)> {
    let until = limit.until_record.as_ref()?;
    let record = dossier.records.iter().filter(|record| record.kind == until.record).max_by_key(|it| it.occurred_at)?;
    let text = record.fields.get(&until.field)?;
    let at = match text.parse::<Timestamp>() {
        Ok(at) => at,
        Err(_) => calendar.ends_at(text.parse().ok()?).ok()?,
    };
    Some((&until.record, at))
}

pub(super) fn proto_time(at: Timestamp) -> prost_types::Timestamp {
    // A jiff instant before 1970 has a negative fraction; protobuf wants it counted forward.
    let (seconds, nanos) = match at.subsec_nanosecond() {
        nanos if nanos < 0 => (at.as_second() - 1, nanos + 1_000_000_000),
        nanos => (at.as_second(), nanos),
    };
    prost_types::Timestamp { seconds, nanos }
}
