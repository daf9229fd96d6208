//! How well the work of a person was done in a period, by those who may rate.

mod collection;
mod grades;
mod made_of;
mod marks;
mod weighing;

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

pub use collection::{Collected, Collecting};
pub use made_of::{CardCount, PeriodResult};

use self::{marks::Rated, weighing::Weighed};
use super::{TariffTable, refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{Covers, GoalPart, Goals, Id, Rounding, Scorecard},
    refusal::Refusal,
};

/// What a person is rated by.
#[derive(Clone, Debug)]
pub struct Rating<'a> {
    /// The marks that are given, by indicator.
    pub marks: &'a BTreeMap<Id, Decimal>,
    /// What is known of the person, of what was agreed with him, and the figures of the period.
    pub facts: &'a Facts,
    /// What was agreed with him for the period.
    pub agreed: &'a [GoalPart],
    /// The tables of the organisation.
    pub tables: &'a [TariffTable],
    /// The first day of the period, whose weights hold.
    pub first_on: Date,
}

/// The result of a scorecard, with everything that it was made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The result, rounded as the scorecard says; none when it was taken away.
    pub result: Option<Decimal>,
    /// How the result was made.
    pub explanation: Explanation,
    /// Each indicator, in the order of the pack.
    pub indicators: Vec<IndicatorScore>,
    /// Each block, in the order of the pack.
    pub blocks: Vec<BlockScore>,
    /// The result on further scales.
    pub scales: Vec<ScaleValue>,
    /// The grade that it reaches; none where there are no grades, or no result.
    pub grade: Option<GradeReached>,
    /// What took the result away, each by its rule; empty when nothing did.
    pub cancelled: Vec<Explanation>,
}

/// The score of an indicator.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorScore {
    /// The block that it belongs to; empty for none.
    pub block: Id,
    /// The indicator.
    pub indicator: Id,
    /// Its score, not rounded; none when there was nothing to score, and it was left out.
    pub score: Option<Decimal>,
    /// How it was made.
    pub explanation: Explanation,
}

/// The value of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockScore {
    /// The block.
    pub block: Id,
    /// Its weight in per cent.
    pub weight: Decimal,
    /// Its value, not rounded; none when it was left out.
    pub value: Option<Decimal>,
    /// How it was made.
    pub explanation: Explanation,
}

/// A result on a further scale.
#[derive(Clone, Debug, PartialEq)]
pub struct ScaleValue {
    /// The scale.
    pub scale: Id,
    /// The value, rounded as the scale says.
    pub value: Decimal,
    /// How it was made.
    pub explanation: Explanation,
}

/// A grade that a result reached.
#[derive(Clone, Debug, PartialEq)]
pub struct GradeReached {
    /// The grade.
    pub grade: Id,
    /// Whether the period counts as failed.
    pub failed: bool,
    /// Why this one.
    pub explanation: Explanation,
}

impl Regulation {
    /// The result of a scorecard by what this actor rates.
    ///
    /// # Errors
    /// Every refusal at once: an unknown scorecard, a rater who may not rate, a person that it does not cover, what was not
    /// agreed, each mark that is missing, unknown or out of range, each figure that is missing, weights that are.
    pub fn rate(&self, scorecard: &str, actor: &Actor, rating: &Rating<'_>) -> Result<Score, Vec<Refusal>> {
        let entry = format!("scorecards.{scorecard}");
        let card = self.scorecard(scorecard)?;
        let mut refusals = self.refuse_rater(card, &entry, actor, rating.facts);
        refusals.extend(card.goals.iter().flat_map(|goals| not_agreed(goals, &entry, rating.agreed)));
        let rated = Rated::of(self, card, &entry, rating);
        refusals.extend(rated.refusals);
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let (weighed, inputs) = (rated.total, rated.inputs);
        let Some(exact) = weighed.value() else {
            let (en, zh) = ("no indicator has a score".to_owned(), "没有任何指标可评分".to_owned());
            return Err(vec![refusal(&card.rule, &entry, en, zh, Vec::new())]);
        };
        let result = round(card.rounding, exact);
        let computation = format!("{} = {result}", weighed.computation());
        let explanation = self.explain(&card.rule, entry.clone(), inputs, computation);
        let (scales, grade) = self.graded(card, &entry, result, &rated.blocks)?;
        Ok(Score {
            result: Some(result),
            explanation,
            indicators: rated.indicators,
            blocks: rated.blocks,
            scales,
            grade,
            cancelled: Vec::new(),
        })
    }

