//! What happens to a requisition that is filled in, each in one transaction.

use callout_casework::{
    ids::{self, Id as _, ItemId, PartsRequisitionId, PlaceId, WorkOrderId},
    limits, occurred_at, refused,
};
use callout_contract::{
    dispatch::v1::{GetWorkOrderRequest, work_orders_client::WorkOrdersClient},
    inventory::v1 as pb,
};
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, parse};
use callout_regulation::{
    Actor, IssuedLine,
    vocabulary::{Event, words},
};
use jiff::Timestamp;
use tonic::Request;

pub use super::create::create;
use super::{
    Attachment, OfLine, PartsRequisition, Returned, Signed, State, Step, decode,
    store::{self, Kept},
};
use crate::{
    Inventory,
    followed::work_order::WorkOrderView,
    item,
    ledger::{self, Account, Transfer},
    place,
};

/// Attaches a paper of the work order.
pub async fn attach(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AttachToPartsRequisitionRequest,
) -> Result<pb::PartsRequisition, Error> {
    let (order, _) = ids::child::<WorkOrderId>(caller, "record", &request.record, "records")?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.step(Step::Attach)?;
    if order != change.requisition.work_order {
        let order = change.requisition.work_order.name(tx.organization_id());
        let fault = Text::new(format!("must be a record of {order}"), format!("必须是 {order} 的记录"));
        return Err(Error::invalid("record", fault));
    }
    let order = order.name(tx.organization_id());
    let mut orders = WorkOrdersClient::new(inventory.peers.dispatch.clone());
    let order = orders.get_work_order(Request::new(GetWorkOrderRequest { name: order })).await?.into_inner();
    let record = order.records.into_iter().find(|record| record.name == request.record);
    let record = record.ok_or_else(|| Error::NotFound { name: request.record.clone() })?;
    let made_at = parse::timestamp(record.occurred_at.unwrap_or_default());
    let made_at = made_at.map_err(|fault| Error::Internal(anyhow::anyhow!("{}: {fault}", record.name)))?;
    let regulation = change.subject(inventory, tx)?.regulation;
    regulation
        .attach_to_requisition(&change.requisition.kind, &record.kind)
        .map_err(|refusals| refused(&request.name, refusals))?;
    change.requisition.attachments.retain(|attached| attached.record != record.name);
    change.requisition.attachments.push(Attachment { record: record.name, kind: record.kind, made_at });
    change.requisition.standing.milestones.retain(|(event, _)| *event != Event::Supported);
    // What must come back is due with the paper that was made first.
    let supported_at = change.requisition.attachments.iter().map(|attached| attached.made_at).min();
    change.requisition.standing.happened(Event::Supported, supported_at.unwrap_or(made_at));
    change.commit(inventory, tx, "attached").await
}

/// Somebody signs.
pub async fn sign(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SignPartsRequisitionRequest,
) -> Result<pb::PartsRequisition, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(change.requisition.filled_at))?;
    change.step(Step::Sign)?;
    let regulation = change.subject(inventory, tx)?.regulation;
    let actor = Actor::of(caller.roles.iter().cloned());
    let place = change
        .requisition
        .present(|presented| regulation.sign_requisition(presented, &caller.subject, &actor))
        .map_err(|refusals| refused(&request.name, refusals))?;
    change.requisition.signatures.push(Signed { place, by: caller.subject.clone(), at: change.at });
    change.commit(inventory, tx, "signed").await
}

/// Issues parts against a requisition.
pub async fn issue(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::IssuePartsRequisitionRequest,
) -> Result<pb::PartsRequisition, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let mut wanted = decode::quantities(&request.lines, &change.requisition.lines)?;
    if wanted.is_empty() {
        let left = change.requisition.lines.iter().filter(|line| !line.left().is_zero());
        wanted = left.map(|line| OfLine { line: line.number, quantity: line.left() }).collect();
    }
    let signed_at = change.requisition.signatures.iter().map(|signed| signed.at).max();
    let not_before = signed_at.unwrap_or(change.requisition.filled_at);
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(not_before))?;
    change.step(Step::Issue(change.at))?;
    let items: Vec<ItemId> = change.requisition.lines.iter().map(|line| line.item).collect();
    let items = item::store::lock_all(tx, &items).await?;
    let code = |id: ItemId| items.iter().find(|item| item.id == id).map(|item| item.code.clone()).unwrap_or_default();
    let of = |wanted: &OfLine| change.requisition.lines.iter().find(|line| line.number == wanted.line);
    let issued: Vec<IssuedLine> = wanted
        .iter()
        .filter_map(|wanted| Some((wanted, of(wanted)?)))
        .map(|(wanted, line)| IssuedLine { item: code(line.item), stated: line.left(), wanted: wanted.quantity })
        .collect();
    let regulation = change.subject(inventory, tx)?.regulation;
    let actor = Actor::of(caller.roles.iter().cloned());
    change
        .requisition
        .present(|presented| regulation.issue_requisition(presented, &actor, &issued))
        .map_err(|refusals| refused(&request.name, refusals))?;
    let (from, case) = (Account::OnHand(change.requisition.place), change.requisition.case);
    for wanted in wanted {
        let cause = change.requisition.line_name(tx.organization_id(), wanted.line);
        let kind = change.requisition.kind.clone();
        for line in change.requisition.lines.iter_mut().filter(|line| line.number == wanted.line) {
            let transfer = Transfer { item: line.item, quantity: wanted.quantity, from, to: Account::Used };
            ledger::commands::give_out(tx, transfer, Some(case), &cause, change.at).await?;
            let category = items.iter().find(|item| item.id == line.item).and_then(|item| item.category.as_deref());
            line.issue(wanted.quantity, regulation.replaced_comes_back(&kind, category).is_some());
        }
    }
    let owes = change.requisition.lines.iter().any(|line| !line.owed.is_zero());
    change.requisition.standing.facts.set(words::REQUISITION_OWES, owes);
    change.requisition.standing.happened(Event::Issued, change.at);
    change.settle()?;
    change.commit(inventory, tx, Event::Issued.word()).await
}

