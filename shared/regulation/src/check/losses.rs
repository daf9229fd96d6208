//! Losses and what is taken from a bonus for them.

use rust_decimal::Decimal;

use super::Checker;
use crate::{
    calendar::Unit,
    pack::{BonusDeduction, DividedBy, Loss},
    source::member,
    vocabulary::Section,
};

impl<'a> Checker<'a> {
    pub(super) fn losses(&mut self) {
        let pack = self.pack;
        for (id, loss) in &pack.losses {
            self.loss(&member("losses", id), loss);
        }
        for (id, deduction) in &pack.bonus_deductions {
            self.bonus_deduction(&member("bonus_deductions", id), deduction);
        }
    }

    fn loss(&mut self, path: &str, loss: &'a Loss) {
        self.cites(path, &loss.rule, &loss.also);
        self.roles(&member(path, "by"), &loss.by);
        if let Some(resale) = &loss.resale {
            let path = member(path, "resale");
            self.cites(&path, &resale.rule, &[]);
            let scope = self.scope(Section::Losses);
            self.formula(&member(&path, "sold"), &resale.sold, &scope);
            match resale.within.unit() {
                Unit::Day | Unit::Month | Unit::Year => {}
                Unit::Minute | Unit::Hour | Unit::WorkingMinute | Unit::WorkingHour | Unit::WorkingDay => {
                    self.report(&member(&path, "within"), "the time for resale is days, months or years".to_owned());
                }
            }
        }
        self.cites(&member(path, "division"), &loss.division.rule, &[]);
        self.cites(&member(path, "approval"), &loss.approval.rule, &[]);
        self.roles(&member(&member(path, "approval"), "by"), &loss.approval.by);
        if let Some(liable) = &loss.liable {
            let path = member(path, "liable");
            self.cites(&path, &liable.rule, &[]);
            for (id, unit) in &liable.units {
                let path = member(&member(&path, "units"), id);
                self.cites(&path, &unit.rule, &[]);
                if unit.whole && loss.division.by == DividedBy::Percent {
                    self.report(&member(&path, "whole"), "goes with a division by base points".to_owned());
                }
            }
            for (department, units) in &liable.departments {
                self.each_of(&member(&member(&path, "departments"), department), "unit", units, &liable.units);
            }
        }
    }

    fn bonus_deduction(&mut self, path: &str, deduction: &'a BonusDeduction) {
        self.cites(path, &deduction.rule, &deduction.also);
        self.roles(&member(path, "by"), &deduction.by);
        self.each_of(&member(path, "losses"), "loss", &deduction.losses, &self.pack.losses);
        if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&deduction.at_most_percent.0) {
            self.report(&member(path, "at_most_percent"), "must be from 0 to 100".to_owned());
        }
    }
}
