//! Figures: on which days they are collected, by whom, and what becomes of those of another day.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;

use crate::{
    Regulation,
    calendar::{Holidays, is_late},
    decide::{refusal, unknown},
    dossier::Actor,
    expression::Inputs,
    pack::{Collection, Id, Scorecard},
    refusal::{Refusal, Undecided},
};

/// Figures that somebody enters.
#[derive(Clone, Debug)]
pub struct Collecting<'a> {
    /// By figure.
    pub figures: &'a BTreeMap<Id, Decimal>,
    /// A day of the month that they are of.
    pub day: Date,
    /// When they are entered.
    pub at: Timestamp,
    /// Who enters them.
    pub actor: &'a Actor,
}

/// Figures that may be entered.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// Whether they are entered on one of the days for it; if not, they count only once they were approved.
    pub in_window: bool,
    /// The first instant of the days for it.
    pub from_at: Timestamp,
    /// The last one that is in time.
    pub until_at: Timestamp,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// Whether figures may be entered, and whether that is in time.
    ///
    /// # Errors
    /// Every refusal at once: a scorecard without figures, a role that does not collect them, an unknown or a negative
    /// figure.
    pub fn collect(&self, scorecard: &str, collecting: &Collecting<'_>) -> Result<Collected, Vec<Refusal>> {
        let entry = format!("scorecards.{scorecard}.collection");
        let card = self.scorecard(scorecard)?;
        let collection = collection_of(card, &entry)?;
        let rule = &collection.rule;
        let mut refusals: Vec<_> =
            self.refuse_role(rule, &entry, collecting.actor, &collection.by).into_iter().collect();
        let known = card.each_indicator().flat_map(|(_, _, indicator)| indicator.figures.keys()).collect::<Vec<_>>();
        for (figure, value) in collecting.figures {
            if !known.contains(&figure) {
                refusals.push(unknown(rule, &entry, ("figure", "统计数据"), figure, known.iter().copied()));
            } else if value.is_sign_negative() && !value.is_zero() {
                let lifted_by = vec![format!("figure:{figure}")];
                let (en, zh) =
                    (format!("{value} for `{figure}` is below zero"), format!("{figure} 的数值 {value} 小于零"));
                refusals.push(refusal(rule, &entry, en, zh, lifted_by));
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let window = self.window(collection, collecting.day);
        let (from_at, until_at) = window.map_err(|undecided| vec![undecided.refusal(rule, &entry)])?;
        let in_window = collecting.at >= from_at && !is_late(until_at, collecting.at);
        let computation = format!(
            "{} is {} {} to {}",
            self.local(collecting.at),
            if in_window { "within" } else { "outside" },
            self.local(from_at),
            self.local(until_at)
        );
        let explanation = self.explain(rule, entry, Inputs::new(), computation);
        Ok(Collected { in_window, from_at, until_at, explanation })
    }

    /// Refuses the review of figures to a role that does not review them; those that were entered outside the days for
    /// it are approved by it.
    ///
    /// # Errors
    /// As [`Regulation::collect`].
    pub fn admit_review(&self, scorecard: &str, in_window: bool, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let entry = format!("scorecards.{scorecard}.collection");
        let collection = collection_of(self.scorecard(scorecard)?, &entry)?;
        let (rule, by) = match (&collection.review, in_window) {
            (Some(review), true) => (&review.rule, &review.by),
            (None, true) | (Some(_) | None, false) => (&collection.rule, &collection.approved_by),
        };
        match self.refuse_role(rule, &entry, actor, by) {
            Some(refused) => Err(vec![refused]),
            None => Ok(()),
        }
    }

    /// From when to when the figures of the month of `day` are collected.
    fn window(&self, collection: &Collection, day: Date) -> Result<(Timestamp, Timestamp), Undecided> {
        let calendar = self.calendar(&Holidays::default());
        let uncounted = |error: crate::calendar::Error| Undecided::Uncounted { cause: error.to_string() };
        let from_at = calendar.starts_at(collection.from_day.in_month_of(day)).map_err(uncounted)?;
        let until_at = calendar.ends_at(collection.to_day.in_month_of(day)).map_err(uncounted)?;
        Ok((from_at, until_at))
    }
}

fn collection_of<'a>(card: &'a Scorecard, entry: &str) -> Result<&'a Collection, Vec<Refusal>> {
    card.collection.as_ref().ok_or_else(|| {
        let (en, zh) = ("it has no figures that are collected".to_owned(), "该考核表没有需统计的数据".to_owned());
        vec![refusal(&card.rule, entry, en, zh, Vec::new())]
    })
}
