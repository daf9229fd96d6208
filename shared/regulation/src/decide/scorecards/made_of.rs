//! The result of a longer period, made of those of shorter ones.

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{Score, known, round};
use crate::{
    Regulation,
    decide::refusal,
    dossier::Actor,
    facts::Facts,
    pack::{Id, Scorecard},
    refusal::Refusal,
    source::member,
    vocabulary::words,
};

/// A result that a longer period is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodResult {
    /// Its period, such as `2026-Q1`.
    pub period: String,
    /// The result.
    pub result: Decimal,
    /// Whether it counts as failed.
    pub failed: bool,
}

/// How many cards of a kind a person was shown in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardCount {
    /// The kind of card.
    pub kind: Id,
    /// How many.
    pub count: u32,
}

impl Regulation {
    /// The result of a scorecard that is made of the results of another one: their plain mean, unless something takes it
    /// away.
    ///
    /// # Errors
    /// Every refusal at once: an unknown scorecard, one that is not made of others, a rater who may not rate, a person that
    /// it does not cover, no result to make it of.
    pub fn total_up(
        &self,
        scorecard: &str,
        actor: &Actor,
        person: &Facts,
        results: &[PeriodResult],
        cards: &[CardCount],
    ) -> Result<Score, Vec<Refusal>> {
        let entry = format!("scorecards.{scorecard}");
        let card = self.scorecard(scorecard)?;
        let mut refusals = self.refuse_rater(card, &entry, actor, person);
        let made_of = card.made_of.as_ref().map(|made_of| made_of.scorecard.as_str()).unwrap_or_default();
        if results.is_empty() {
            let (en, zh) =
                (format!("there is no result of `{made_of}` in the period"), format!("本期没有 {made_of} 的考核结果"));
            refusals.push(refusal(&card.rule, &entry, en, zh, vec![format!("scorecard:{made_of}")]));
        }
        let facts = self.facts_of(results, cards);
        let cancelled = match self.cancelled(card, &entry, &facts) {
            Ok(cancelled) => cancelled,
            Err(undecided) => {
                refusals.extend(undecided);
                Vec::new()
            }
        };
        let weighed = known(results.iter().map(|it| (None, Some(it.result))));
        let exact = match weighed.value() {
            Some(exact) if refusals.is_empty() => exact,
            Some(_) | None => return Err(refusals),
        };
        let result = round(card.rounding, exact);
        let inputs = results.iter().map(|it| (format!("result.{}", it.period), it.result.to_string())).collect();
        let computation = format!("{} = {result}", weighed.computation());
        let explanation = self.explain(&card.rule, entry.clone(), inputs, computation);
        let (scales, grade) =
            if cancelled.is_empty() { self.graded(card, &entry, result, &[])? } else { (Vec::new(), None) };
        let result = cancelled.is_empty().then_some(result);
        Ok(Score { result, explanation, indicators: Vec::new(), blocks: Vec::new(), scales, grade, cancelled })
    }

    fn cancelled(&self, card: &Scorecard, entry: &str, facts: &Facts) -> Result<Vec<Explanation>, Vec<Refusal>> {
        let mut cancelled = Vec::new();
        let mut refusals = Vec::new();
        for (id, cancellation) in &card.cancelled {
            let path = member(&member(entry, "cancelled"), id);
            match cancellation.when.holds(facts) {
                Err(undecided) => refusals.push(undecided.refusal(&cancellation.rule, &path)),
                Ok(decided) if decided.value => {
                    let computation = format!("{}: {}", cancellation.when, cancellation.en);
                    cancelled.push(self.explain(&cancellation.rule, path, decided.inputs, computation));
                }
                Ok(_) => {}
            }
        }
        if refusals.is_empty() { Ok(cancelled) } else { Err(refusals) }
    }

    /// Of each kind of card that the pack has, how many there were, also when there was none.
    fn facts_of(&self, results: &[PeriodResult], cards: &[CardCount]) -> Facts {
        let count = |number: usize| Decimal::from(number);
        let mut facts = Facts::default()
            .with(words::RESULTS_KNOWN, count(results.len()))
            .with(words::RESULTS_FAILED, count(results.iter().filter(|it| it.failed).count()));
        for kind in self.pack.cards.iter().flat_map(|cards| cards.kinds.keys()) {
            let shown = cards.iter().find(|card| card.kind == *kind).map_or(0, |card| card.count);
            facts.set_cards(kind, shown);
        }
        facts
    }
}
