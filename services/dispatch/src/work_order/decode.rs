//! The words of the contract and those of the domain.

use std::sync::Arc;

use callout_casework::{
    ids::{CaseId, Id as _},
    records, regulation_named,
};
use callout_contract::{dispatch::v1 as pb, regulation::v1::Verdict, types::v1::Milestone};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Facts, Library, RecordEntry, Regulation, SolutionOption,
    vocabulary::{Event, Mode, Subject},
};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Expense, State};

impl From<&State> for pb::work_order::State {
    fn from(state: &State) -> Self {
        match state {
            State::Open { .. } => Self::Open,
            State::Departed { .. } => Self::Departed,
            State::OnSite { .. } => Self::OnSite,
            State::Working { .. } => Self::Working,
            State::Completed { .. } => Self::Completed,
            State::Returned { .. } => Self::Returned,
            State::HandedIn { .. } => Self::HandedIn,
            State::Closed { .. } => Self::Closed,
            State::Cancelled { .. } => Self::Cancelled,
        }
    }
}

/// How the work is done, as the contract has it.
pub const fn mode_to_proto(mode: Mode) -> pb::WorkMode {
    match mode {
        Mode::Remote => pb::WorkMode::Remote,
        Mode::SelfRepair => pb::WorkMode::SelfRepair,
        Mode::OnSite => pb::WorkMode::OnSite,
        Mode::Workshop => pb::WorkMode::Workshop,
    }
}

fn mode_of(mode: pb::WorkMode) -> Option<Mode> {
    match mode {
        pb::WorkMode::Unspecified => None,
        pb::WorkMode::Remote => Some(Mode::Remote),
        pb::WorkMode::SelfRepair => Some(Mode::SelfRepair),
        pb::WorkMode::OnSite => Some(Mode::OnSite),
        pb::WorkMode::Workshop => Some(Mode::Workshop),
    }
}

/// What intake asks for when it dispatches a case.
pub struct Opening {
    /// The case.
    pub case: CaseId,
    /// How the work is done.
    pub mode: Mode,
    /// Road distance to the site in km.
    pub distance_km: Option<Decimal>,
    /// What the case is entitled to.
    pub verdict: Verdict,
    /// What intake decided by.
    pub facts: Facts,
    /// What happened to the case.
    pub milestones: Vec<(Event, Timestamp)>,
    /// What was put on record with the case.
    pub records: Vec<RecordEntry>,
    /// When the case was received.
    pub received_at: Timestamp,
    /// What it is judged by.
    pub regulation: Arc<Regulation>,
    /// What was looked at.
    pub options: Vec<SolutionOption>,
    /// The place of the chosen one among them.
    pub chosen: Option<usize>,
}

impl Opening {
    /// Reads the request.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong with it, [`Error::NotFound`] for another organisation's case.
    pub fn decode(library: &Library, caller: &Caller, request: pb::CreateWorkOrderRequest) -> Result<Self, Error> {
        let case = CaseId::of(caller, "case", &request.case)?;
        let mut violations = Violations::default();
        let mode = violations.take("mode", mode(request.mode));
        let distance_km = optional(&mut violations, "distance_km", &request.distance_km);
        let regulation = violations.take(
            "regulation",
            regulation_named(library, &request.regulation).map_err(|_| {
                Text::new("must be a regulation of the suite with its revision", "必须是已有的规章及其版本")
            }),
        );
        let milestones = of_the_case(&mut violations, &request.milestones);
        let received = milestones.iter().filter(|(event, _)| *event == Event::Received).map(|(_, at)| *at).min();
        if received.is_none() {
            violations.add("milestones", Text::new("must say when the case was received", "必须包含受理时间"));
        }
        let (mut options, mut chosen) = (Vec::new(), Vec::new());
        for (index, option) in request.options.iter().enumerate() {
            let field = |name: &str| format!("options[{index}].{name}");
            let mode = violations.take(field("mode"), self::mode(option.mode));
            let company_cost =
                optional(&mut violations, &field("company_cost"), &option.company_cost).unwrap_or_default();
            let customer_cost =
                optional(&mut violations, &field("customer_cost"), &option.customer_cost).unwrap_or_default();
            if let Some(mode) = mode {
                options.push(SolutionOption { mode, solves: option.solves, company_cost, customer_cost });
            }
            if option.chosen {
                chosen.push(index);
            }
        }
        if chosen.len() > 1 {
            violations.add("options", Text::new("must have one chosen option at most", "最多只能选择一个方案"));
        }
        match (mode, regulation, received, violations.is_empty()) {
            (Some(mode), Some(regulation), Some(received_at), true) => Ok(Self {
                case,
                mode,
                distance_km,
                verdict: request.verdict.unwrap_or_default(),
                facts: Facts::read(&request.facts.into_iter().collect()),
                milestones,
                records: records::entries(&request.records),
                received_at,
                regulation,
                options,
                chosen: chosen.pop(),
            }),
            _ => Err(violations.into_error()),
        }
    }
}

