//! What happens to a slip that is filled in, each in one transaction.

use callout_casework::{
    ids::{Id as _, LoanSlipId, WorkOrderId},
    limits, occurred_at, refused,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{
    Actor, Refusal,
    vocabulary::{Event, Transition},
};
use jiff::Timestamp;

use super::{
    Certificate, Inspected, LoanSlip, Shipment, Step, decode, stock,
    store::{self, Kept},
};
pub use super::{create::create, zero::zero};
use crate::{Inventory, followed::work_order::WorkOrderView, ledger::Account};

/// Issues the parts of a slip to its borrower.
pub async fn issue(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::IssueLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let filled_at = change.slip.filled_at;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(filled_at))?;
    change.step(Step::Issue(change.at))?;
    let subject = change.slip.subject(&inventory.host.library, tx.organization_id())?;
    subject.gate(tx, Transition::Issue, change.at, caller)?;
    stock::take_out(tx, &change.slip, change.at).await?;
    for line in &mut change.slip.lines {
        line.issue();
    }
    change.commit(inventory, tx, "issued").await
}

/// Notes what the borrower handed in. The slip is handed in when nothing is outstanding any more: until then a difference
/// keeps its limit running.
pub async fn hand_in(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::HandInLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let came = decode::handed_in(&request.lines, &change.slip.lines)?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), change.slip.state.issued_at())?;
    change.step(Step::HandIn)?;
    let transfers = stock::hand_in(&change.slip, &came);
    for came in came {
        let name = change.slip.line_name(tx.organization_id(), came.line);
        for line in change.slip.lines.iter_mut().filter(|line| line.number == came.line) {
            line.hand_in(came, &name)?;
        }
    }
    stock::post(tx, &change.slip, &transfers, change.at).await?;
    let handed_in_at = change.slip.handed_in_at.map_or(change.at, |earlier| earlier.max(change.at));
    change.slip.handed_in_at = Some(handed_in_at);
    if !change.slip.is_outstanding() {
        change.slip.standing.happened(Event::HandedIn, handed_in_at);
    }
    change.commit(inventory, tx, Event::HandedIn.word()).await
}

/// Issues the certificate of what was handed in: good or damaged, and into which sub-stock it goes.
pub async fn inspect(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::InspectLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let found = decode::inspected(&request.lines, &change.slip.lines)?;
    let not_before = change.slip.handed_in_at.or(change.slip.state.issued_at());
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), not_before)?;
    change.step(Step::Inspect)?;
    let regulation = change.slip.subject(&inventory.host.library, tx.organization_id())?.regulation;
    let actor = Actor::of(caller.roles.iter().cloned());
    let sub_stock = |result: &str, is_found: fn(&Inspected) -> bool| {
        let outcome = found.iter().any(is_found).then(|| regulation.inspection(result, &actor)).transpose();
        outcome.map(|outcome| outcome.map(|outcome| outcome.sub_stock)).map_err(|found| refused(&request.name, found))
    };
    let good_to = sub_stock("good", |line| !line.good.is_zero())?;
    let damaged_to = sub_stock("damaged", |line| !line.damaged.is_zero())?;
    for found in &found {
        let name = change.slip.line_name(tx.organization_id(), found.line);
        for line in change.slip.lines.iter_mut().filter(|line| line.number == found.line) {
            line.certify(*found, &name)?;
        }
    }
    change.slip.certificates.push(Certificate {
        number: request.certificate,
        lines: found,
        good_to,
        damaged_to,
        by: caller.subject.clone(),
        at: change.at,
        transferred: false,
    });
    if !change.slip.is_outstanding() && !change.slip.is_uncertified() {
        change.happened(Event::Inspected);
    }
    change.commit(inventory, tx, Event::Inspected.word()).await
}

/// Notes that the outstanding parts of a slip were sent by mail, or that they arrived.
pub async fn ship(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ShipLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    let shipped_at = change.slip.shipment.as_ref().map(|shipment| shipment.shipped_at);
    let not_before = if request.delivered { shipped_at } else { change.slip.state.issued_at() };
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), not_before)?;
    change.step(Step::Ship)?;
    if !change.slip.terms.tracked {
        return Err(not_mailed(&change.slip, &request.name));
    }
    let pb::Shipment { carrier, tracking_number, .. } = request.shipment.unwrap_or_default();
    let (from, to) = match (change.slip.shipment.take(), request.delivered) {
        (None, false) => {
            let shipment = Shipment { carrier, tracking_number, shipped_at: change.at, delivered_at: None };
            change.slip.shipment = Some(shipment);
            (Account::Lent, Account::InTransit)
        }
        (Some(shipment @ Shipment { delivered_at: None, .. }), true) => {
            if (&shipment.carrier, &shipment.tracking_number) != (&carrier, &tracking_number) {
                let fault = Text::new("must be the consignment that was sent", "必须与寄出的包裹一致");
                return Err(Error::invalid("shipment.tracking_number", fault));
            }
            change.slip.shipment = Some(Shipment { delivered_at: Some(change.at), ..shipment });
            (Account::InTransit, Account::Lent)
        }
        (sent, delivered) => return Err(wrong_consignment(&request.name, sent.as_ref(), delivered)),
    };
    let transfers = stock::outstanding(&change.slip, from, to);
    stock::post(tx, &change.slip, &transfers, change.at).await?;
    change.commit(inventory, tx, if request.delivered { "delivered" } else { "shipped" }).await
}

