//! In which order waiting work is served, and which of several solutions is chosen.

use callout_contract::regulation::v1::Explanation;
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::refusal;
use crate::{
    Regulation,
    calendar::{self, Holidays},
    expression::Inputs,
    facts::Facts,
    refusal::{Refusal, Undecided},
    vocabulary::{Mode, words},
};

/// A queue of the pack's `priorities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Cases that wait for service.
    Service,
    /// Reservations that wait for a part.
    Parts,
    /// Cases that wait to be dispatched.
    Dispatch,
}

/// A case that waits to be dispatched.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Its resource name.
    pub name: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// What is known of it.
    pub facts: Facts,
}

/// A way to solve the customer's problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolutionOption {
    /// How the work would be done.
    pub mode: Mode,
    /// Whether it solves the problem fully.
    pub solves: bool,
    /// What it costs the company.
    pub company_cost: Decimal,
    /// What it costs the customer.
    pub customer_cost: Decimal,
}

/// The solution that the pack chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct ChosenSolution {
    /// Its place among the options.
    pub index: usize,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// The place of a case or a reservation in its queue: compared number by number, the lower first; on a tie the one
    /// that was received earlier goes first. Empty when the pack has no such queue.
    ///
    /// # Errors
    /// [`Undecided`] when a fact is not known.
    pub fn rank(&self, queue: Queue, facts: &Facts) -> Result<Vec<Decimal>, Undecided> {
        let priority = match queue {
            Queue::Service => &self.pack.priorities.service,
            Queue::Parts => &self.pack.priorities.parts,
            Queue::Dispatch => &self.pack.priorities.dispatch,
        };
        let formulas = priority.iter().flat_map(|priority| &priority.rank);
        formulas.map(|formula| formula.compute(facts).map(|decided| decided.value)).collect()
    }

    /// Whether a case may be dispatched at `at`, as far as the others are concerned that wait: none of them has a lower
    /// rank. Whose rank cannot be told, because a fact is not known, holds nobody back.
    ///
    /// # Errors
    /// A refusal for each that goes first.
    pub fn dispatch_in_order(
        &self,
        case: &Waiting,
        others: &[Waiting],
        holidays: &Holidays,
        at: Timestamp,
    ) -> Result<(), Vec<Refusal>> {
        let Some(priority) = &self.pack.priorities.dispatch else { return Ok(()) };
        let rank = |waiting: &Waiting| self.rank_to_dispatch(waiting, holidays, at).ok();
        let Some(own) = rank(case) else { return Ok(()) };
        let goes_first = |other: &&Waiting| rank(other).is_some_and(|rank| rank < own);
        let behind = |other: &Waiting| {
            let (en, zh) = (format!("{} goes first", other.name), format!("{} 优先派工", other.name));
            refusal(&priority.rule, "priorities.dispatch", en, zh, vec![format!("dispatch:{}", other.name)])
        };
        let refusals: Vec<_> = others.iter().filter(goes_first).map(behind).collect();
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    fn rank_to_dispatch(
        &self,
        waiting: &Waiting,
        holidays: &Holidays,
        at: Timestamp,
    ) -> Result<Vec<Decimal>, Undecided> {
        let days = self.days_waiting(waiting.received_at, at, holidays);
        let days = days.map_err(|error| Undecided::Uncounted { cause: error.to_string() })?;
        let mut facts = waiting.facts.clone();
        facts.set(words::CASE_DAYS_WAITING, Decimal::from(days));
        self.rank(Queue::Dispatch, &facts)
    }

    /// How many working days began after the one on which the hours of what was received began to run, up to `at`.
    fn days_waiting(&self, received_at: Timestamp, at: Timestamp, holidays: &Holidays) -> Result<u32, calendar::Error> {
        let calendar = self.calendar(holidays);
        let today = calendar.date_of(at);
        let mut day = calendar.date_of(calendar.next_opening(received_at)?);
        let mut days = 0;
        while day < today {
            day = day.tomorrow().map_err(|_| calendar::Error::OutOfRange)?;
            days += u32::from(calendar.is_working_day(day));
        }
        Ok(days)
    }

    /// The one of the solutions that solve the problem fully which costs least for company and customer together; on a tie
    /// the first of them. None when none solves it, or when the pack leaves the choice to people.
    #[must_use]
    pub fn choose_solution(&self, options: &[SolutionOption]) -> Option<ChosenSolution> {
        let solutions = self.pack.solutions.as_ref()?;
        let total = |option: &SolutionOption| option.company_cost + option.customer_cost;
        let (index, chosen) = options.iter().enumerate().filter(|(_, it)| it.solves).min_by_key(|(_, it)| total(it))?;
        let others = options.iter().filter(|it| it.solves).map(|it| format!("{} {}", it.mode, total(it)));
        let computation = format!("{}: the least of {}", chosen.mode, others.collect::<Vec<_>>().join(", "));
        let explanation = self.explain(&solutions.rule, "solutions".to_owned(), Inputs::new(), computation);
        Some(ChosenSolution { index, explanation })
    }
}
