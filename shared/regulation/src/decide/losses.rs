//! How much a loss is, and who bears which part.

use callout_contract::regulation::v1::Explanation;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{refusal, unknown};
use crate::{
    Regulation,
    calendar::Holidays,
    dossier::Actor,
    expression::Inputs,
    facts::Facts,
    pack::{DividedBy, Liable, LiableUnit, Loss, Resale},
    refusal::{Refusal, Undecided},
    vocabulary::words,
};

/// What a loss is assessed from.
#[derive(Clone, Debug)]
pub struct LossInput<'a> {
    /// When it was judged who is liable.
    pub judged_on: Date,
    /// What the goods are worth at their full price.
    pub full_value: Option<Decimal>,
    /// When they were resold; none while they were not.
    pub resold_on: Option<Date>,
    /// For how much.
    pub proceeds: Option<Decimal>,
    /// What was actually lost.
    pub actual: Option<Decimal>,
    /// The department that is liable; empty where the regulation tells none apart.
    pub department: &'a str,
    /// The unit that is charged; empty likewise.
    pub unit: &'a str,
    /// The base points of all who are charged; none: those of the shares.
    pub total_points: Option<Decimal>,
    /// Who has a share.
    pub shares: &'a [Portion],
    /// The day of the assessment.
    pub today: Date,
}

/// The share of a person or a shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Whose it is.
    pub person: String,
    /// Per cent of the loss, where it is divided so; of one alone none is 100.
    pub percent: Option<Decimal>,
    /// Base points, where it is divided so.
    pub points: Option<Decimal>,
}

/// What each bears, and why, in the order of the portions.
pub type Borne = Vec<(Decimal, Explanation)>;

/// A loss that was assessed.
#[derive(Clone, Debug, PartialEq)]
pub struct AssessedLoss {
    /// How much.
    pub amount: Decimal,
    /// The last day of the time for resale; none where there is no such time.
    pub resale_until: Option<Date>,
    /// Why that much.
    pub explanation: Explanation,
    /// The base points by which it was divided; none where it was not.
    pub total_points: Option<Decimal>,
    /// What each bears.
    pub shares: Borne,
}

impl Regulation {
    /// A loss and its division.
    ///
    /// # Errors
    /// Every refusal at once: an unknown kind, a role that does not assess it, a department or unit that cannot be charged,
    /// goods that may still be resold, an amount that is not known, shares that do not make the whole.
    pub fn assess_loss(
        &self,
        kind: &str,
        actor: &Actor,
        input: &LossInput<'_>,
        holidays: &Holidays,
    ) -> Result<AssessedLoss, Vec<Refusal>> {
        let (entry, terms) = self.loss(kind)?;
        let mut refusals: Vec<_> = self.refuse_role(&terms.rule, &entry, actor, &terms.by).into_iter().collect();
        let unit = terms.liable.as_ref().map(|liable| charged(liable, &entry, input)).transpose();
        let amount = self.amount_lost(terms, &entry, input, holidays);
        let ((resale_until, amount, explanation), unit) = match (amount, unit) {
            (Ok(amount), Ok(unit)) if refusals.is_empty() => (amount, unit),
            (amount, unit) => {
                refusals.extend(unit.err());
                refusals.extend(amount.err());
                return Err(refusals);
            }
        };
        let (total_points, shares) = match terms.division.by {
            DividedBy::Percent => (None, self.by_percent(terms, &entry, amount, input)?),
            DividedBy::BasePoints => {
                let (total, shares) = self.by_points(terms, &entry, amount, unit, input)?;
                (Some(total), shares)
            }
        };
        Ok(AssessedLoss { amount, resale_until, explanation, total_points, shares })
    }

    /// Whether this actor may approve a loss of this kind.
    ///
    /// # Errors
    /// The refusal of another role.
    pub fn approve_loss(&self, kind: &str, actor: &Actor) -> Result<(), Vec<Refusal>> {
        let (entry, terms) = self.loss(kind)?;
        let refused = self.refuse_role(&terms.approval.rule, &entry, actor, &terms.approval.by);
        refused.map_or(Ok(()), |refused| Err(vec![refused]))
    }

    pub(super) fn loss(&self, kind: &str) -> Result<(String, &Loss), Vec<Refusal>> {
        let (entry, known) = (format!("losses.{kind}"), self.pack.losses.keys());
        match self.pack.losses.get(kind) {
            Some(terms) => Ok((entry, terms)),
            None => Err(vec![unknown("", &entry, ("loss", "损失"), kind, known)]),
        }
    }

