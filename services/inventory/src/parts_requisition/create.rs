//! How a requisition is filled in.

use callout_casework::{
    Standing, day_of,
    ids::{self, Id as _, PartsRequisitionId, PlaceId, WorkOrderId},
    limits, occurred_at, refused, regulation_named,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events, numbers};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{Actor, Regulation};

use super::{PartsRequisition, State, decode, store};
use crate::{Inventory, followed::work_order, item, place};

/// Fills a requisition in.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreatePartsRequisitionRequest,
) -> Result<pb::PartsRequisition, Error> {
    let library = &inventory.host.library;
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.parts_requisition.unwrap_or_default();
    let lines = decode::lines(caller, &asked.lines)?;
    let place = PlaceId::of(caller, "parts_requisition.place", &asked.place)?;
    let work_order = WorkOrderId::of(caller, "parts_requisition.work_order", &asked.work_order)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    if place::store::get(tx, place).await?.kind != place::Kind::Warehouse {
        let fault = Text::new("must be a warehouse", "必须是仓库");
        return Err(Error::invalid("parts_requisition.place", fault));
    }
    for line in &lines {
        item::store::get(tx, line.item).await?;
    }
    let order = work_order::lock(inventory, tx, work_order).await?;
    let regulation = regulation_named(library, &order.regulation)?;
    let fields = asked.fields.into_iter().collect();
    regulation
        .fill_requisition(&asked.kind, &Actor::of(caller.roles.iter().cloned()), &fields)
        .map_err(|refusals| refused(&request.parent, refusals))?;

    let mut standing = Standing::default();
    order.tell_requisition(&mut standing);
    let now = tx.now();
    let mut requisition = PartsRequisition {
        id: PartsRequisitionId::new(now),
        version: 1,
        number: String::new(),
        kind: asked.kind,
        work_order,
        case: order.case,
        agency: order.agency,
        place,
        fields,
        lines,
        requested_by: caller.subject.clone(),
        attachments: Vec::new(),
        signatures: Vec::new(),
        returns: Vec::new(),
        state: State::Draft,
        regulation: regulation.revision().to_owned(),
        standing,
        filled_at: at,
        created_at: now,
    };
    let mut subject = requisition.subject(library, tx.organization_id())?;
    let due = limits::follow(tx, &mut subject)?;
    requisition.standing = subject.standing;
    requisition.number = number(tx, &regulation).await?;
    store::insert(tx, &requisition, requisition.owner(&regulation).as_deref(), Some(due)).await?;
    let answer = requisition.to_proto(library, tx, Some(due))?;
    tx.audit_as(answer.name.clone(), at);
    let progressed =
        pb::PartsRequisitionProgressed { event: "filled_in".to_owned(), parts_requisition: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, at);
    Ok(answer)
}

/// The next document number, such as `D2026-03-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation) -> Result<String, Error> {
    let today = day_of(tx.now(), regulation.zone());
    let serial = numbers::draw(tx, "D", today).await?;
    Ok(format!("D{}-{:02}-{serial:04}", today.year(), today.month()))
}