/// Puts something on record.
pub async fn record(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateLoanSlipRecordRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.parent, "").await?;
    let mut subject = change.slip.subject(&inventory.host.library, tx.organization_id())?;
    let filled_at = change.slip.filled_at;
    let record = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), Some(filled_at))?;
    change.at = record.entry.occurred_at;
    let event = format!("record:{}", record.entry.kind);
    change.slip.standing = subject.standing;
    change.commit(inventory, tx, &event).await
}

/// Something happened to the order that slips are for.
///
/// # Errors
/// Those of the slips' limits, and [`Error::Internal`] when a statement fails.
pub async fn work_order_changed(
    inventory: &Inventory,
    tx: &mut TenantTx,
    order: WorkOrderId,
    view: &WorkOrderView,
) -> Result<(), Error> {
    for id in store::open_of_work_order(tx, order).await? {
        let Kept { mut slip, .. } = store::lock(tx, id).await?;
        let (standing, agency) = (slip.standing.clone(), slip.agency);
        view.tell(&mut slip.standing);
        slip.agency = view.agency;
        if slip.standing != standing || slip.agency != agency {
            save(inventory, tx, &mut slip).await?;
        }
    }
    Ok(())
}

/// A limit of a slip is near its end or ran out: tells of it.
///
/// # Errors
/// Those of the slip's limits, and [`Error::Internal`] when a statement fails.
pub async fn follow_limits(inventory: &Inventory, tx: &mut TenantTx, id: LoanSlipId) -> Result<(), Error> {
    let Kept { mut slip, .. } = store::lock(tx, id).await?;
    save(inventory, tx, &mut slip).await.map(drop)
}

/// Follows the limits and writes the slip; returns when something is due next, unless it is in its final state.
async fn save(inventory: &Inventory, tx: &mut TenantTx, slip: &mut LoanSlip) -> Result<Option<Timestamp>, Error> {
    let organization = tx.organization_id().to_owned();
    let mut subject = slip.subject(&inventory.host.library, &organization)?;
    let due = if slip.state.is_final() {
        limits::end(tx, &mut subject)?;
        None
    } else {
        Some(limits::follow(tx, &mut subject)?)
    };
    let owner = slip.owner(&subject.regulation);
    slip.standing = subject.standing;
    store::save(tx, slip, owner.as_deref(), due).await?;
    Ok(due)
}

/// A slip that is being changed.
pub(super) struct Change {
    pub slip: LoanSlip,
    pub at: Timestamp,
    name: String,
}

impl Change {
    /// Locks the slip and checks the etag; when it happened is for the command to say.
    pub async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<Self, Error> {
        let Kept { slip, .. } = store::lock(tx, LoanSlipId::of(caller, "name", name)?).await?;
        etag::check(etag, slip.version, name)?;
        Ok(Self { slip, at: tx.now(), name: name.to_owned() })
    }

    pub fn step(&mut self, step: Step) -> Result<(), Error> {
        self.slip.state = self.slip.state.apply(step, &self.name)?;
        Ok(())
    }

    pub fn happened(&mut self, event: Event) {
        self.slip.standing.happened(event, self.at);
    }

    /// Follows the limits, writes the slip and tells of `event`.
    pub async fn commit(
        mut self,
        inventory: &Inventory,
        tx: &mut TenantTx,
        event: &str,
    ) -> Result<pb::LoanSlip, Error> {
        let due = save(inventory, tx, &mut self.slip).await?;
        let answer = self.slip.to_proto(&inventory.host.library, tx, due)?;
        tx.audit_as(answer.name.clone(), self.at);
        let progressed = pb::LoanSlipProgressed { event: event.to_owned(), loan_slip: Some(answer.clone()) };
        events::append(tx, &answer.name, &progressed, self.at);
        Ok(answer)
    }
}

/// Parts for another purpose are not sent by mail: the rule of the purpose says how they leave.
fn not_mailed(slip: &LoanSlip, name: &str) -> Error {
    let refusal = Refusal {
        rule: slip.terms.rule.clone(),
        entry: format!("loans.purposes.{}", slip.purpose),
        message: callout_regulation::Text {
            en: format!("parts for `{}` are not sent by mail", slip.purpose),
            zh: format!("用途为“{}”的配件不邮寄", slip.purpose),
        },
        lifted_by: Vec::new(),
    };
    refused(name, vec![refusal])
}

/// A consignment is sent once and arrives once.
fn wrong_consignment(name: &str, sent: Option<&Shipment>, delivered: bool) -> Error {
    let state = match sent {
        None => "NOT_SHIPPED",
        Some(Shipment { delivered_at: None, .. }) => "SHIPPED",
        Some(Shipment { delivered_at: Some(_), .. }) => "DELIVERED",
    };
    let (attempted, allowed) = if delivered { ("deliver", "SHIPPED") } else { ("ship", "NOT_SHIPPED") };
    Error::WrongState {
        name: name.to_owned(),
        state: state.to_owned(),
        attempted: attempted.to_owned(),
        allowed: vec![allowed.to_owned()],
    }
}
