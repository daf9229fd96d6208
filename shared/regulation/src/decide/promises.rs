//! Times that are promised, and the limits within which they must lie.

use callout_contract::regulation::v1::Limit;
use jiff::Timestamp;

use super::refusal;
use crate::{
    Regulation,
    calendar::{Holidays, is_late},
    dossier::{Dossier, RecordEntry},
    refusal::Refusal,
    vocabulary::Subject,
};

impl Regulation {
    /// Whether what a record promises lies within the limit that its kind names, as that limit stands with the record.
    ///
    /// # Errors
    /// The refusal of a promise that is later than the limit allows, or that no running limit bounds.
    pub fn admit_promise(
        &self,
        on: Subject,
        dossier: &Dossier,
        record: &RecordEntry,
        holidays: &Holidays,
        now: Timestamp,
    ) -> Result<(), Vec<Refusal>> {
        let Some(kind) = self.pack.records.get(&record.kind) else { return Ok(()) };
        let Some(promise) = &kind.promise else { return Ok(()) };
        let promised = record.fields.get(&promise.field).filter(|it| !it.trim().is_empty());
        let Some(promised) = promised else { return Ok(()) };
        let calendar = self.calendar(holidays);
        let instant = promised.parse::<Timestamp>().ok();
        let instant = instant.or_else(|| calendar.ends_at(promised.parse().ok()?).ok());
        let mut with = dossier.clone();
        with.records.push(record.clone());
        let limits = self.limits(on, &with, holidays, now);
        let due = limits.known.iter().find(|limit| limit.limit == promise.within).and_then(due_at);
        let entry = format!("records.{}", record.kind);
        let rule = self.pack.limits.get(&promise.within).map_or(&kind.rule, |limit| &limit.rule);
        match (instant, due) {
            (Some(instant), Some(due)) if !is_late(due, instant) => Ok(()),
            (Some(_) | None, Some(due)) => Err(vec![refusal(
                rule,
                &entry,
                format!("{promised} is too late: it is due by {}", self.local(due)),
                format!("{promised} 过晚，最迟为 {}", self.local(due)),
                vec![format!("field:{}", promise.field)],
            )]),
            (Some(_) | None, None) => Err(vec![refusal(
                rule,
                &entry,
                format!("nothing is owed by `{}`, so nothing can be promised", promise.within),
                format!("期限 {} 尚未开始，不得承诺时间", promise.within),
                vec![format!("limit:{}", promise.within)],
            )]),
        }
    }
}

fn due_at(limit: &Limit) -> Option<Timestamp> {
    let due = limit.due_at?;
    Timestamp::new(due.seconds, due.nanos).ok()
}
