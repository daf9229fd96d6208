//! Of how many it is so, in each period.

use callout_contract::regulation::v1::{Explanation, limit::State};
use jiff::{Timestamp, civil::Date};
use rust_decimal::{Decimal, RoundingStrategy};

use super::refusal;
use crate::{
    Regulation, calendar::Holidays, dossier::Dossier, expression::Inputs, pack, refusal::Refusal, vocabulary::Subject,
};

/// How a subject counts for a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The rate, of the pack's `rates`.
    pub rate: String,
    /// The day by which it belongs to a period.
    pub day: Date,
    /// Whether it is so.
    pub holds: bool,
}

/// The percentage of a period.
#[derive(Clone, Debug, PartialEq)]
pub struct Percentage {
    /// Rounded; none while nothing counts.
    pub percent: Option<Decimal>,
    /// Whether the target is reached; where nothing counts, nothing stands against it.
    pub met: bool,
    /// How it was computed.
    pub explanation: Explanation,
}

impl Regulation {
    /// How a subject counts for each rate, as it stands at `now`.
    #[must_use]
    pub fn counted(&self, of: Subject, dossier: &Dossier, holidays: &Holidays, now: Timestamp) -> Vec<Counted> {
        let rates = self.pack.rates.iter().filter(|(_, rate)| rate.of == of);
        let mut facts = self.facts_over_time(dossier, now);
        let counted = rates.filter_map(|(id, rate)| {
            let at = dossier.first(&rate.counted).filter(|at| *at <= now)?;
            let facts = facts.as_set_at(at);
            let counts = rate.when.as_ref().is_none_or(|when| when.holds(facts).is_ok_and(|decided| decided.value));
            let holds = match (&rate.in_time, &rate.holds) {
                (Some(limit), _) => self.is_met(limit, of, dossier, holidays, now),
                (None, Some(condition)) => condition.holds(facts).is_ok_and(|decided| decided.value),
                (None, None) => false,
            };
            let day = self.zone.to_datetime(at).date();
            counts.then(|| Counted { rate: id.clone(), day, holds })
        });
        counted.collect()
    }

    fn is_met(&self, limit: &str, of: Subject, dossier: &Dossier, holidays: &Holidays, now: Timestamp) -> bool {
        let limits = self.limits(of, dossier, holidays, now).known;
        limits.iter().any(|known| known.limit == limit && known.state() == State::Met)
    }

    /// The percentage of those that count of which it is so; none when the pack has no such rate.
    #[must_use]
    pub fn percentage(&self, id: &str, counted: u32, holding: u32) -> Option<Percentage> {
        let rate = self.pack.rates.get(id)?;
        let exact = (counted > 0).then(|| Decimal::from(holding) * Decimal::ONE_HUNDRED / Decimal::from(counted));
        let shown = |exact: Decimal| {
            let mut rounded = exact.round_dp_with_strategy(rate.places, RoundingStrategy::MidpointAwayFromZero);
            rounded.rescale(rate.places);
            rounded
        };
        let percent = exact.map(shown);
        // By the exact share: 99.996 % is no 100 %.
        let met = exact.is_none_or(|exact| exact >= rate.target.0);
        let computation = match percent {
            Some(percent) => format!("{holding} / {counted} x 100 = {percent}; target {}", rate.target),
            None => format!("nothing counts; target {}", rate.target),
        };
        let explanation = self.explain(&rate.rule, format!("rates.{id}"), Inputs::new(), computation);
        Some(Percentage { percent, met, explanation })
    }

    /// The refusal of a routine while a rate of its period is below its target.
    #[must_use]
    pub fn below_target(&self, routine: &str, rate: &str, counted: u32, holding: u32) -> Option<Refusal> {
        let (entry, routine) = (format!("routines.{routine}"), self.pack.routines.get(routine)?);
        let pack::Rate { target, en, zh, .. } = self.pack.rates.get(rate)?;
        let Percentage { percent, met, .. } = self.percentage(rate, counted, holding)?;
        let percent = percent.unwrap_or_default();
        (!met).then(|| {
            refusal(
                &routine.rule,
                &entry,
                format!("{en}: {holding} of {counted}, {percent} %; {target} % is asked for"),
                format!("{zh}:{holding}/{counted},{percent}%,要求{target}%"),
                vec![format!("rate:{rate}")],
            )
        })
    }
}
