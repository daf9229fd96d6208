//! The scores of indicators, given or computed, and the values of blocks.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::{BlockScore, IndicatorScore, Rating, known, no_inputs, not_covered, shown, weighing::Weighed};
use crate::{
    Regulation,
    decide::{prices::table_on, refusal, unknown},
    expression::Inputs,
    pack::{Block, Entries, Id, Indicator, Missing, ScoreResult, Scorecard, Weights},
    refusal::{Refusal, Undecided},
    source::member,
};

/// A scorecard as it was rated: what is to be weighed, and everything that is wrong.
pub(super) struct Rated {
    pub(super) indicators: Vec<IndicatorScore>,
    pub(super) blocks: Vec<BlockScore>,
    pub(super) total: Weighed,
    /// What the total looks at.
    pub(super) inputs: Inputs,
    pub(super) refusals: Vec<Refusal>,
}

/// Indicators that are weighed together.
struct Group<'a> {
    path: String,
    rule: &'a str,
    block: &'a str,
    indicators: &'a Entries<Indicator>,
    result: ScoreResult,
    weights: Option<&'a Weights>,
}

/// What is at hand while a scorecard is rated.
struct Rater<'a> {
    regulation: &'a Regulation,
    card: &'a Scorecard,
    rating: &'a Rating<'a>,
    refusals: Vec<Refusal>,
}

impl Rated {
    pub(super) fn of(regulation: &Regulation, card: &Scorecard, entry: &str, rating: &Rating<'_>) -> Self {
        let mut rater = Rater { regulation, card, rating, refusals: Vec::new() };
        if card.blocks.is_empty() {
            let group = Group {
                path: entry.to_owned(),
                rule: &card.rule,
                block: "",
                indicators: &card.indicators,
                result: card.result,
                weights: card.weights.as_ref(),
            };
            let (indicators, total) = rater.group(&group);
            rater.refuse_strays(entry);
            let inputs = indicators.iter().filter_map(|it| Some((format!("mark.{}", it.indicator), it.score?)));
            let inputs = inputs.map(|(word, score)| (word, score.to_string())).collect();
            return Self { indicators, blocks: Vec::new(), total, inputs, refusals: rater.refusals };
        }
        let (mut indicators, mut blocks) = (Vec::new(), Vec::new());
        for (id, block) in &card.blocks {
            let (scores, block) = rater.block(&member(&member(entry, "blocks"), id), id, block);
            indicators.extend(scores);
            blocks.push(block);
        }
        rater.refuse_strays(entry);
        let total = known(blocks.iter().map(|block| (Some(block.weight), block.value)));
        let inputs =
            blocks.iter().filter_map(|it| Some((format!("score.{}", it.block), it.value?.to_string()))).collect();
        Self { indicators, blocks, total, inputs, refusals: rater.refusals }
    }
}

