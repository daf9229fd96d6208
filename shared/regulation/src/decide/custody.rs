//! Who may hold what in person, and what follows when it is lost, damaged or old.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};

use super::{records::check_form, refusal, unknown};
use crate::{
    Regulation,
    calendar::Holidays,
    dossier::Actor,
    expression::Inputs,
    pack::{Custody, MadeGoodBy},
    refusal::{Refusal, Undecided},
};

/// What is wrong with a piece that its holder wants another one for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// It is there and in order.
    Nothing,
    /// It was lost.
    Lost,
    /// It is broken; and whether he hands the broken one in.
    Damaged {
        /// Whether the broken one comes back.
        handed_in: bool,
    },
}

/// A thing in custody, as far as it decides what follows.
#[derive(Clone, Copy, Debug)]
pub struct InCustody<'a> {
    /// Its kind, of the pack's `custody`.
    pub kind: &'a str,
    /// When it was issued.
    pub issued_at: Timestamp,
}

impl Regulation {
    /// The kind of custody of this id.
    ///
    /// # Errors
    /// The refusal, by no rule, of a kind that the pack does not have.
    pub fn custody(&self, kind: &str) -> Result<&Custody, Vec<Refusal>> {
        let (entry, known) = (entry(kind), self.pack.custody.keys());
        self.pack.custody.get(kind).ok_or_else(|| vec![unknown("", &entry, ("custody", "保管"), kind, known)])
    }

