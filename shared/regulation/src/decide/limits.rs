//! Until when something must have happened, and how it stands.

use callout_contract::regulation::v1::{Limit, limit::State};
use jiff::{SignedDuration, Timestamp};
use prost_types::Duration;

use crate::{
    Regulation,
    calendar::{Amount, Calendar, Holidays, is_late, lateness},
    dossier::Dossier,
    expression::Inputs,
    pack,
    refusal::Undecided,
    vocabulary::Subject,
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
    amount: Amount,
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
        for (id, limit) in self.pack.limits.iter().filter(|(_, limit)| limit.of == of) {
            let Some(started_at) = dossier.first(&limit.from) else { continue };
            let had_happened = |moment| dossier.first(moment).is_some_and(|happened_at| happened_at <= started_at);
            if limit.unless.iter().any(had_happened) {
                continue;
            }
            match self.reckon(limit, dossier, &calendar, started_at) {
                Ok(None) => {}
                Ok(Some(reckoned)) => {
                    limits.known.push(self.standing_at(now, id, limit, dossier, &calendar, reckoned));
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
    ) -> Result<Option<Reckoned>, Undecided> {
        let mut inputs = Inputs::new();
        if let Some(when) = &limit.when {
            let decided = when.holds(&dossier.facts)?;
            if !decided.value {
                return Ok(None);
            }
            inputs.extend(decided.inputs);
        }
        let mut computation = Vec::new();
        let Some(amount) = amount_of(limit, dossier, &mut inputs, &mut computation)? else { return Ok(None) };
        let due =
            calendar.due(started_at, amount).map_err(|error| Undecided::Uncounted { cause: error.to_string() })?;
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
        id: &str,
        limit: &pack::Limit,
        dossier: &Dossier,
        calendar: &Calendar,
        reckoned: Reckoned,
    ) -> Limit {
        let Reckoned { started_at, amount, due_at, mut rule, inputs, mut computation } = reckoned;
        let ends = std::iter::once(&limit.to).chain(&limit.also_met_by);
        let met = ends.filter_map(|end| Some((dossier.first(end)?, end))).min_by_key(|(at, _)| *at);
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
            limit: id.to_owned(),
            from_event: limit.from.to_string(),
            to_event: met.map_or(&limit.to, |(_, end)| end).to_string(),
            amount: amount.to_string(),
            started_at: Some(proto_time(started_at)),
            due_at: Some(proto_time(due_at)),
            met_at: met_at.map(proto_time),
            state: state.into(),
            late: Some(Duration { seconds: late.as_secs(), nanos: 0 }),
            late_days,
            responsible: limit.responsible.clone(),
            explanation: Some(self.explain(&rule, format!("limits.{id}"), inputs, computation.join("; "))),
            warn_at: warn_at.map(|warn| proto_time(warn.due_at)),
        }
    }
}

fn amount_of(
    limit: &pack::Limit,
    dossier: &Dossier,
    inputs: &mut Inputs,
    computation: &mut Vec<String>,
) -> Result<Option<Amount>, Undecided> {
    for tier in &limit.tiers {
        let Some(when) = &tier.when else { return Ok(Some(tier.amount)) };
        let decided = when.holds(&dossier.facts)?;
        inputs.extend(decided.inputs);
        if decided.value {
            computation.push(format!("{when}: {}", tier.amount));
            return Ok(Some(tier.amount));
        }
    }
    Ok(limit.amount)
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

fn proto_time(at: Timestamp) -> prost_types::Timestamp {
    // A jiff instant before 1970 has a negative fraction; protobuf wants it counted forward.
    let (seconds, nanos) = match at.subsec_nanosecond() {
        nanos if nanos < 0 => (at.as_second() - 1, nanos + 1_000_000_000),
        nanos => (at.as_second(), nanos),
    };
    prost_types::Timestamp { seconds, nanos }
}
