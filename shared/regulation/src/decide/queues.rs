//! In which order waiting work is served, and which of several solutions is chosen.

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use crate::{Regulation, expression::Inputs, facts::Facts, refusal::Undecided, vocabulary::Mode};

/// A queue of the pack's `priorities`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// Cases that wait for service.
    Service,
    /// Reservations that wait for a part.
    Parts,
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
        };
        let formulas = priority.iter().flat_map(|priority| &priority.rank);
        formulas.map(|formula| formula.compute(facts).map(|decided| decided.value)).collect()
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