    /// A scorecard of the pack.
    ///
    /// # Errors
    /// A refusal by no rule, which names those that there are.
    pub fn scorecard(&self, scorecard: &str) -> Result<&Scorecard, Vec<Refusal>> {
        let known = self.pack.scorecards.keys();
        let entry = format!("scorecards.{scorecard}");
        self.pack
            .scorecards
            .get(scorecard)
            .ok_or_else(|| vec![unknown("", &entry, ("scorecard", "考核表"), scorecard, known)])
    }

    fn refuse_rater(&self, card: &Scorecard, entry: &str, actor: &Actor, person: &Facts) -> Vec<Refusal> {
        let mut refusals: Vec<_> = self.refuse_role(&card.rule, entry, actor, &card.by).into_iter().collect();
        refusals.extend(card.covers.as_ref().and_then(|covers| not_covered(covers, entry, person)));
        refusals
    }
}

/// Refuses a person whom something does not cover, or of whom it is not known.
pub(super) fn not_covered(covers: &Covers, entry: &str, person: &Facts) -> Option<Refusal> {
    match covers.when.holds(person) {
        Err(undecided) => Some(undecided.refusal(&covers.rule, entry)),
        Ok(decided) if decided.value => None,
        Ok(_) => {
            let (en, zh) = (format!("this is for {}", covers.en), format!("仅适用于{}", covers.zh));
            Some(refusal(&covers.rule, entry, en, zh, vec![format!("condition:{}", covers.when)]))
        }
    }
}

fn not_agreed(goals: &Goals, entry: &str, agreed: &[GoalPart]) -> Vec<Refusal> {
    let missing = goals.needs.iter().filter(|part| !agreed.contains(part));
    let refuse = |part: &GoalPart| {
        let (en, zh) = match part {
            GoalPart::Goals => ("goals", "目标"),
            GoalPart::Plan => ("plan", "实施方案"),
            GoalPart::Effect => ("expected effect", "服务效果"),
            GoalPart::Budget => ("budget", "预算"),
        };
        let lifted_by = vec![format!("goal:{}", part.word())];
        let en = format!("no {en} was agreed for the period");
        refusal(&goals.rule, entry, en, format!("本期未确定{zh}"), lifted_by)
    };
    missing.map(refuse).collect()
}

/// Rounds once. Quotients such as 100 / 3 end after 28 digits: what their last digits are short of is made up for first,
/// so that three thirds are a whole and a half is rounded as a half.
fn round(rounding: Rounding, exact: Decimal) -> Decimal {
    rounding.apply(exact.round_dp_with_strategy(PLACES_KEPT, RoundingStrategy::MidpointAwayFromZero))
}

/// Decimal places of a quotient that are taken for exact.
const PLACES_KEPT: u32 = 20;

/// A number in a computation, for people.
fn shown(number: Decimal) -> String {
    number.round_dp_with_strategy(8, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()
}

/// A block, or the scorecard itself, without the scores that were left out.
fn known<'a>(scores: impl Iterator<Item = (Option<Decimal>, Option<Decimal>)> + 'a) -> Weighed {
    Weighed(scores.filter_map(|(weight, score)| Some((weight, score?))).collect())
}

fn no_inputs() -> Inputs {
    Inputs::new()
}
