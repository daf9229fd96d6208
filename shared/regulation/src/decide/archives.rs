//! Volumes of records: who binds them, who keeps them, until when.

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};
use rust_decimal::prelude::ToPrimitive as _;

use super::{refusal, unknown};
use crate::{
    Regulation,
    calendar::{self, Amount, CalendarPeriod, Holidays, Unit, is_late},
    dossier::{Actor, SettingValue},
    expression::Inputs,
    pack::{Binding, Retained},
    refusal::{Refusal, Undecided},
};

/// Until when a volume is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Keeping {
    /// The last day on which it is; none: for ever.
    pub until: Option<Date>,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// Whether this actor may bind a volume of what is kept.
    ///
    /// # Errors
    /// Every refusal at once: something that the regulation does not bind, another role.
    pub fn admit_binding(&self, kept: &str, actor: &Actor) -> Result<&Binding, Vec<Refusal>> {
        let (retained, binding, entry) = self.bound(kept)?;
        self.refuse_role(&retained.rule, &entry, actor, &binding.by).map_or(Ok(binding), |refusal| Err(vec![refusal]))
    }

    /// Whether this actor may take a volume over.
    ///
    /// # Errors
    /// As [`Regulation::admit_binding`].
    pub fn admit_taking_over(&self, kept: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let (retained, binding, entry) = self.bound(kept)?;
        self.refuse_role(&retained.rule, &entry, actor, &binding.to).map_or(Ok(()), |refusal| Err(vec![refusal]))
    }

    /// Until when a volume of a period that is bound at an instant is kept: its term is counted from the end of the period.
    ///
    /// # Errors
    /// A refusal for something that the regulation does not bind, for a term that the organisation has not set, and for one
    /// that the calendar cannot count.
    pub fn keeping(
        &self,
        kept: &str,
        period: CalendarPeriod,
        bound_at: Timestamp,
        settings: &[SettingValue],
        holidays: &Holidays,
    ) -> Result<Keeping, Vec<Refusal>> {
        let (retained, _, entry) = self.bound(kept)?;
        let calendar = self.calendar(holidays);
        let undecided = |undecided: &Undecided| vec![undecided.refusal(&retained.rule, &entry)];
        let uncounted = |fault: calendar::Error| undecided(&Undecided::Uncounted { cause: fault.to_string() });
        let term = match &retained.term_set {
            Some(setting) => Some(self.term_set(setting, bound_at, settings).map_err(|it| undecided(&it))?),
            None => retained.term,
        };
        let (until, computation) = match term {
            Some(term) => {
                let due =
                    calendar.ends_at(period.last_on()).and_then(|end| calendar.due(end, term)).map_err(uncounted)?;
                (Some(self.zone.to_datetime(due.due_at).date()), due.computation)
            }
            None => (None, format!("{period}, no term: for ever")),
        };
        let explanation = self.explain(&retained.rule, entry.clone(), Inputs::new(), computation);
        Ok(Keeping { until, explanation })
    }

    /// The months that the organisation has set.
    fn term_set(&self, setting: &str, at: Timestamp, settings: &[SettingValue]) -> Result<Amount, Undecided> {
        let day = self.zone.to_datetime(at).date();
        let set = settings.iter().find(|set| set.setting == setting && set.is_valid_on(day));
        let set = set.ok_or_else(|| Undecided::Missing { fact: format!("setting.{setting}") })?;
        let months = set.value.is_integer().then(|| set.value.to_u32()).flatten();
        months.and_then(|months| Amount::new(months, Unit::Month).ok()).ok_or_else(|| Undecided::Failed {
            expression: format!("setting.{setting}"),
            cause: format!("{} is no number of months", set.value),
        })
    }

    /// Whether this actor may destroy a volume that is kept so long, at an instant.
    ///
    /// # Errors
    /// Every refusal at once: another role, a term that is not over, or none.
    pub fn admit_destruction(
        &self,
        kept: &str,
        actor: &Actor,
        until: Option<Date>,
        at: Timestamp,
    ) -> Result<(), Vec<Refusal>> {
        let (retained, binding, entry) = self.bound(kept)?;
        let mut refusals: Vec<_> = self.refuse_role(&retained.rule, &entry, actor, &binding.to).into_iter().collect();
        let ends_at = |day| self.calendar(&Holidays::default()).ends_at(day).ok();
        match until {
            None => refusals.push(refusal(
                &retained.rule,
                &entry,
                "it is kept for ever and never destroyed".to_owned(),
                "须长期保存,不得销毁".to_owned(),
                Vec::new(),
            )),
            Some(day) if ends_at(day).is_none_or(|end| !is_late(end, at)) => refusals.push(refusal(
                &retained.rule,
                &entry,
                format!("it is kept until {day}"),
                format!("须保存至 {day}"),
                vec![format!("date:{day}")],
            )),
            Some(_) => {}
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// What is kept and bound, and the entry that says so.
    fn bound(&self, kept: &str) -> Result<(&Retained, &Binding, String), Vec<Refusal>> {
        let entries = &self.pack.retention.kept;
        let entry = format!("retention.kept.{kept}");
        let found = entries.get(kept).and_then(|retained| Some((retained, retained.bound.as_ref()?)));
        if let Some((retained, binding)) = found {
            return Ok((retained, binding, entry));
        }
        let bound = entries.iter().filter(|(_, retained)| retained.bound.is_some()).map(|(id, _)| id);
        let rule = entries.get(kept).map_or("", |retained| retained.rule.as_str());
        Err(vec![unknown(rule, &entry, ("volume", "卷册"), kept, bound)])
    }
}
