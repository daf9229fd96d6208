//! How a slip is filled in.

use callout_casework::{
    Settings, Standing, day_of,
    ids::{self, Id as _, LoanSlipId, PlaceId, WorkOrderId},
    limits, occurred_at, refused, regulation_named,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events, numbers};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{Actor, LoanItem, Regulation, vocabulary::words};

use super::{Line, LoanSlip, State, Terms, decode, store};
use crate::{Inventory, followed::work_order, item, place};

/// Fills a slip in. Who may, and for which parts, depends on its purpose.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let library = &inventory.host.library;
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.loan_slip.unwrap_or_default();
    let lines = decode::lines(caller, &asked.lines)?;
    let place = PlaceId::of(caller, "loan_slip.place", &asked.place)?;
    let work_order = WorkOrderId::optional(caller, "loan_slip.work_order", &asked.work_order)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    if place::store::get(tx, place).await?.kind != place::Kind::Warehouse {
        let fault = Text::new("must be a warehouse", "必须是仓库");
        return Err(Error::invalid("loan_slip.place", fault));
    }
    let order = match work_order {
        Some(work_order) => Some(work_order::lock(inventory, tx, work_order).await?),
        None => None,
    };
    let regulation = match &order {
        Some(order) => regulation_named(library, &order.regulation)?,
        None => Settings::of(tx)?.regulation_at(library, at)?,
    };
    let terms = terms(tx, caller, &regulation, &request.parent, &asked.purpose, &lines).await?;

    let mut standing = Standing::default();
    standing.facts.set(words::SLIP_PURPOSE, asked.purpose.as_str());
    if let Some(order) = &order {
        order.tell(&mut standing);
    }
    let now = tx.now();
    let mut slip = LoanSlip {
        id: LoanSlipId::new(now),
        version: 1,
        number: String::new(),
        purpose: asked.purpose,
        terms,
        borrower: asked.borrower,
        work_order,
        case: order.as_ref().map(|order| order.case),
        agency: order.as_ref().and_then(|order| order.agency),
        place,
        lines,
        state: State::Draft,
        shipment: None,
        handed_in_at: None,
        certificates: Vec::new(),
        regulation: regulation.revision().to_owned(),
        standing,
        filled_at: at,
        created_at: now,
    };
    let mut subject = slip.subject(library, tx.organization_id())?;
    let due = limits::follow(tx, &mut subject)?;
    slip.standing = subject.standing;
    slip.number = number(tx, &regulation).await?;
    store::insert(tx, &slip, slip.owner(&regulation).as_deref(), Some(due)).await?;
    let answer = slip.to_proto(library, tx, Some(due))?;
    tx.audit_as(answer.name.clone(), at);
    let progressed = pb::LoanSlipProgressed { event: "filled_in".to_owned(), loan_slip: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    Ok(answer)
}

/// The terms of the purpose, if the pack lets the caller fill in a slip for it with these items.
async fn terms(
    tx: &mut TenantTx,
    caller: &Caller,
    regulation: &Regulation,
    subject: &str,
    purpose: &str,
    lines: &[Line],
) -> Result<Terms, Error> {
    let purposes = regulation.pack().loans.as_ref().map(|loans| &loans.purposes);
    let Some(of_pack) = purposes.and_then(|purposes| purposes.get(purpose)) else {
        let known: Vec<&str> = purposes.into_iter().flat_map(|purposes| purposes.keys()).map(String::as_str).collect();
        let known = known.join(", ");
        let fault = Text::new(format!("must be a purpose of loans: {known}"), format!("必须是借用用途：{known}"));
        return Err(Error::invalid("loan_slip.purpose", fault));
    };
    let mut items = Vec::new();
    for line in lines {
        let item = item::store::get(tx, line.item).await?;
        items.push(LoanItem { item: item.code, category: item.category });
    }
    let actor = Actor::of(caller.roles.iter().cloned());
    let terms = regulation.loan_purpose(purpose, &items, &actor).map_err(|refusals| refused(subject, refusals))?;
    // Who collects the parts borrows them; where the pack does not say, whoever fills in the slip.
    let borrowed_by = if terms.collected_by.is_empty() { &of_pack.filled_by } else { &terms.collected_by };
    Ok(Terms { rule: of_pack.rule.clone(), borrowed_by: borrowed_by.clone(), tracked: terms.tracked })
}

/// The next document number, such as `L2026-03-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation) -> Result<String, Error> {
    let today = day_of(tx.now(), regulation.zone());
    let serial = numbers::draw(tx, "L", today).await?;
    Ok(format!("L{}-{:02}-{serial:04}", today.year(), today.month()))
}
