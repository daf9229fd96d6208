//! Pay that goes by grades, and cards.

use rust_decimal::Decimal;

use super::{Checker, scorecards::periods_a_year};
use crate::{
    pack::{Income, PerformancePay, Ratios},
    source::member,
    vocabulary::{Kind, Section},
};

impl<'a> Checker<'a> {
    pub(super) fn pay(&mut self) {
        let pack = self.pack;
        if let Some(cards) = &pack.cards {
            self.cites("cards", &cards.rule, &[]);
            self.roles("cards.by", &cards.by);
            if cards.kinds.is_empty() {
                self.report("cards.kinds", "name at least one".to_owned());
            }
        }
        if let Some(pay) = &pack.performance_pay {
            self.performance_pay("performance_pay", pay);
        }
    }

    fn performance_pay(&mut self, path: &str, pay: &'a PerformancePay) {
        self.cites(path, &pay.rule, &pay.also);
        if let Some(covers) = &pay.covers {
            self.covers(&member(path, "covers"), covers);
        }
        self.roles(&member(path, "by"), &pay.by);
        let scope = self.scope(Section::PerformancePay);
        self.formula(&member(path, "standard"), &pay.standard, &scope);
        self.shares(&member(path, "shares"), pay);
        self.ratios(&member(path, "ratios"), pay, &pay.ratios);
        if let Some(income) = &pay.income {
            self.income(&member(path, "income"), income);
        }
    }

    fn shares(&mut self, path: &str, pay: &'a PerformancePay) {
        let mut of_a_year = Decimal::ZERO;
        for (id, share) in &pay.shares {
            let path = member(path, id);
            self.cites(&path, &share.rule, &[]);
            self.one_of(&member(&path, "scorecard"), "scorecard", &share.scorecard, self.pack.scorecards.keys());
            let Some(scorecard) = self.pack.scorecards.get(&share.scorecard) else { continue };
            match scorecard.period.and_then(periods_a_year) {
                Some(periods) => of_a_year += share.percent.0 * Decimal::from(periods),
                None => self.report(&member(&path, "scorecard"), "has no period that a year is made of".to_owned()),
            }
            if self.pack.grades_of(scorecard).is_none() {
                self.report(&member(&path, "scorecard"), format!("`{}` has no grades", share.scorecard));
            }
        }
        if of_a_year != Decimal::ONE_HUNDRED {
            self.report(path, format!("the shares of a year make {of_a_year} together; they must make exactly 100"));
        }
    }

    /// Every grade of the scorecards that pay goes by has a ratio, from the one place or the other.
    fn ratios(&mut self, path: &str, pay: &PerformancePay, ratios: &'a Ratios) {
        self.cites(path, &ratios.rule, &[]);
        let table = member(path, "table");
        self.one_of(&table, "table", &ratios.table, self.pack.tables.keys());
        for (grade, fixed) in &ratios.fixed {
            self.cites(&member(&member(path, "fixed"), grade), &fixed.rule, &[]);
        }
        let Some(columns) = self.pack.tables.get(&ratios.table).map(|table| &table.columns) else { return };
        let pack = self.pack;
        let cards = pay.shares.values().filter_map(|share| pack.scorecards.get(&share.scorecard));
        let grades = cards.filter_map(|card| pack.grades_of(card)).flat_map(|grades| &grades.ladder);
        for grade in grades {
            match (columns.contains_key(&grade.id), ratios.fixed.contains_key(&grade.id)) {
                (true, false) | (false, true) => {}
                (false, false) => self.report(path, format!("grade `{}` has no ratio", grade.id)),
                (true, true) => self.report(path, format!("grade `{}` has its ratio twice", grade.id)),
            }
        }
    }

    fn income(&mut self, path: &str, income: &'a Income) {
        self.cites(path, &income.rule, &[]);
        for (id, part) in &income.parts {
            let path = member(&member(path, "parts"), id);
            self.cites(&path, &part.rule, &[]);
            let mut scope = self.scope(Section::Income);
            if let Some(table) = &part.table {
                self.one_of(&member(&path, "table"), "table", table, self.pack.tables.keys());
                for column in self.pack.tables.get(table).iter().flat_map(|table| table.columns.keys()) {
                    scope.know(&format!("table.{column}"), Kind::Number, None);
                }
            }
            self.formula(&member(&path, "amount"), &part.amount, &scope);
        }
    }
}