    /// Whether this actor may issue it, with this entry in the register.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, another role, each field of the register that is missing or wrong.
    pub fn issue_custody(
        &self,
        kind: &str,
        actor: &Actor,
        fields: &BTreeMap<String, String>,
    ) -> Result<&Custody, Vec<Refusal>> {
        let (terms, entry) = (self.custody(kind)?, entry(kind));
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.issued_by).into_iter().collect();
        match terms.form.as_ref().and_then(|form| self.pack.forms.get(form)) {
            Some(form) => refusals.extend(check_form(form, &entry, fields)),
            None => refusals.extend(fields.keys().map(|name| {
                let (en, zh) = (format!("{} has no field `{name}`", terms.en), format!("{}没有“{name}”一栏", terms.zh));
                refusal(&terms.rule, &entry, en, zh, Vec::new())
            })),
        }
        if refusals.is_empty() { Ok(terms) } else { Err(refusals) }
    }

    /// Whether this actor may take it back, exchange a piece of it or renew it.
    ///
    /// # Errors
    /// The refusal of another role.
    pub fn keep_custody(&self, kind: &str, actor: &Actor) -> Result<&Custody, Vec<Refusal>> {
        let terms = self.custody(kind)?;
        match self.refuse_role(&terms.rule, &entry(kind), actor, &terms.issued_by) {
            None => Ok(terms),
            Some(refusal) => Err(vec![refusal]),
        }
    }

    /// Whether its holder may hand it on, in these roles.
    ///
    /// # Errors
    /// The refusal by the rule that keeps it with its holder, or by the kind's own where no rule allows it.
    pub fn hand_on_custody(&self, kind: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let (terms, entry) = (self.custody(kind)?, entry(kind));
        match &terms.handing_on {
            Some(handing_on) if !handing_on.by.is_empty() => self
                .refuse_role(&handing_on.rule, &entry, actor, &handing_on.by)
                .map_or(Ok(()), |found| Err(vec![found])),
            barred => {
                let rule = barred.as_ref().map_or(&terms.rule, |barred| &barred.rule);
                let en = format!("the {} stays with its holder and is not lent to anybody", terms.en);
                let zh = format!("{}由专人保管，不得转借他人", terms.zh);
                Err(vec![refusal(rule, &entry, en, zh, Vec::new())])
            }
        }
    }

    /// The first day on which it may be renewed; none when it never is.
    ///
    /// # Errors
    /// [`Undecided`] when the calendar does not reach that far.
    pub fn custody_renewable_on(
        &self,
        held: InCustody<'_>,
        holidays: &Holidays,
    ) -> Result<Option<(Date, Explanation)>, Undecided> {
        let Some(term) = self.pack.custody.get(held.kind).and_then(|terms| terms.term.as_ref()) else {
            return Ok(None);
        };
        let calendar = self.calendar(holidays);
        let due = calendar.due(held.issued_at, term.every);
        let due = due.map_err(|error| Undecided::Uncounted { cause: error.to_string() })?;
        let explanation = self.explain(&term.rule, entry(held.kind), Inputs::new(), due.computation);
        Ok(Some((due.due_at.to_zoned(self.zone.clone()).date(), explanation)))
    }

    /// Whether it may be renewed at `at`.
    ///
    /// # Errors
    /// The refusal before the term is over, or of a kind that is never renewed.
    pub fn renew_custody(&self, held: InCustody<'_>, at: Timestamp, holidays: &Holidays) -> Result<(), Vec<Refusal>> {
        let (terms, entry) = (self.custody(held.kind)?, entry(held.kind));
        let renewable = self.custody_renewable_on(held, holidays);
        match renewable.map_err(|undecided| vec![undecided.refusal(&terms.rule, &entry)])? {
            None => {
                let (en, zh) = (format!("the {} is not renewed", terms.en), format!("{}不予更换", terms.zh));
                Err(vec![refusal(&terms.rule, &entry, en, zh, Vec::new())])
            }
            Some((on, explanation)) if at.to_zoned(self.zone.clone()).date() < on => Err(vec![refusal(
                &explanation.rule,
                &entry,
                format!("the {} is renewed from {on} on", terms.en),
                format!("{}自 {on} 起方可更换", terms.zh),
                vec![format!("date:{on}")],
            )]),
            Some(_) => Ok(()),
        }
    }

    /// Whether the organisation gives a new piece for one that is lost or broken, at `at`.
    ///
    /// # Errors
    /// The refusal of a piece that its holder supplies himself, of a broken one that is not handed in, and of one that is
    /// in order.
    pub fn replace_in_custody(
        &self,
        held: InCustody<'_>,
        lacking: Lacking,
        at: Timestamp,
        holidays: &Holidays,
    ) -> Result<Explanation, Vec<Refusal>> {
        let (terms, entry) = (self.custody(held.kind)?, entry(held.kind));
        let term_is_over = self.renew_custody(held, at, holidays).is_ok();
        let explained = |rule: &str, why: &str| Ok(self.explain(rule, entry.clone(), Inputs::new(), why.to_owned()));
        match (lacking, &terms.lost, &terms.damaged) {
            (Lacking::Lost, Some(lost), _) if lost.made_good_by == MadeGoodBy::Holder && !term_is_over => {
                Err(vec![refusal(
                    &lost.rule,
                    &entry,
                    "it was lost before the term is over: its holder supplies it himself".to_owned(),
                    "期限未满丢失，由保管人自行补齐".to_owned(),
                    vec!["supplied_by:holder".to_owned()],
                )])
            }
            (Lacking::Lost, Some(lost), _) => explained(&lost.rule, "a new one for the lost one"),
            (Lacking::Damaged { handed_in: false }, _, Some(damaged)) if damaged.old_for_new => Err(vec![refusal(
                &damaged.rule,
                &entry,
                "a new one is given against the broken one only".to_owned(),
                "损坏须以旧换新".to_owned(),
                vec!["handed_in:broken".to_owned()],
            )]),
            (Lacking::Damaged { .. }, _, Some(damaged)) => explained(&damaged.rule, "a new one for the broken one"),
            (Lacking::Nothing, ..) => Err(vec![refusal(
                &terms.rule,
                &entry,
                "it is there and in order".to_owned(),
                "物品完好，无需更换".to_owned(),
                Vec::new(),
            )]),
            (Lacking::Lost, None, _) | (Lacking::Damaged { .. }, _, None) => Err(vec![refusal(
                &terms.rule,
                &entry,
                "no rule gives a new one for it".to_owned(),
                "无更换规定".to_owned(),
                Vec::new(),
            )]),
        }
    }

    /// By which rule the holder answers for all that follows from a loss; none where no rule says so.
    #[must_use]
    pub fn liable_for_loss(&self, kind: &str) -> Option<&str> {
        let lost = self.pack.custody.get(kind)?.lost.as_ref()?;
        lost.holder_is_liable.then_some(lost.rule.as_str())
    }
}

fn entry(kind: &str) -> String {
    format!("custody.{kind}")
}
