//! A loss is assessed, and approved.

use callout_casework::{
    Settings, day_of,
    ids::{self, Id as _, LossId},
    occurred_at, regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{Actor, LossInput};
use jiff::Timestamp;

use super::{Approved, Loss, Share, Stated, Step, store};
use crate::{Evaluation, concern::Concern, in_force};

/// Assesses the loss of a case or an order by the regulation that it is judged by, and divides it.
///
/// # Errors
/// [`Error::Refused`] from a role that does not assess it, while the goods may still be resold, and for shares that do not
/// make the whole; [`Error::Invalid`] for a day in the future; what the service that owns the subject refuses with.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateLossRequest,
) -> Result<pb::Loss, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.loss.unwrap_or_default();
    let (stated, portions) = Stated::decode(&asked)?;
    let concern = Concern::of(evaluation, caller, "loss.subject", &asked.subject).await?;
    let regulation = &concern.regulation;
    let today = day_of(tx.now(), regulation.zone());
    for (field, day) in [("loss.judged_on", Some(stated.judged_on)), ("loss.resold_on", stated.resold_on)] {
        if day.is_some_and(|day| day > today) {
            return Err(Error::invalid(field, Text::new("must not be in the future", "不能晚于今天")));
        }
    }
    let input = LossInput {
        judged_on: stated.judged_on,
        full_value: stated.full_value,
        resold_on: stated.resold_on,
        proceeds: stated.proceeds,
        actual: stated.actual,
        department: &stated.department,
        unit: &stated.unit,
        total_points: stated.total_points,
        shares: &portions,
        today,
    };
    let actor = Actor::of(caller.roles.iter().cloned());
    let holidays = Settings::of(tx)?.holidays()?;
    let assessed =
        regulation.assess_loss(&asked.kind, &actor, &input, &holidays).map_err(in_force::refusing(&asked.subject))?;
    let shares = portions.into_iter().zip(assessed.shares).map(|(portion, (amount, explanation))| Share {
        person: portion.person,
        percent: portion.percent,
        points: portion.points,
        amount,
        deducted: rust_decimal::Decimal::ZERO,
        explanation: explanation.into(),
    });
    let loss = Loss {
        id: LossId::new(tx.now()),
        version: 1,
        state: super::State::Assessed,
        kind: asked.kind,
        subject: asked.subject,
        stated,
        total_points: assessed.total_points,
        shares: shares.collect(),
        amount: assessed.amount,
        currency: regulation.pack().currency.clone(),
        resale_until: assessed.resale_until,
        explanation: assessed.explanation.into(),
        regulation: regulation.revision().to_owned(),
        created_at: tx.now(),
    };
    store::insert(tx, &loss).await?;
    let now = tx.now();
    Ok(tell(tx, &loss, now))
}

/// A loss is approved with its division.
///
/// # Errors
/// [`Error::Refused`] from a role that does not approve it, [`Error::WrongState`] for one that was approved before.
pub async fn approve(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ApproveLossRequest,
) -> Result<pb::Loss, Error> {
    let mut loss = store::lock(tx, LossId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, loss.version, &request.name)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(loss.created_at))?;
    loss.state = loss.state.clone().apply(Step::Approve(Approved { at, by: caller.subject.clone() }), &request.name)?;
    let regulation = regulation_named(&evaluation.host.library, &loss.regulation)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    regulation.approve_loss(&loss.kind, &actor).map_err(in_force::refusing(&request.name))?;
    store::save(tx, &mut loss).await?;
    Ok(tell(tx, &loss, at))
}

fn tell(tx: &mut TenantTx, loss: &Loss, at: Timestamp) -> pb::Loss {
    let answer = loss.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), at);
    events::append(tx, &answer.name, &pb::LossChanged { loss: Some(answer.clone()) }, at);
    answer
}
