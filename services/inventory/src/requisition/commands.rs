//! What happens to purchase requisitions, each in one transaction.

use callout_casework::{
    ids::{self, Id as _, ItemId, PlaceId, PurchaseRequisitionId},
    occurred_at, refused,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Violations};
use callout_regulation::{Actor, PurchaseStep};
use jiff::Timestamp;

use super::{PurchaseRequisition, State, store};
use crate::{
    Inventory, item,
    ledger::{self, Account, Transfer},
    place, quantity,
};

/// Characters of the grounds at most.
const LONGEST_GROUNDS: usize = 2_000;

/// Proposes a purchase.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreatePurchaseRequisitionRequest,
) -> Result<pb::PurchaseRequisition, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.purchase_requisition.unwrap_or_default();
    let item = ItemId::of(caller, "purchase_requisition.item", &asked.item)?;
    let mut violations = Violations::default();
    let quantity = violations.take("purchase_requisition.quantity", quantity::positive(&asked.quantity));
    violations.at_most("purchase_requisition.grounds", &asked.grounds, LONGEST_GROUNDS);
    let (Some(quantity), true) = (quantity, violations.is_empty()) else { return Err(violations.into_error()) };
    item::store::get(tx, item).await?;
    may(inventory, tx, caller, PurchaseStep::Propose, &request.parent)?;
    let now = tx.now();
    let id = PurchaseRequisitionId::new(now);
    let requisition = PurchaseRequisition {
        id,
        version: 1,
        item,
        quantity,
        grounds: asked.grounds,
        state: State::Open,
        created_at: now,
    };
    store::insert(tx, &requisition).await?;
    Ok(tell(tx, &requisition, now))
}

/// The goods were bought and came in: they are on hand from then on.
pub async fn fulfil(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::FulfilPurchaseRequisitionRequest,
) -> Result<pb::PurchaseRequisition, Error> {
    let id = PurchaseRequisitionId::of(caller, "name", &request.name)?;
    let place = PlaceId::of(caller, "place", &request.place)?;
    let mut requisition = store::lock(tx, id).await?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(requisition.created_at))?;
    requisition.state = requisition.state.fulfil(at, &request.name)?;
    may(inventory, tx, caller, PurchaseStep::Buy, &request.name)?;
    let place = place::store::get(tx, place).await?;
    let PurchaseRequisition { item, quantity, .. } = requisition;
    item::store::lock(tx, item).await?;
    let receipt = Transfer { item, quantity, from: Account::Received, to: Account::OnHand(place.id) };
    ledger::commands::post(tx, receipt, &request.name, at).await?;
    store::save(tx, &mut requisition).await?;
    Ok(tell(tx, &requisition, at))
}

/// Refuses a caller whose roles may not take the step.
fn may(inventory: &Inventory, tx: &TenantTx, caller: &Caller, step: PurchaseStep, subject: &str) -> Result<(), Error> {
    let actor = Actor::of(caller.roles.iter().cloned());
    inventory.regulation_now(tx)?.purchase(step, &actor).map_err(|refusals| refused(subject, refusals))
}

fn tell(tx: &mut TenantTx, requisition: &PurchaseRequisition, at: Timestamp) -> pb::PurchaseRequisition {
    let answer = requisition.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), at);
    let changed = pb::PurchaseRequisitionChanged { purchase_requisition: Some(answer.clone()) };
    events::append(tx, &answer.name, &changed, at);
    answer
}
