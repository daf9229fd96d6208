//! When something that recurs falls due.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::Timestamp;

use super::{facts::of_form, records::check_form, refusal};
use crate::{
    Regulation,
    calendar::{Calendar, CalendarPeriod, DayOfMonth, Due, Error, Holidays},
    expression::Inputs,
    pack::{ByDay, DueMonth, FallsDue, PeriodEnd, Routine},
    refusal::{Refusal, Text, Undecided},
    vocabulary::Service,
};

/// When a routine falls due.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutineDue {
    /// The last instant that is in time.
    pub due_at: Timestamp,
    /// The period that it is for, such as `2026-W11`; absent when it goes by interval.
    pub period: Option<String>,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// The routines that a service sees to, by id.
    pub fn routines(&self, of: Service) -> impl Iterator<Item = (&str, &Routine)> {
        self.pack
            .routines
            .iter()
            .filter(move |(_, routine)| routine.of == of)
            .map(|(id, routine)| (id.as_str(), routine))
    }

    /// When a routine falls due; none when the pack has no such routine.
    ///
    /// One that goes by interval is counted from `since`, the latest of the events that it follows. One that goes by
    /// period is that of the period in which `since` lies.
    ///
    /// # Errors
    /// [`Undecided`] when the calendar cannot count that far.
    #[must_use]
    pub fn routine_due(
        &self,
        id: &str,
        since: Timestamp,
        holidays: &Holidays,
    ) -> Option<Result<RoutineDue, Undecided>> {
        let routine = self.pack.routines.get(id)?;
        let calendar = self.calendar(holidays);
        let (due, period) = match due_of(routine, &calendar, since)? {
            Ok(due) => due,
            Err(error) => return Some(Err(Undecided::Uncounted { cause: error.to_string() })),
        };
        let explanation = self.explain(&routine.rule, format!("routines.{id}"), Inputs::new(), due.computation);
        Some(Ok(RoutineDue { due_at: due.due_at, period, explanation }))
    }

    /// Whether what came of a routine is what the regulation asks for: the form is filled in, and says what it must.
    ///
    /// # Errors
    /// Every refusal at once; none for a routine that the pack does not have.
    pub fn admit_outcome(&self, id: &str, fields: &BTreeMap<String, String>) -> Result<(), Vec<Refusal>> {
        let Some(routine) = self.pack.routines.get(id) else { return Ok(()) };
        let entry = format!("routines.{id}");
        let Some(form) = routine.form.as_ref().and_then(|form| self.pack.forms.get(form)) else {
            let stray = |name: &String| {
                let (en, zh) = (
                    format!("the {} has no form, so no field `{name}`", routine.en),
                    format!("“{}”不需填表,没有“{name}”一栏", routine.zh),
                );
                refusal(&routine.rule, &entry, en, zh, Vec::new())
            };
            let stray: Vec<Refusal> = fields.keys().map(stray).collect();
            return if stray.is_empty() { Ok(()) } else { Err(stray) };
        };
        let wrong = check_form(form, &entry, fields);
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let Some(condition) = &routine.condition else { return Ok(()) };
        match condition.holds(&of_form(form, fields)) {
            Ok(decided) if decided.value => Ok(()),
            Ok(_) => {
                let (en, zh) =
                    routine.lifted_by.as_ref().map_or(("", ""), |Text { en, zh }| (en.as_str(), zh.as_str()));
                let (en, zh) = (format!("not done before: {en}"), format!("须先满足:{zh}"));
                Err(vec![refusal(&routine.rule, &entry, en, zh, vec![format!("condition:{condition}")])])
            }
            Err(unknown) => Err(vec![unknown.refusal(&routine.rule, &entry)]),
        }
    }
}

/// None for a routine that says neither an interval nor a period, which the check refuses.
fn due_of(routine: &Routine, calendar: &Calendar, since: Timestamp) -> Option<Result<(Due, Option<String>), Error>> {
    if let Some(every) = routine.every {
        return Some(calendar.due(since, every).map(|due| (due, None)));
    }
    let (kind, falls_due) = (routine.period?, routine.due?);
    let due = |period: CalendarPeriod| Ok((falls_due.due(calendar, period)?, Some(period.to_string())));
    Some(calendar.period(kind, since).and_then(due))
}

impl FallsDue {
    /// When what is to be done for a period falls due.
    pub(super) fn due(self, calendar: &Calendar, period: CalendarPeriod) -> Result<Due, Error> {
        match self {
            Self::End(PeriodEnd::PeriodEnd) => calendar.due_within(period),
            Self::End(PeriodEnd::FollowingMonthEnd) => calendar.due_after(period, DayOfMonth::LAST),
            Self::Day(ByDay { day, of: DueMonth::Same }) => calendar.due_by_day_within(period, day),
            Self::Day(ByDay { day, of: DueMonth::Following }) => calendar.due_after(period, day),
        }
    }
}
