//! A bonus is deducted from.

use callout_casework::{
    day_of,
    ids::{self, BonusDeductionId, Id as _},
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{Actor, Owed};
use jiff::{ToSpan as _, civil::Date};

use super::{BonusDeduction, store};
use crate::{Evaluation, decode, in_force, loss};

/// Deducts from the bonus of a month, by the regulation in force on the day that names it.
///
/// # Errors
/// [`Error::Refused`] from a role that does not deduct, and while a loss that is owed was not approved;
/// [`Error::AlreadyExists`] for a month that was deducted before, [`Error::Invalid`] for one that is to come, or that lies
/// before one that was deducted.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateBonusDeductionRequest,
) -> Result<pb::BonusDeduction, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.bonus_deduction.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("bonus_deduction.person", &asked.person, decode::LONGEST_PERSON);
    let day = violations.take("bonus_deduction.month", parse::date(&asked.month));
    let bonus = violations.take("bonus_deduction.bonus", parse::amount(&asked.bonus));
    let (Some(day), Some(bonus), true) = (day, bonus, violations.is_empty()) else {
        return Err(violations.into_error());
    };
    let regulation = in_force::on(evaluation, tx, "bonus_deduction.month", day)?;
    if day.first_of_month() > day_of(tx.now(), regulation.zone()) {
        let fault = Text::new("must be a month that has begun", "该月尚未开始");
        return Err(Error::invalid("bonus_deduction.month", fault));
    }
    let refusing = || in_force::refusing(&request.parent);
    let kinds = regulation.losses_of_bonus(&asked.deduction).map_err(refusing())?;
    if store::deducted_after(tx, &asked.deduction, &asked.person, day).await? {
        let fault = Text::new("must not lie before one that was deducted", "之后的月份已罚扣");
        return Err(Error::invalid("bonus_deduction.month", fault));
    }
    let shares = loss::store::owed(tx, &asked.person, kinds, following_month(day)?).await?;
    let owed: Vec<Owed> = shares.iter().map(|share| share.owed.clone()).collect();
    let actor = Actor::of(caller.roles.iter().cloned());
    let deducted = regulation.deduct_from_bonus(&asked.deduction, &actor, bonus, &owed).map_err(refusing())?;
    let deduction = BonusDeduction {
        id: BonusDeductionId::new(tx.now()),
        deduction: asked.deduction,
        person: asked.person,
        day,
        bonus,
        cap: deducted.cap,
        lines: deducted.lines,
        total: deducted.total,
        carried_over: deducted.carried_over,
        currency: regulation.pack().currency.clone(),
        explanation: deducted.explanation.into(),
        created_at: tx.now(),
    };
    store::insert(tx, &deduction).await?;
    for (name, amount) in &deduction.lines {
        for share in shares.iter().filter(|share| share.owed.loss == *name) {
            loss::store::deduct(tx, share.loss, &deduction.person, *amount).await?;
        }
    }
    let answer = deduction.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    let event = pb::BonusDeducted { bonus_deduction: Some(answer.clone()) };
    events::append(tx, &answer.name, &event, now);
    Ok(answer)
}

/// The first day of the month after that of a day.
fn following_month(day: Date) -> Result<Date, Error> {
    let next = day.first_of_month().checked_add(1.month());
    next.map_err(|_| Error::invalid("bonus_deduction.month", Text::new("is out of range", "超出范围")))
}
