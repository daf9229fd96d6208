//! The income of a year is made up.

use callout_casework::{
    Settings, day_of,
    ids::{self, AnnualIncomeId, Id as _},
    money, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Actor, IncomeInput, Refusal, Regulation,
    calendar::{CalendarPeriod, Period},
    vocabulary::words,
};
use rust_decimal::Decimal;

use super::{AnnualIncome, Line, store};
use crate::{
    Evaluation, appointment, decode, in_force,
    performance_pay::{self, PerformancePay},
    scorecard,
};

/// Makes up the income of a person in a year that is over.
///
/// # Errors
/// [`Error::Refused`] from a role that does not make it up, while a share of his performance pay was not computed, and for
/// what is not known; [`Error::AlreadyExists`] when it was made up before.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAnnualIncomeRequest,
) -> Result<pb::AnnualIncome, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.annual_income.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("annual_income.person", &asked.person, decode::LONGEST_PERSON);
    let number = |value: &str| if value.is_empty() { Ok(None) } else { parse::decimal(value).map(Some) };
    let profit = violations.take("annual_income.profit", number(&asked.profit)).flatten();
    let profit_target = violations.take("annual_income.profit_target", number(&asked.profit_target)).flatten();
    let day = violations.take("annual_income.day", parse::date(&asked.day));
    let (Some(day), true) = (day, violations.is_empty()) else { return Err(violations.into_error()) };

    let year = Period::Year.containing(day).map_err(|fault| Error::Internal(anyhow::Error::new(fault)))?;
    let regulation = in_force::on(evaluation, tx, "annual_income.day", year.last_on())?;
    if year.last_on() >= day_of(tx.now(), regulation.zone()) {
        let fault = Text::new("must lie in a year that is over", "该年度尚未结束");
        return Err(Error::invalid("annual_income.day", fault));
    }
    let settings = Settings::of(tx)?;
    let mut facts = appointment::facts_on(tx, &asked.person, year.last_on()).await?;
    facts.set_settings(&settings.values()?, year.last_on());
    if let Some(profit) = profit {
        facts.set(words::YEAR_PROFIT, profit);
    }
    if let Some(target) = profit_target {
        facts.set(words::YEAR_PROFIT_TARGET, target);
    }
    let tables = settings.tables()?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let input = IncomeInput { facts: &facts, tables: &tables, year_ends_on: year.last_on() };
    let parts = regulation.income(&actor, &input).map_err(in_force::refusing(&request.parent))?;
    let shares = shares(tx, &regulation, &request.parent, &asked.person, year).await?;

    let of_parts = parts.into_iter().map(|it| Line {
        part: it.part,
        period: String::new(),
        amount: it.amount,
        explanation: it.explanation.into(),
    });
    let of_shares = shares.into_iter().map(|it| Line {
        part: it.share,
        period: it.period.name,
        amount: it.amount,
        explanation: it.explanation,
    });
    let lines = of_parts.chain(of_shares).collect::<Vec<_>>();
    let total = lines.iter().map(|line| line.amount).sum::<Decimal>();
    let sum = lines.iter().map(|line| money::written(line.amount)).collect::<Vec<_>>().join(" + ");
    let computation = format!("{sum} = {}", money::written(total));
    let income = AnnualIncome {
        id: AnnualIncomeId::new(tx.now()),
        person: asked.person,
        day,
        profit,
        profit_target,
        lines,
        total,
        currency: regulation.pack().currency.clone(),
        explanation: regulation.explain_income(computation).into(),
        created_at: tx.now(),
    };
    store::insert(tx, &income).await?;
    let answer = income.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::AnnualIncomeMade { annual_income: Some(answer.clone()) }, now);
    Ok(answer)
}

/// The shares of the year: for every result of the person that pay goes by there must be one.
async fn shares(
    tx: &mut TenantTx,
    regulation: &Regulation,
    parent: &str,
    person: &str,
    year: CalendarPeriod,
) -> Result<Vec<PerformancePay>, Error> {
    let days = (year.first_on(), year.last_on());
    let computed = performance_pay::store::of_person(tx, person, days).await?;
    let mut missing = Vec::new();
    let Some(pay) = &regulation.pack().performance_pay else { return Ok(computed) };
    for (id, share) in &pay.shares {
        let entry = format!("performance_pay.shares.{id}");
        let mut lacks = |en: String, zh: String, lifted_by: String| {
            missing.push(Refusal {
                rule: share.rule.clone(),
                entry: entry.clone(),
                message: callout_regulation::Text { en, zh },
                lifted_by: vec![lifted_by],
            });
        };
        let scored = scorecard::store::of_person(tx, &share.scorecard, person, days).await?;
        for scored in &scored {
            if !computed.iter().any(|pay| pay.share == *id && pay.scorecard == scored.id) {
                let period = scored.period.as_ref().map(|days| days.name.as_str()).unwrap_or_default();
                let en = format!("the {} of {period} was not computed", share.en);
                lacks(en, format!("{period} 的{}尚未计算", share.zh), format!("pay:{id}:{period}"));
            }
        }
        let card = regulation.pack().scorecards.get(&share.scorecard);
        if let Some(made_of) = card.and_then(|card| card.made_of.as_ref())
            && scored.is_empty()
            && !scorecard::store::of_person(tx, &made_of.scorecard, person, days).await?.is_empty()
        {
            let en = format!("the {} was not computed", share.en);
            lacks(en, format!("{}尚未计算", share.zh), format!("scorecard:{}", share.scorecard));
        }
    }
    if missing.is_empty() { Ok(computed) } else { Err(refused(parent, missing)) }
}
