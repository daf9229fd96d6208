//! What follows from a grade in money.

use callout_contract::regulation::v1::Explanation;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{TariffTable, prices::table_on, refusal, scorecards::not_covered, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{Grades, IncomePart, PerformancePay, Share},
    refusal::Refusal,
    source::member,
};

/// What a share of the performance pay goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaidBy<'a> {
    /// The person has no result for the period.
    NotScored,
    /// The result was taken away, by this rule.
    Cancelled(&'a str),
    /// The grade that was reached.
    Grade(&'a str),
}

/// What a share is computed from.
#[derive(Clone, Debug)]
pub struct PayInput<'a> {
    /// What is known of the person.
    pub person: &'a Facts,
    /// What it goes by.
    pub by: PaidBy<'a>,
    /// The tables of the organisation.
    pub tables: &'a [TariffTable],
    /// The first day of the year, whose ratios hold.
    pub year_begins_on: Date,
}

/// A share of the performance pay.
#[derive(Clone, Debug, PartialEq)]
pub struct PayAmount {
    /// The standard of a whole year.
    pub standard: Decimal,
    /// The share of it, in per cent.
    pub percent: Decimal,
    /// The ratio of the grade, in per cent; 0 where the result was taken away.
    pub ratio: Decimal,
    /// How much, in the currency of the pack, rounded once.
    pub amount: Decimal,
    /// How it was computed.
    pub explanation: Explanation,
}

/// What makes up the income of a year beside the performance pay.
#[derive(Clone, Debug)]
pub struct IncomeInput<'a> {
    /// What is known of the person and the year.
    pub facts: &'a Facts,
    /// The tables of the organisation.
    pub tables: &'a [TariffTable],
    /// The last day of the year, on which they must be valid.
    pub year_ends_on: Date,
}

/// A part of the income of a year.
#[derive(Clone, Debug, PartialEq)]
pub struct IncomeLine {
    /// The part of the pack.
    pub part: String,
    /// How much.
    pub amount: Decimal,
    /// How it was computed.
    pub explanation: Explanation,
}

impl Regulation {
    /// A share of a person's performance pay: the standard of the year times the share times the ratio of the grade.
    ///
    /// # Errors
    /// Every refusal at once: a pack without performance pay, an unknown share, a role that does not compute it, a person
    /// who gets none, a period that was not scored, a ratio that the organisation has not set for the year.
    pub fn performance_pay(&self, share: &str, actor: &Actor, input: &PayInput<'_>) -> Result<PayAmount, Vec<Refusal>> {
        let (pay, of) = self.share(share)?;
        let entry = format!("performance_pay.shares.{share}");
        let mut refusals: Vec<_> = self.refuse_role(&pay.rule, &entry, actor, &pay.by).into_iter().collect();
        let not_covered =
            pay.covers.as_ref().and_then(|covers| not_covered(covers, "performance_pay.covers", input.person));
        let is_covered = not_covered.is_none();
        refusals.extend(not_covered);
        if !is_covered {
            return Err(refusals);
        }
        let standard = pay.standard.compute(input.person).map_err(|undecided| undecided.refusal(&pay.rule, &entry));
        let ratio = self.ratio(pay, of, &entry, input);
        let (standard, (rule, ratio, why)) = match (standard, ratio) {
            (Ok(standard), Ok(ratio)) if refusals.is_empty() => (standard, ratio),
            (standard, ratio) => {
                refusals.extend(standard.err());
                refusals.extend(ratio.err());
                return Err(refusals);
            }
        };
        let percent = of.percent.0;
        let exact = standard.value * percent * ratio / Decimal::from(10_000);
        let amount = money(pay, exact);
        let mut inputs = standard.inputs;
        inputs.insert("pay.percent".to_owned(), percent.to_string());
        inputs.insert("pay.ratio".to_owned(), ratio.to_string());
        let computation =
            format!("{} x {percent}% x {}% ({why}) = {amount}", standard.value.normalize(), ratio.normalize());
        let explanation = self.explain(rule, entry, inputs, computation);
        Ok(PayAmount { standard: standard.value, percent, ratio, amount, explanation })
    }

    /// The parts of the income of a year beside the performance pay.
    ///
    /// # Errors
    /// Every refusal at once: a pack that makes up no income, a role that does not compute it, what is not known, a table
    /// that is not valid at the end of the year.
    pub fn income(&self, actor: &Actor, input: &IncomeInput<'_>) -> Result<Vec<IncomeLine>, Vec<Refusal>> {
        let Some((pay, income)) = self.pack.performance_pay.as_ref().and_then(|pay| Some((pay, pay.income.as_ref()?)))
        else {
            let (en, zh) = ("the regulation makes up no income of a year".to_owned(), "规章未规定年度收入".to_owned());
            return Err(vec![refusal("", "performance_pay.income", en, zh, Vec::new())]);
        };
        let mut refusals: Vec<_> =
            self.refuse_role(&income.rule, "performance_pay.income", actor, &pay.by).into_iter().collect();
        let mut lines = Vec::new();
        for (id, part) in &income.parts {
            match self.income_line(pay, id, part, input) {
                Ok(line) => lines.push(line),
                Err(refused) => refusals.push(refused),
            }
        }
        if refusals.is_empty() { Ok(lines) } else { Err(refusals) }
    }

