//! Scorecards: their weights, their figures and formulas, their ladders.

use rust_decimal::Decimal;

use super::Checker;
use crate::{
    calendar::Period,
    expression::Scope,
    pack::{Block, Collection, Covers, Entries, Grades, Indicator, MadeOf, ScoreResult, Scorecard, Weights},
    source::{element, member},
    vocabulary::{Kind, Section},
};

impl<'a> Checker<'a> {
    pub(super) fn scorecards(&mut self) {
        let pack = self.pack;
        for (id, scorecard) in &pack.scorecards {
            self.scorecard(&member("scorecards", id), scorecard);
        }
    }

    fn scorecard(&mut self, path: &str, scorecard: &'a Scorecard) {
        self.cites(path, &scorecard.rule, &scorecard.also);
        self.one_of(&member(path, "of"), "role", &scorecard.of, self.pack.roles.keys());
        self.roles(&member(path, "by"), &scorecard.by);
        self.roles(&member(path, "reported_to"), &scorecard.reported_to);
        if let Some(covers) = &scorecard.covers {
            self.covers(&member(path, "covers"), covers);
        }
        if let Some(goals) = &scorecard.goals {
            let path = member(path, "goals");
            self.cites(&path, &goals.rule, &[]);
            self.roles(&member(&path, "by"), &goals.by);
            if goals.needs.is_empty() {
                self.report(&member(&path, "needs"), "name at least one part".to_owned());
            }
        }
        if scorecard.marks.min >= scorecard.marks.max {
            self.report(&member(path, "marks"), "`min` must be below `max`".to_owned());
        }
        self.content(path, scorecard);
        self.collection(path, scorecard);
        self.scales(path, scorecard);
        if let Some(grades) = &scorecard.grades {
            self.grades(&member(path, "grades"), scorecard, grades);
        }
        self.cancellations(path, scorecard);
    }

    /// What it rates: indicators, blocks of them, or the results of another one.
    fn content(&mut self, path: &str, scorecard: &'a Scorecard) {
        let given = [!scorecard.indicators.is_empty(), !scorecard.blocks.is_empty(), scorecard.made_of.is_some()];
        match given.into_iter().filter(|given| *given).count() {
            0 => self.report(&member(path, "indicators"), "name at least one".to_owned()),
            1 => {}
            _ => self.report(path, "rates by `indicators`, by `blocks` or by `made_of`; give one".to_owned()),
        }
        let weights = scorecard.weights.as_ref();
        self.indicators(path, &scorecard.indicators, scorecard.result, weights);
        let blocks = member(path, "blocks");
        for (id, block) in &scorecard.blocks {
            self.block(&member(&blocks, id), block);
        }
        let sum = scorecard.blocks.values().map(|block| block.weight.0).sum::<Decimal>();
        if !scorecard.blocks.is_empty() && sum != Decimal::ONE_HUNDRED {
            self.report(&blocks, format!("the weights make {sum} together; they must make exactly 100"));
        }
        let mut seen = std::collections::BTreeSet::new();
        for (block, id, indicator) in scorecard.each_indicator() {
            let path = match block {
                Some(block) => member(&member(&member(&blocks, block), "indicators"), id),
                None => member(&member(path, "indicators"), id),
            };
            if !seen.insert(id) {
                self.report(&path, format!("`{id}` is an indicator of another block already"));
            }
            let twice = indicator.figures.keys().filter(|figure| !seen.insert(figure)).collect::<Vec<_>>();
            for figure in twice {
                self.report(&member(&member(&path, "figures"), figure), format!("`{figure}` is there already"));
            }
        }
        if let Some(made_of) = &scorecard.made_of {
            self.made_of(&member(path, "made_of"), scorecard, made_of);
        }
    }

    fn block(&mut self, path: &str, block: &'a Block) {
        self.cites(path, &block.rule, &block.also);
        if let Some(covers) = &block.covers {
            self.covers(&member(path, "covers"), covers);
        }
        if block.indicators.is_empty() {
            self.report(&member(path, "indicators"), "name at least one".to_owned());
        }
        self.indicators(path, &block.indicators, block.result, block.weights.as_ref());
    }