/// Takes back the parts that were replaced. The obligation ends with the last of them.
pub async fn take_back(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReturnReplacedPartsRequest,
) -> Result<pb::PartsRequisition, Error> {
    let place = PlaceId::of(caller, "place", &request.place)?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let came = decode::quantities(&request.lines, &change.requisition.lines)?;
    let issued_at = change.requisition.state.issued_at();
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), issued_at)?;
    change.step(Step::Return)?;
    let place = place::store::get(tx, place).await?;
    let items: Vec<ItemId> = change.requisition.lines.iter().map(|line| line.item).collect();
    item::store::lock_all(tx, &items).await?;
    for came in came {
        let cause = change.requisition.line_name(tx.organization_id(), came.line);
        for line in change.requisition.lines.iter_mut().filter(|line| line.number == came.line) {
            line.take_back(came.quantity, &cause)?;
            let (from, to) = (Account::Customer, Account::OnHand(place.id));
            let transfer = Transfer { item: line.item, quantity: came.quantity, from, to };
            ledger::commands::post(tx, transfer, &cause, change.at).await?;
        }
        change.requisition.returns.push(Returned { line: came.line, quantity: came.quantity, at: change.at });
    }
    change.settle()?;
    change.commit(inventory, tx, "replaced_part_returned").await
}

/// Something happened to the order that requisitions are for.
///
/// # Errors
/// Those of their limits, and [`Error::Internal`] when a statement fails.
pub async fn work_order_changed(
    inventory: &Inventory,
    tx: &mut TenantTx,
    order: WorkOrderId,
    view: &WorkOrderView,
) -> Result<(), Error> {
    for id in store::open_of_work_order(tx, order).await? {
        let Kept { mut requisition, .. } = store::lock(tx, id).await?;
        let (standing, agency) = (requisition.standing.clone(), requisition.agency);
        view.tell_requisition(&mut requisition.standing);
        requisition.agency = view.agency;
        if requisition.standing != standing || requisition.agency != agency {
            save(inventory, tx, &mut requisition).await?;
        }
    }
    Ok(())
}

/// A limit of a requisition ran out: tells of it.
///
/// # Errors
/// Those of its limits, and [`Error::Internal`] when a statement fails.
pub async fn follow_limits(inventory: &Inventory, tx: &mut TenantTx, id: PartsRequisitionId) -> Result<(), Error> {
    let Kept { mut requisition, .. } = store::lock(tx, id).await?;
    save(inventory, tx, &mut requisition).await.map(drop)
}

/// Follows the limits and writes the requisition; returns when something is due next, unless it is in its final state.
async fn save(
    inventory: &Inventory,
    tx: &mut TenantTx,
    requisition: &mut PartsRequisition,
) -> Result<Option<Timestamp>, Error> {
    let organization = tx.organization_id().to_owned();
    let mut subject = requisition.subject(&inventory.host.library, &organization)?;
    let due = if requisition.state.is_final() {
        limits::end(tx, &mut subject)?;
        None
    } else {
        Some(limits::follow(tx, &mut subject)?)
    };
    let owner = requisition.owner(&subject.regulation);
    requisition.standing = subject.standing;
    store::save(tx, requisition, owner.as_deref(), due).await?;
    Ok(due)
}

/// A requisition that is being changed.
struct Change {
    requisition: PartsRequisition,
    at: Timestamp,
    name: String,
}

impl Change {
    async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<Self, Error> {
        let Kept { requisition, .. } = store::lock(tx, PartsRequisitionId::of(caller, "name", name)?).await?;
        etag::check(etag, requisition.version, name)?;
        Ok(Self { requisition, at: tx.now(), name: name.to_owned() })
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        self.requisition.state = self.requisition.state.apply(step, &self.name)?;
        Ok(())
    }

    fn subject(&self, inventory: &Inventory, tx: &TenantTx) -> Result<callout_casework::Subject, Error> {
        self.requisition.subject(&inventory.host.library, tx.organization_id())
    }

    /// Notes what has ended: the obligation to return, and the requisition when nothing is left to be issued either.
    fn settle(&mut self) -> Result<(), Error> {
        let owed_something = self.requisition.lines.iter().any(|line| !line.owed.is_zero());
        self.requisition.standing.milestones.retain(|(event, _)| *event != Event::ReplacedReturned);
        if owed_something && !self.requisition.is_outstanding() {
            let last = self.requisition.returns.iter().map(|came| came.at).max();
            self.requisition.standing.happened(Event::ReplacedReturned, last.unwrap_or(self.at));
        }
        if matches!(self.requisition.state, State::Issued { .. }) && self.requisition.is_settled() {
            self.step(Step::Settle(self.at))?;
        }
        Ok(())
    }

    /// Follows the limits, writes the requisition and tells of `event`.
    async fn commit(
        mut self,
        inventory: &Inventory,
        tx: &mut TenantTx,
        event: &str,
    ) -> Result<pb::PartsRequisition, Error> {
        let due = save(inventory, tx, &mut self.requisition).await?;
        let answer = self.requisition.to_proto(&inventory.host.library, tx, due)?;
        tx.audit_as(answer.name.clone(), self.at);
        let progressed =
            pb::PartsRequisitionProgressed { event: event.to_owned(), parts_requisition: Some(answer.clone()) };
        events::append(tx, &answer.name, &progressed, self.at);
        Ok(answer)
    }
}