/// What an engineer claims.
///
/// # Errors
/// [`Error::Invalid`] with everything that is wrong in any line.
pub fn expenses(stated: &[pb::Expense], now: Timestamp) -> Result<Vec<Expense>, Error> {
    let mut violations = Violations::default();
    let mut expenses = Vec::new();
    for (index, expense) in stated.iter().enumerate() {
        let field = |name: &str| format!("expenses[{index}].{name}");
        let amount = violations.take(field("amount"), parse::amount(&expense.amount).and_then(above_zero));
        let spent_at = violations.require(field("spent_at"), expense.spent_at);
        let spent_at = spent_at.and_then(|at| violations.take(field("spent_at"), past(at, now)));
        if let (Some(amount), Some(spent_at)) = (amount, spent_at) {
            expenses.push(Expense { kind: expense.kind.clone(), amount, spent_at });
        }
    }
    violations.finish().map(|()| expenses)
}

/// An expense as the contract has it.
pub fn expense_to_proto(expense: &Expense) -> pb::Expense {
    pb::Expense {
        kind: expense.kind.clone(),
        amount: callout_casework::money::written(expense.amount),
        spent_at: Some(parse::to_timestamp(expense.spent_at)),
    }
}

/// What happened to a case, each by its word in the vocabulary. What happened to an earlier order of it is left out: the
/// clocks of this one do not start by that.
pub fn of_the_case(violations: &mut Violations, stated: &[Milestone]) -> Vec<(Event, Timestamp)> {
    let mut milestones = Vec::new();
    for (index, milestone) in stated.iter().enumerate() {
        let field = |name: &str| format!("milestones[{index}].{name}");
        let event = violations.take(field("event"), milestone.event.parse::<Event>().map_err(Text::from));
        let at = violations.require(field("occurred_at"), milestone.occurred_at);
        let at = at.and_then(|at| violations.take(field("occurred_at"), parse::timestamp(at)));
        if let (Some(event), Some(at)) = (event, at)
            && !event.subjects().contains(&Subject::WorkOrder)
        {
            milestones.push((event, at));
        }
    }
    milestones
}

/// A decimal of zero or more; none when it is not stated.
fn optional(violations: &mut Violations, field: &str, number: &str) -> Option<Decimal> {
    if number.is_empty() { None } else { violations.take(field, parse::amount(number)) }
}

fn mode(mode: i32) -> Result<Mode, Text> {
    let fault = || Text::new("must be a mode of work", "必须是有效的服务方式");
    mode_of(parse::enumeration(mode)?).ok_or_else(fault)
}

fn above_zero(amount: Decimal) -> Result<Decimal, Text> {
    if amount.is_zero() { Err(Text::new("must be above zero", "必须大于零")) } else { Ok(amount) }
}

fn past(at: prost_types::Timestamp, now: Timestamp) -> Result<Timestamp, Text> {
    let at = parse::timestamp(at)?;
    if at > now { Err(Text::new("must not be in the future", "不能晚于当前时间")) } else { Ok(at) }
}