    fn amount_lost(
        &self,
        terms: &Loss,
        entry: &str,
        input: &LossInput<'_>,
        holidays: &Holidays,
    ) -> Result<(Option<Date>, Decimal, Explanation), Refusal> {
        let mut facts = Facts::default();
        for (word, amount) in [
            (words::LOSS_FULL_VALUE, input.full_value),
            (words::LOSS_PROCEEDS, input.proceeds),
            (words::LOSS_ACTUAL, input.actual),
        ] {
            if let Some(amount) = amount {
                facts.set(word, amount);
            }
        }
        let actual = |rule: &str, why: String| {
            let missing = || Undecided::Missing { fact: words::LOSS_ACTUAL.name().to_owned() }.refusal(rule, entry);
            let amount = input.actual.ok_or_else(missing)?;
            let inputs = Inputs::from([(words::LOSS_ACTUAL.name().to_owned(), amount.to_string())]);
            let computation = format!("{why}actual loss {}", amount.normalize());
            Ok::<_, Refusal>((amount, self.explain(rule, entry.to_owned(), inputs, computation)))
        };
        let Some(Resale { rule, within, sold }) = &terms.resale else {
            let (amount, explanation) = actual(&terms.rule, String::new())?;
            return Ok((None, amount, explanation));
        };
        let calendar = self.calendar(holidays);
        let until = || {
            let judged_at = calendar.starts_at(input.judged_on).ok()?;
            Some(calendar.date_of(calendar.due(judged_at, *within).ok()?.due_at))
        };
        let until = until().ok_or_else(|| {
            let cause = "the time for resale ends beyond the calendar".to_owned();
            Undecided::Uncounted { cause }.refusal(rule, entry)
        })?;
        match input.resold_on {
            Some(resold_on) if resold_on <= until => {
                let computed = sold.compute(&facts).map_err(|unknown| unknown.refusal(rule, entry))?;
                let amount = terms.rounding.apply(computed.value);
                let computation = format!("resold on {resold_on}, by {until}: {sold} = {}", amount.normalize());
                Ok((Some(until), amount, self.explain(rule, entry.to_owned(), computed.inputs, computation)))
            }
            None if input.today <= until => Err(refusal(
                rule,
                entry,
                format!("the goods may be resold until {until}"),
                format!("转售时间至 {until} 止"),
                vec![format!("after:{until}")],
            )),
            Some(_) | None => {
                let (amount, explanation) = actual(rule, format!("not resold by {until}: "))?;
                Ok((Some(until), amount, explanation))
            }
        }
    }

    fn by_percent(
        &self,
        terms: &Loss,
        entry: &str,
        amount: Decimal,
        input: &LossInput<'_>,
    ) -> Result<Borne, Vec<Refusal>> {
        let rule = &terms.division.rule;
        let alone = input.shares.len() == 1;
        let percents: Vec<Option<Decimal>> =
            input.shares.iter().map(|it| it.percent.or(alone.then_some(Decimal::ONE_HUNDRED))).collect();
        let sum: Decimal = percents.iter().flatten().sum();
        if percents.iter().any(Option::is_none) || sum != Decimal::ONE_HUNDRED {
            let (en, zh) =
                (format!("the shares make {sum} per cent, not 100"), format!("分摊比率合计 {sum}%,应为100%"));
            return Err(vec![refusal(rule, entry, en, zh, vec!["shares:100".to_owned()])]);
        }
        let share = |percent: &Decimal| {
            let borne = terms.rounding.apply(amount * percent / Decimal::ONE_HUNDRED);
            let computation = format!("{} x {}% = {}", amount.normalize(), percent.normalize(), borne.normalize());
            (borne, self.explain(rule, entry.to_owned(), Inputs::new(), computation))
        };
        Ok(percents.iter().flatten().map(share).collect())
    }

    fn by_points(
        &self,
        terms: &Loss,
        entry: &str,
        amount: Decimal,
        unit: Option<&LiableUnit>,
        input: &LossInput<'_>,
    ) -> Result<(Decimal, Borne), Vec<Refusal>> {
        let rule = &terms.division.rule;
        let points: Vec<Decimal> = input.shares.iter().filter_map(|it| it.points).collect();
        let sum: Decimal = points.iter().sum();
        let total = input.total_points.unwrap_or(sum);
        if points.len() != input.shares.len() || sum.is_zero() || sum > total {
            let en = format!("the shares have {sum} of {total} base points; each has some, and no more than there are");
            let zh = format!("基点数合计 {sum},总基点数 {total},不符");
            return Err(vec![refusal(rule, entry, en, zh, vec!["base_points".to_owned()])]);
        }
        if let Some(unit) = unit.filter(|unit| unit.whole && sum != total) {
            let en = format!("the {} owes the whole: the shares must have all {total} base points", unit.en);
            let zh = format!("{}须负担全额,基点数合计应为 {total}", unit.zh);
            return Err(vec![refusal(&unit.rule, entry, en, zh, vec![format!("base_points:{total}")])]);
        }
        let share = |points: &Decimal| {
            let borne = terms.rounding.apply(amount * points / total);
            let [amount, total, points] = [amount, total, *points].map(|it| it.normalize());
            let computation = format!("{amount} / {total} x {points} = {}", borne.normalize());
            (borne, self.explain(rule, entry.to_owned(), Inputs::new(), computation))
        };
        Ok((total, points.iter().map(share).collect()))
    }
}

/// The unit that is charged, when the department that is liable has it.
fn charged<'a>(liable: &'a Liable, entry: &str, input: &LossInput<'_>) -> Result<&'a LiableUnit, Refusal> {
    let rule = &liable.rule;
    let Some(units) = liable.departments.get(input.department) else {
        let known = liable.departments.keys();
        return Err(unknown(rule, entry, ("department", "部门"), input.department, known));
    };
    let unit = liable.units.get(input.unit).filter(|_| units.iter().any(|unit| unit == input.unit));
    unit.ok_or_else(|| unknown(rule, entry, ("unit", "责任归属"), input.unit, units.iter()))
}