    /// A share of the performance pay, with the pay that it is a share of.
    ///
    /// # Errors
    /// A refusal by no rule, which names those that there are.
    pub fn share(&self, share: &str) -> Result<(&PerformancePay, &Share), Vec<Refusal>> {
        let entry = format!("performance_pay.shares.{share}");
        let Some(pay) = &self.pack.performance_pay else {
            let (en, zh) = ("the regulation has no performance pay".to_owned(), "规章未规定绩效奖金".to_owned());
            return Err(vec![refusal("", &entry, en, zh, Vec::new())]);
        };
        let of = pay.shares.get(share);
        let of = of.ok_or_else(|| vec![unknown("", &entry, ("share", "绩效份额"), share, pay.shares.keys())])?;
        Ok((pay, of))
    }

    /// The rule by which a share goes, the ratio in per cent, and why.
    fn ratio<'a>(
        &'a self,
        pay: &'a PerformancePay,
        share: &'a Share,
        entry: &str,
        input: &PayInput<'a>,
    ) -> Result<(&'a str, Decimal, String), Refusal> {
        let grade = match input.by {
            PaidBy::Grade(grade) => grade,
            PaidBy::Cancelled(rule) => return Ok((rule, Decimal::ZERO, "cancelled".to_owned())),
            PaidBy::NotScored => {
                let en = format!("there is no result of `{}` for the period", share.scorecard);
                let zh = format!("本期没有 {} 的考核结果", share.scorecard);
                return Err(refusal(&share.rule, entry, en, zh, vec![format!("scorecard:{}", share.scorecard)]));
            }
        };
        if let Some(fixed) = pay.ratios.fixed.get(grade) {
            return Ok((&fixed.rule, fixed.ratio.0, self.grade_name(share, grade)));
        }
        let table = &pay.ratios.table;
        let valid = table_on(input.tables, table, input.year_begins_on);
        match valid.and_then(|valid| valid.values.get(grade)) {
            Some(ratio) => Ok((&share.rule, *ratio, self.grade_name(share, grade))),
            None => {
                let day = input.year_begins_on;
                let en =
                    format!("the organisation has set no ratio of grade {grade} for the year that begins on {day}");
                let zh = format!("单位未在 {day} 前设定 {grade} 级的奖金比例");
                let lifted_by = vec![format!("table:{table}.{grade}")];
                Err(refusal(&pay.ratios.rule, "performance_pay.ratios", en, zh, lifted_by))
            }
        }
    }

    fn grade_name(&self, share: &Share, id: &str) -> String {
        let grades = self.pack.scorecards.get(&share.scorecard).and_then(|card| self.pack.grades_of(card));
        let named = |grades: &Grades| grades.ladder.iter().find(|grade| grade.id == id).map(|grade| grade.en.clone());
        let name = grades.and_then(named).unwrap_or_default();
        format!("grade {id}, {name}")
    }

    fn income_line(
        &self,
        pay: &PerformancePay,
        id: &str,
        part: &IncomePart,
        input: &IncomeInput<'_>,
    ) -> Result<IncomeLine, Refusal> {
        let entry = member("performance_pay.income.parts", id);
        let mut facts = input.facts.clone();
        if let Some(table) = &part.table {
            let day = input.year_ends_on;
            let valid = table_on(input.tables, table, day).ok_or_else(|| {
                let en = format!("the organisation has no table `{table}` that is valid on {day}");
                let zh = format!("单位没有在 {day} 有效的 {table}");
                refusal(&part.rule, &entry, en, zh, vec![format!("table:{table}")])
            })?;
            for (column, value) in &valid.values {
                facts.set_table_value(column, *value);
            }
        }
        let computed = part.amount.compute(&facts).map_err(|undecided| undecided.refusal(&part.rule, &entry))?;
        let amount = money(pay, computed.value);
        let inputs: Inputs = computed.inputs;
        let computation = format!("{} = {amount}", part.amount);
        Ok(IncomeLine {
            part: id.to_owned(),
            amount,
            explanation: self.explain(&part.rule, entry, inputs, computation),
        })
    }
}

/// An amount as the pack rounds it, with all of its decimal places.
fn money(pay: &PerformancePay, exact: Decimal) -> Decimal {
    let mut amount = pay.rounding.apply(exact);
    amount.rescale(pay.rounding.places);
    amount
}
