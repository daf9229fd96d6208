//! How a list is made.

use anyhow::Context as _;
use callout_casework::{
    Settings, day_of,
    ids::{self, Id as _, SlipListId},
    occurred_at, refused, undecided,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Refusal, Regulation,
    calendar::{CalendarPeriod, is_late},
    pack::{Evidence, Routine},
    vocabulary::Service,
};
use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::{SlipList, store};
use crate::{Inventory, loan_slip};

/// Makes the list of the period that contains a day. It may be made again: slips issued since the last time are on it too.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateSlipListRequest,
) -> Result<pb::SlipList, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    let settings = Settings::of(tx)?;
    let regulation = settings.regulation_at(&inventory.host.library, at)?;
    let (routine, period) = period(&regulation, &request.routine, &request.day, at)?;
    if !caller.roles.iter().any(|role| routine.by.contains(role)) {
        return Err(not_theirs(&request, routine));
    }
    let from = start_of(period.first_on(), &regulation)?;
    let until =
        start_of(period.last_on().checked_add(1.day()).context("a period").map_err(Error::Internal)?, &regulation)?;
    let due = regulation.routine_due(&request.routine, from, &settings.holidays()?);
    let entry = format!("routines.{}", request.routine);
    let due = due
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("routine {} was there a moment ago", request.routine)))?
        .map_err(|cause| undecided(&request.parent, &routine.rule, &entry, &cause))?;
    let purposes = purposes(&regulation, &request.routine);
    let now = tx.now();
    let list = SlipList {
        id: SlipListId::new(now),
        routine: request.routine,
        period_start_on: period.first_on(),
        period_end_on: period.last_on(),
        due_at: due.due_at,
        late: is_late(due.due_at, at),
        created_at: now,
        loan_slips: loan_slip::store::issued_between(tx, &purposes, from, until).await?,
    };
    store::insert(tx, &list).await?;
    let answer = list.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), at);
    events::append(tx, &answer.name, &pb::SlipListMade { slip_list: Some(answer.clone()) }, at);
    Ok(answer)
}

/// The routine and its period that contains `day`, which must have begun by `at`.
fn period<'a>(
    regulation: &'a Regulation,
    routine: &str,
    day: &str,
    at: Timestamp,
) -> Result<(&'a Routine, CalendarPeriod), Error> {
    let mut violations = Violations::default();
    let of_inventory = |routine: &&Routine| routine.of == Service::Inventory;
    let found = regulation.pack().routines.get(routine).filter(of_inventory);
    let kind = found.and_then(|routine| Some((routine, routine.period?)));
    if kind.is_none() {
        let fault = Text::new("must be a routine of inventory that goes by periods", "必须是库房的定期工作");
        violations.add("routine", fault);
    }
    let day = violations.take("day", parse::date(day));
    let (Some((routine, kind)), Some(day)) = (kind, day) else { return Err(violations.into_error()) };
    let period = kind.containing(day).map_err(|fault| Error::Internal(fault.into()))?;
    if period.first_on() > day_of(at, regulation.zone()) {
        let fault = Text::new("must be in a period that has begun", "该周期尚未开始");
        return Err(Error::invalid("day", fault));
    }
    Ok((routine, period))
}

/// The purposes of the slips that the routine lists: those that its list brings to zero.
fn purposes(regulation: &Regulation, routine: &str) -> Vec<String> {
    let evidence = Evidence::Routine(routine.to_owned());
    let zeroings = regulation.pack().loans.iter().flat_map(|loans| loans.zeroing.values());
    zeroings.filter(|zeroing| zeroing.after == evidence).flat_map(|zeroing| zeroing.purposes.clone()).collect()
}

fn start_of(day: Date, regulation: &Regulation) -> Result<Timestamp, Error> {
    let start = day.to_zoned(regulation.zone().clone()).context("the start of a day").map_err(Error::Internal)?;
    Ok(start.timestamp())
}

fn not_theirs(request: &pb::CreateSlipListRequest, routine: &Routine) -> Error {
    let refusal = Refusal {
        rule: routine.rule.clone(),
        entry: format!("routines.{}", request.routine),
        message: callout_regulation::Text {
            en: format!("the {} is made by {}", routine.en, routine.by.join(" or ")),
            zh: format!("“{}”由 {} 办理", routine.zh, routine.by.join("、")),
        },
        lifted_by: routine.by.iter().map(|role| format!("role:{role}")).collect(),
    };
    refused(&request.parent, vec![refusal])
}