impl Rater<'_> {
    fn refuse_strays(&mut self, entry: &str) {
        let all = self.card.each_indicator().map(|(_, id, _)| id.to_owned()).collect::<Vec<Id>>();
        for stray in self.rating.marks.keys().filter(|id| !all.contains(id)) {
            self.refusals.push(unknown(&self.card.rule, entry, ("indicator", "考核指标"), stray, all.iter()));
        }
    }

    fn block(&mut self, path: &str, id: &str, block: &Block) -> (Vec<IndicatorScore>, BlockScore) {
        let explain = |inputs, computation| self.regulation.explain(&block.rule, path.to_owned(), inputs, computation);
        let left_out = block.covers.as_ref().and_then(|covers| not_covered(covers, path, self.rating.facts));
        if let Some(refused) = left_out {
            let explanation = explain(no_inputs(), refused.message.en.clone());
            // Of somebody whom the block is not for nothing is asked, and nothing is taken.
            if self.rating.marks.keys().any(|mark| block.indicators.contains_key(mark)) {
                self.refusals.push(refused);
            }
            let block = BlockScore { block: id.to_owned(), weight: block.weight.0, value: None, explanation };
            return (Vec::new(), block);
        }
        let group = Group {
            path: path.to_owned(),
            rule: &block.rule,
            block: id,
            indicators: &block.indicators,
            result: block.result,
            weights: block.weights.as_ref(),
        };
        let (scores, weighed) = self.group(&group);
        let value = weighed.value();
        let inputs = scores.iter().filter_map(|it| Some((format!("mark.{}", it.indicator), it.score?.to_string())));
        let computation = match value {
            Some(value) => format!("{} = {}", weighed.computation(), shown(value)),
            None => "left out: none of its indicators has a score".to_owned(),
        };
        let explanation = self.regulation.explain(&block.rule, path.to_owned(), inputs.collect(), computation);
        (scores, BlockScore { block: id.to_owned(), weight: block.weight.0, value, explanation })
    }

    fn group(&mut self, group: &Group<'_>) -> (Vec<IndicatorScore>, Weighed) {
        let mut scores = Vec::new();
        for (id, indicator) in group.indicators {
            scores.push(self.indicator(group, id, indicator));
        }
        let weighed = match self.own_weights(group) {
            Some(weights) => {
                known(scores.iter().map(|it| (Some(weights.get(&it.indicator).copied().unwrap_or_default()), it.score)))
            }
            None => {
                let weight = |id: &str| match group.result {
                    ScoreResult::Mean => None,
                    ScoreResult::Weighted => group.indicators.get(id)?.weight.map(|weight| weight.0),
                };
                known(scores.iter().map(|it| (weight(&it.indicator), it.score)))
            }
        };
        (scores, weighed)
    }

    /// The weights that the organisation has set for the period, if it has.
    fn own_weights(&mut self, group: &Group<'_>) -> Option<std::collections::BTreeMap<String, Decimal>> {
        let weights = group.weights?;
        let table = &weights.table;
        let lifted_by = || vec![format!("table:{table}")];
        let day = self.rating.first_on;
        let Some(valid) = table_on(self.rating.tables, table, day) else {
            if weights.required {
                let en = format!("the organisation has set no weights for the period that begins on {day}");
                let zh = format!("单位未设定 {day} 起考核期的权重");
                self.refusals.push(refusal(&weights.rule, &group.path, en, zh, lifted_by()));
            }
            return None;
        };
        let sum = group.indicators.keys().filter_map(|id| valid.values.get(id)).sum::<Decimal>();
        let strays = valid.values.keys().any(|id| !group.indicators.contains_key(id));
        let negative = valid.values.values().any(|weight| weight.is_sign_negative() && !weight.is_zero());
        let missing = group.indicators.keys().filter(|id| !valid.values.contains_key(*id)).cloned().collect::<Vec<_>>();
        if missing.is_empty() && !strays && !negative && sum == Decimal::ONE_HUNDRED {
            return Some(valid.values.clone());
        }
        let (en, zh) = if missing.is_empty() {
            (
                format!("the weights of `{table}` make {sum} together, not 100"),
                format!("{table} 的权重合计为 {sum},不是 100"),
            )
        } else {
            let missing = missing.join(", ");
            (format!("`{table}` has no weight for {missing}"), format!("{table} 缺少权重:{missing}"))
        };
        self.refusals.push(refusal(&weights.rule, &group.path, en, zh, lifted_by()));
        None
    }

    fn indicator(&mut self, group: &Group<'_>, id: &str, indicator: &Indicator) -> IndicatorScore {
        let path = member(&member(&group.path, "indicators"), id);
        let rule = indicator.rule.as_deref().unwrap_or(group.rule);
        let (score, inputs, computation) = match &indicator.score {
            None => self.given(&path, rule, id, indicator),
            Some(_) => self.computed(&path, rule, id, indicator),
        };
        IndicatorScore {
            block: group.block.to_owned(),
            indicator: id.to_owned(),
            score,
            explanation: self.regulation.explain(rule, path, inputs, computation),
        }
    }

    fn given(&mut self, path: &str, rule: &str, id: &str, indicator: &Indicator) -> (Option<Decimal>, Inputs, String) {
        let (min, max) = (self.card.marks.min, self.card.marks.max);
        let lifted_by = || vec![format!("mark:{id}")];
        match self.rating.marks.get(id) {
            Some(mark) if (min.0..=max.0).contains(mark) => {}
            Some(mark) => {
                let en = format!("{mark} for {} is outside {min} to {max}", indicator.en);
                let zh = format!("{}的评分 {mark} 超出 {min}~{max}", indicator.zh);
                self.refusals.push(refusal(rule, path, en, zh, lifted_by()));
            }
            None => {
                let (en, zh) = (format!("{} needs a mark", indicator.en), format!("{}须评分", indicator.zh));
                self.missing(|| refusal(rule, path, en, zh, lifted_by()));
            }
        }
        let mark = self.rating.marks.get(id).copied();
        let computation = mark.map_or_else(|| LEFT_OUT.to_owned(), |mark| format!("given: {mark}"));
        (mark, no_inputs(), computation)
    }

    fn computed(
        &mut self,
        path: &str,
        rule: &str,
        id: &str,
        indicator: &Indicator,
    ) -> (Option<Decimal>, Inputs, String) {
        if self.rating.marks.contains_key(id) {
            let en = format!("{} is computed from figures; no mark is given", indicator.en);
            let zh = format!("{}由统计数据计算,不得直接评分", indicator.zh);
            self.refusals.push(refusal(rule, path, en, zh, Vec::new()));
        }
        match self.compute(indicator) {
            Ok(Some((score, inputs, computation))) => (Some(score), inputs, computation),
            Ok(None) => {
                let (en, zh) = (format!("there is no data for {}", indicator.en), format!("{}没有数据", indicator.zh));
                self.missing(|| refusal(rule, path, en, zh, Vec::new()));
                (None, no_inputs(), LEFT_OUT.to_owned())
            }
            // What was not counted at all is no data either; but what it may cost, or who he is, has to be known.
            Err(Undecided::Missing { fact }) if fact.starts_with("figure.") => {
                let (en, zh) = (format!("{} needs `{fact}`", indicator.en), format!("{}缺少 {fact}", indicator.zh));
                self.missing(|| refusal(rule, path, en, zh, vec![fact.replacen('.', ":", 1)]));
                (None, no_inputs(), LEFT_OUT.to_owned())
            }
            Err(undecided) => {
                self.refusals.push(undecided.refusal(rule, path));
                (None, no_inputs(), LEFT_OUT.to_owned())
            }
        }
    }

    /// The score, within the bounds of the marks; none when there is nothing to compute it from.
    fn compute(&self, indicator: &Indicator) -> Result<Option<(Decimal, Inputs, String)>, Undecided> {
        let (facts, marks) = (self.rating.facts, self.card.marks);
        if let Some(without_data) = &indicator.without_data
            && without_data.holds(facts)?.value
        {
            return Ok(None);
        }
        let Some(formula) = &indicator.score else { return Ok(None) };
        let computed = formula.compute(facts)?;
        let score = computed.value.clamp(marks.min.0, marks.max.0);
        let mut computation = format!("{formula} = {}", shown(computed.value));
        if score != computed.value {
            let _ = write!(computation, ", bounded to {}", shown(score));
        }
        Ok(Some((score, computed.inputs, computation)))
    }

    /// Refuses an indicator that has no score, unless it may be left out.
    fn missing(&mut self, refuse: impl FnOnce() -> Refusal) {
        match self.card.missing {
            Missing::Refused => self.refusals.push(refuse()),
            Missing::Renormalised => {}
        }
    }
}

const LEFT_OUT: &str = "left out: there is nothing to score";