    fn indicators(
        &mut self,
        path: &str,
        indicators: &'a Entries<Indicator>,
        result: ScoreResult,
        weights: Option<&'a Weights>,
    ) {
        let all = member(path, "indicators");
        for (id, indicator) in indicators {
            let path = member(&all, id);
            if let Some(rule) = &indicator.rule {
                self.cites(&path, rule, &[]);
            }
            self.score(&path, indicator);
        }
        let given = indicators.values().filter_map(|it| it.weight).map(|weight| weight.0).collect::<Vec<_>>();
        let sum = given.iter().sum::<Decimal>();
        match result {
            ScoreResult::Mean if given.is_empty() => {}
            ScoreResult::Mean => {
                self.report(&member(path, "result"), "a mean has no weights; say `result: weighted`".to_owned());
            }
            ScoreResult::Weighted if given.len() < indicators.len() => {
                for (id, _) in indicators.iter().filter(|(_, it)| it.weight.is_none()) {
                    self.report(&member(&all, id), "`weight` is missing".to_owned());
                }
            }
            ScoreResult::Weighted if sum != Decimal::ONE_HUNDRED => {
                self.report(&all, format!("the weights make {sum} together; they must make exactly 100"));
            }
            ScoreResult::Weighted => {}
        }
        if let Some(weights) = weights {
            self.weights(&member(path, "weights"), weights, indicators);
        }
    }

    /// The table of the organisation's weights has the indicators as its columns, no more and no fewer.
    fn weights(&mut self, path: &str, weights: &'a Weights, indicators: &Entries<Indicator>) {
        self.cites(path, &weights.rule, &[]);
        let path = member(path, "table");
        self.one_of(&path, "table", &weights.table, self.pack.tables.keys());
        let Some(table) = self.pack.tables.get(&weights.table) else { return };
        for column in table.columns.keys().filter(|column| !indicators.contains_key(*column)) {
            self.report(&path, format!("column `{column}` of `{}` is no indicator", weights.table));
        }
        for id in indicators.keys().filter(|id| !table.columns.contains_key(*id)) {
            self.report(&path, format!("`{}` has no column for `{id}`", weights.table));
        }
    }

    fn score(&mut self, path: &str, indicator: &'a Indicator) {
        let mut scope = self.scope(Section::Indicators);
        for figure in indicator.figures.keys() {
            scope.know(&format!("figure.{figure}"), Kind::Number, None);
        }
        self.condition(&member(path, "without_data"), indicator.without_data.as_ref(), &scope);
        match &indicator.score {
            Some(formula) => self.formula(&member(path, "score"), formula, &scope),
            None if !indicator.figures.is_empty() => {
                self.report(path, "has `figures` and no `score` that reads them".to_owned());
            }
            None if indicator.without_data.is_some() => {
                self.report(&member(path, "without_data"), "a mark is given, nothing is computed".to_owned());
            }
            None => {}
        }
    }

    pub(super) fn covers(&mut self, path: &str, covers: &'a Covers) {
        self.cites(path, &covers.rule, &covers.also);
        let scope = self.scope(Section::Covers);
        self.condition(&member(path, "when"), Some(&covers.when), &scope);
    }

    fn made_of(&mut self, path: &str, scorecard: &Scorecard, made_of: &'a MadeOf) {
        self.one_of(&member(path, "scorecard"), "scorecard", &made_of.scorecard, self.pack.scorecards.keys());
        let Some(part) = self.pack.scorecards.get(&made_of.scorecard) else { return };
        let shorter = match (part.period.and_then(periods_a_year), scorecard.period.and_then(periods_a_year)) {
            (Some(parts), Some(wholes)) => parts > wholes,
            (None, _) | (_, None) => false,
        };
        if !shorter || part.made_of.is_some() {
            let message = format!("`{}` must rate a shorter period, by itself", made_of.scorecard);
            self.report(&member(path, "scorecard"), message);
        }
    }

