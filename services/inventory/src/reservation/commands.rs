//! What happens to reservations, each in one transaction.

use callout_casework::ids::{self, CaseId, Id as _, ItemId, ReservationId};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error};
use rust_decimal::Decimal;

use super::{Reservation, Shares, State, share, store};
use crate::{
    Inventory,
    followed::case::{self, CaseView},
    item, ledger, quantity,
};

/// Reserves an item for a case.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateReservationRequest,
) -> Result<pb::Reservation, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.reservation.unwrap_or_default();
    let item = ItemId::of(caller, "reservation.item", &asked.item)?;
    let case = CaseId::of(caller, "reservation.case", &asked.case)?;
    let quantity =
        quantity::positive(&asked.quantity).map_err(|fault| Error::invalid("reservation.quantity", fault))?;
    item::store::get(tx, item).await?;
    let view = case::get(inventory, tx, case).await?;
    let now = tx.now();
    let reservation = Reservation {
        id: ReservationId::new(now),
        version: 1,
        item,
        quantity,
        case,
        urgent: asked.urgent,
        state: State::Open,
        rank: view.rank(&inventory.host.library, asked.urgent)?,
        received_at: view.received_at,
        created_at: now,
    };
    store::insert(tx, &reservation).await?;
    let answer = reservation.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), now);
    Ok(answer)
}

/// Shares what is on hand out to the reservations of an item, in their order.
pub async fn allot(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AllotItemRequest,
) -> Result<pb::AllotItemResponse, Error> {
    let item = ItemId::of(caller, "name", &request.name)?;
    item::store::lock(tx, item).await?;
    let queue = store::lock_queue(tx, item).await?;
    let held: Vec<ReservationId> = queue.iter().filter(|it| it.state == State::Allotted).map(|it| it.id).collect();
    let usable = ledger::commands::balance(tx, item).await?.usable();
    let Shares { mut allotted, mut waiting } = share(queue, usable);
    let now = tx.now();
    for reservation in &mut allotted {
        if !held.contains(&reservation.id) {
            store::save(tx, reservation).await?;
            let told = reservation.to_proto(tx.organization_id());
            let name = told.name.clone();
            events::append(tx, &name, &pb::ItemAllotted { reservation: Some(told) }, now);
        }
    }
    for reservation in &mut waiting {
        if held.contains(&reservation.id) {
            store::save(tx, reservation).await?;
        }
    }
    let organization = tx.organization_id();
    let shown = |reservations: &[Reservation]| reservations.iter().map(|it| it.to_proto(organization)).collect();
    Ok(pb::AllotItemResponse { allotted: shown(&allotted), waiting: shown(&waiting) })
}

/// Ends the reservations of a case for an item that are covered by what was just given out for it: those that had it
/// allotted first. The caller holds the item.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn draw(tx: &mut TenantTx, item: ItemId, case: CaseId, quantity: Decimal) -> Result<(), Error> {
    let mut left = quantity;
    let mut of_case: Vec<Reservation> = store::lock_queue(tx, item).await?;
    of_case.retain(|reservation| reservation.case == case);
    of_case.sort_by_key(|reservation| reservation.state != State::Allotted);
    for mut reservation in of_case {
        if reservation.quantity <= left {
            left -= reservation.quantity;
            reservation.state = State::Ended;
            store::save(tx, &mut reservation).await?;
        }
    }
    Ok(())
}

/// What became known of a case may change the place of its reservations in their queues.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn case_changed(inventory: &Inventory, tx: &mut TenantTx, id: CaseId, view: &CaseView) -> Result<(), Error> {
    for mut reservation in store::lock_of_case(tx, id).await? {
        let rank = view.rank(&inventory.host.library, reservation.urgent)?;
        if rank != reservation.rank {
            reservation.rank = rank;
            store::save(tx, &mut reservation).await?;
        }
    }
    Ok(())
}

/// A case that has ended needs nothing any more.
///
/// # Errors
/// [`Error::Internal`] when a statement fails.
pub async fn case_ended(tx: &mut TenantTx, id: CaseId) -> Result<(), Error> {
    for mut reservation in store::lock_of_case(tx, id).await? {
        reservation.state = State::Ended;
        store::save(tx, &mut reservation).await?;
    }
    Ok(())
}
