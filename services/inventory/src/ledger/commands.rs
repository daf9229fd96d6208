//! What moves stock.

use callout_casework::{
    ids::{self, CaseId, Id as _, ItemId, MovementId, PlaceId},
    occurred_at,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text};
use jiff::Timestamp;

use super::{Account, Balance, Movement, Transfer, store};
use crate::{Inventory, item, place, quantity, reservation};

/// Takes goods in from a supplier.
pub async fn receive(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReceiveStockRequest,
) -> Result<pb::Movement, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.movement.unwrap_or_default();
    let item = ItemId::of(caller, "movement.item", &asked.item)?;
    let to = PlaceId::optional(caller, "movement.to_place", &asked.to_place)?
        .ok_or_else(|| Error::invalid("movement.to_place", Text::new("is required", "必填")))?;
    let quantity = quantity::positive(&asked.quantity).map_err(|fault| Error::invalid("movement.quantity", fault))?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    let place = place::store::get(tx, to).await?;
    item::store::lock(tx, item).await?;
    let transfer = Transfer { item, quantity, from: Account::Received, to: Account::OnHand(place.id) };
    let movement = post(tx, transfer, "", at).await?;
    let answer = movement.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), at);
    Ok(answer)
}

/// Makes a transfer and tells of it. The caller holds the item ([`item::store::lock_all`]) and has seen that the account
/// has what is taken from it.
///
/// # Errors
/// [`Error::Internal`] when the account does not have it after all: the database refuses.
pub async fn post(tx: &mut TenantTx, transfer: Transfer, cause: &str, at: Timestamp) -> Result<Movement, Error> {
    let now = tx.now();
    let id = MovementId::new(now);
    let movement = Movement { id, transfer, cause: cause.to_owned(), occurred_at: at, recorded_at: now };
    store::insert(tx, &movement).await?;
    let told = movement.to_proto(tx.organization_id());
    let name = told.name.clone();
    events::append(tx, &name, &pb::StockMoved { movement: Some(told) }, at);
    Ok(movement)
}

/// Makes a transfer out of a place of the house. What is allotted to the reservations of other cases stays there; those of
/// `case` are served by it. The caller holds the item.
///
/// # Errors
/// [`Error::StockShort`] when the place cannot serve it.
pub async fn give_out(
    tx: &mut TenantTx,
    transfer: Transfer,
    case: Option<CaseId>,
    cause: &str,
    at: Timestamp,
) -> Result<(), Error> {
    let Transfer { item, quantity, from, .. } = transfer;
    let place = from.place().ok_or_else(|| Error::Internal(anyhow::anyhow!("{from:?} is no place of the house")))?;
    let kept = reservation::store::allotted(tx, item, case).await?;
    let available = Balance::new(item, store::holdings(tx, item).await?, kept).available_at(place, kept);
    if quantity > available {
        let (item, place) = (item.name(tx.organization_id()), place.name(tx.organization_id()));
        return Err(Error::StockShort { item, place, wanted: quantity, on_hand: available });
    }
    post(tx, transfer, cause, at).await?;
    match case {
        Some(case) => reservation::commands::draw(tx, item, case, quantity).await,
        None => Ok(()),
    }
}

/// How much of an item is where.
///
/// # Errors
/// [`Error::Internal`] for a row that stands for nothing.
pub async fn balance(tx: &mut TenantTx, item: ItemId) -> Result<Balance, Error> {
    let holdings = store::holdings(tx, item).await?;
    let allotted = reservation::store::allotted(tx, item, None).await?;
    Ok(Balance::new(item, holdings, allotted))
}