    fn collection(&mut self, path: &str, scorecard: &'a Scorecard) {
        let counted = scorecard.each_indicator().any(|(_, _, indicator)| !indicator.figures.is_empty());
        let path = member(path, "collection");
        match &scorecard.collection {
            None if counted => self.report(&path, "its figures are never collected".to_owned()),
            None => {}
            Some(_) if !counted => self.report(&path, "it has no figures".to_owned()),
            Some(collection) => self.collected(&path, scorecard, collection),
        }
    }

    fn collected(&mut self, path: &str, scorecard: &Scorecard, collection: &'a Collection) {
        self.cites(path, &collection.rule, &[]);
        self.roles(&member(path, "by"), &collection.by);
        self.roles(&member(path, "approved_by"), &collection.approved_by);
        if let Some(review) = &collection.review {
            let path = member(path, "review");
            self.cites(&path, &review.rule, &[]);
            self.roles(&member(&path, "by"), &review.by);
        }
        if collection.from_day > collection.to_day {
            self.report(path, "`from_day` must not be after `to_day`".to_owned());
        }
        if scorecard.period.and_then(periods_a_year).is_none() {
            self.report(path, "figures are summed up over a `period` of months; give one".to_owned());
        }
    }

    fn scales(&mut self, path: &str, scorecard: &'a Scorecard) {
        let mut scope: Scope = self.scope(Section::Scales);
        for block in scorecard.blocks.keys() {
            scope.know(&format!("score.{block}"), Kind::Number, None);
        }
        for (id, scale) in &scorecard.scales {
            let path = member(&member(path, "scales"), id);
            self.cites(&path, &scale.rule, &[]);
            self.formula(&member(&path, "value"), &scale.value, &scope);
        }
    }

    fn grades(&mut self, path: &str, scorecard: &Scorecard, grades: &'a Grades) {
        self.cites(path, &grades.rule, &grades.also);
        if let Some(scale) = &grades.by {
            self.one_of(&member(path, "by"), "scale", scale, self.pack.scales_of(scorecard).keys());
        }
        let ladder = member(path, "ladder");
        if grades.ladder.is_empty() {
            self.report(&ladder, "name at least one grade".to_owned());
        }
        for (index, grade) in grades.ladder.iter().enumerate() {
            let path = element(&ladder, index);
            if grades.ladder.iter().take(index).any(|other| other.id == grade.id) {
                self.report(&path, format!("grade `{}` is there already", grade.id));
            }
            let above = index.checked_sub(1).and_then(|above| grades.ladder.get(above)?.from);
            match (grade.from, index + 1 == grades.ladder.len()) {
                (None, false) => {
                    self.report(
                        &path,
                        "a grade without `from` comes last: those after it are never reached".to_owned(),
                    );
                }
                (Some(_), true) => {
                    self.report(&path, "the last grade has no `from`: it is for all the rest".to_owned());
                }
                (Some(from), false) if above.is_some_and(|above| above <= from) => {
                    self.report(&path, format!("{from} is not below the grade before it"));
                }
                (Some(_), false) | (None, true) => {}
            }
        }
    }

    fn cancellations(&mut self, path: &str, scorecard: &'a Scorecard) {
        let mut scope = self.scope(Section::Cancelled);
        for kind in self.pack.cards.iter().flat_map(|cards| cards.kinds.keys()) {
            scope.know(&format!("card.{kind}"), Kind::Number, None);
        }
        for (id, cancellation) in &scorecard.cancelled {
            let path = member(&member(path, "cancelled"), id);
            self.cites(&path, &cancellation.rule, &[]);
            self.condition(&member(&path, "when"), Some(&cancellation.when), &scope);
        }
    }
}

/// How many periods of this kind a calendar year has; none for weeks, which do not keep to years.
pub(super) const fn periods_a_year(period: Period) -> Option<u32> {
    match period {
        Period::Week => None,
        Period::Month => Some(12),
        Period::Quarter => Some(4),
        Period::HalfYear => Some(2),
        Period::Year => Some(1),
    }
}
