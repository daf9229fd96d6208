//! What the parts of a slip do to the stock.

use callout_casework::ids::ItemId;
use callout_journal::TenantTx;
use callout_kit::Error;
use jiff::Timestamp;

use super::{HandedIn, LoanSlip, Shipment};
use crate::{
    item,
    ledger::{self, Account, Transfer},
};

/// One transfer that a line of the slip causes.
pub type OfLine = (i32, Transfer);

/// The account that the outstanding parts of a slip are on: with the borrower, unless they are under way to him.
#[must_use]
pub fn away(slip: &LoanSlip) -> Account {
    match &slip.shipment {
        Some(Shipment { delivered_at: None, .. }) => Account::InTransit,
        Some(Shipment { delivered_at: Some(_), .. }) | None => Account::Lent,
    }
}

/// What is moved when all lines of a slip are issued.
#[must_use]
pub fn issue(slip: &LoanSlip) -> Vec<OfLine> {
    let lent = |quantity, item| Transfer { item, quantity, from: Account::OnHand(slip.place), to: Account::Lent };
    slip.lines.iter().map(|line| (line.number, lent(line.quantity, line.item))).collect()
}

/// What is moved when parts come in: those that were built in are used, and the damaged ones that they replaced come off
/// the customer's machine.
#[must_use]
pub fn hand_in(slip: &LoanSlip, came: &[HandedIn]) -> Vec<OfLine> {
    let from = away(slip);
    let mut transfers = Vec::new();
    for (line, item) in came.iter().filter_map(|came| Some((came, item_of(slip, came.line)?))) {
        for (quantity, from, to) in [
            (line.unused, from, Account::InInspection),
            (line.replaced, from, Account::Used),
            (line.replaced, Account::Customer, Account::InInspection),
            (line.lost, from, Account::Lost),
        ] {
            transfers.push((line.line, Transfer { item, quantity, from, to }));
        }
    }
    transfers
}

/// What is moved when everything outstanding goes from one account to another.
#[must_use]
pub fn outstanding(slip: &LoanSlip, from: Account, to: Account) -> Vec<OfLine> {
    let moved = |quantity, item| Transfer { item, quantity, from, to };
    slip.lines.iter().map(|line| (line.number, moved(line.outstanding, line.item))).collect()
}

/// The item of a line.
#[must_use]
pub fn item_of(slip: &LoanSlip, line: i32) -> Option<ItemId> {
    slip.lines.iter().find(|known| known.number == line).map(|known| known.item)
}

/// Makes the transfers, those of no quantity left out. Holds the items of the slip first.
///
/// # Errors
/// [`Error::Internal`] when an account does not have what is taken from it: the lines then say other than the ledger.
pub async fn post(tx: &mut TenantTx, slip: &LoanSlip, transfers: &[OfLine], at: Timestamp) -> Result<(), Error> {
    lock(tx, slip).await?;
    for (line, transfer) in transfers.iter().filter(|(_, transfer)| !transfer.quantity.is_zero()) {
        post_one(tx, slip, *line, *transfer, at).await?;
    }
    Ok(())
}

async fn post_one(
    tx: &mut TenantTx,
    slip: &LoanSlip,
    line: i32,
    transfer: Transfer,
    at: Timestamp,
) -> Result<(), Error> {
    let cause = slip.line_name(tx.organization_id(), line);
    ledger::commands::post(tx, transfer, &cause, at).await.map(drop)
}

/// Takes the parts of all lines out of the warehouse. What is allotted to the reservations of other cases stays there;
/// those of the slip's own case are served by it.
///
/// # Errors
/// [`Error::StockShort`] about the first line that the warehouse cannot serve.
pub async fn take_out(tx: &mut TenantTx, slip: &LoanSlip, at: Timestamp) -> Result<(), Error> {
    lock(tx, slip).await?;
    for (line, transfer) in issue(slip) {
        let cause = slip.line_name(tx.organization_id(), line);
        ledger::commands::give_out(tx, transfer, slip.case, &cause, at).await?;
    }
    Ok(())
}

async fn lock(tx: &mut TenantTx, slip: &LoanSlip) -> Result<(), Error> {
    let items: Vec<ItemId> = slip.lines.iter().map(|line| line.item).collect();
    item::store::lock_all(tx, &items).await.map(drop)
}
