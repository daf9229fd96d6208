//! How a slip is brought to zero: on the certificate of an inspection, or on the list that reports it.

use callout_casework::{occurred_at, refused};
use callout_contract::inventory::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error};
use callout_regulation::{Actor, pack::Evidence, vocabulary::Event};
use jiff::Timestamp;

use super::{
    LoanSlip, Step,
    commands::Change,
    stock::{self, OfLine},
    store, zeroing,
};
use crate::{
    Inventory,
    ledger::{Account, Transfer},
    place,
};

/// Transfers what is certified into its sub-stocks and zeroes the lines that balance; a difference stays open. What
/// nobody hands in because nothing of it comes back is counted as used.
pub async fn zero(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ZeroLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), not_before(&change.slip))?;
    change.step(Step::Transfer)?;
    let regulation = change.slip.subject(&inventory.host.library, tx.organization_id())?.regulation;
    let evidence = evidence(tx, &change.slip).await?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let explanation = regulation
        .zeroing(&change.slip.purpose, &actor, &evidence)
        .map_err(|refusals| refused(&request.name, refusals))?;

    let mut transfers = certified(tx, &change.slip, &explanation.rule).await?;
    if zeroing(&regulation, &change.slip.purpose).is_some_and(|zeroing| zeroing.after != Evidence::Inspection) {
        transfers.extend(stock::outstanding(&change.slip, stock::away(&change.slip), Account::Used));
        change.slip.lines.iter_mut().for_each(super::Line::consume);
    }
    stock::post(tx, &change.slip, &transfers, change.at).await?;
    change.slip.certificates.iter_mut().for_each(|certificate| certificate.transferred = true);
    change.slip.lines.iter_mut().for_each(super::Line::zero);
    if change.slip.lines.iter().all(|line| line.zeroed) {
        change.step(Step::Close(change.at))?;
        change.happened(Event::Zeroed);
    }
    change.commit(inventory, tx, Event::Zeroed.word()).await
}

/// The latest certificate, or the issue.
fn not_before(slip: &LoanSlip) -> Option<Timestamp> {
    slip.certificates.iter().map(|certificate| certificate.at).max().or(slip.state.issued_at())
}

/// What speaks for zeroing the slip now: a certificate that was not acted upon, or that nothing is left to inspect; and
/// the lists that it is on.
async fn evidence(tx: &mut TenantTx, slip: &LoanSlip) -> Result<Vec<Evidence>, Error> {
    let certified = slip.certificates.iter().any(|certificate| !certificate.transferred);
    let nothing_left = !slip.is_outstanding() && !slip.is_uncertified();
    let inspected = (certified || nothing_left).then_some(Evidence::Inspection);
    let listed = store::routines_that_list(tx, slip.id).await?.into_iter().map(Evidence::Routine);
    Ok(inspected.into_iter().chain(listed).collect())
}

/// What goes into which sub-stock by the certificates that were not acted upon.
///
/// # Errors
/// [`Error::SettingMissing`] when the organisation has no place of the kind that a certificate sends something to.
async fn certified(tx: &mut TenantTx, slip: &LoanSlip, rule: &str) -> Result<Vec<OfLine>, Error> {
    let mut transfers = Vec::new();
    for certificate in slip.certificates.iter().filter(|certificate| !certificate.transferred) {
        for (sub_stock, quantity) in [
            (&certificate.good_to, (|line| line.good) as fn(&super::Inspected) -> _),
            (&certificate.damaged_to, |line| line.damaged),
        ] {
            let Some(sub_stock) = sub_stock else { continue };
            let kind = place::Kind::from_pack(sub_stock);
            let place = match kind {
                Some(kind) => place::store::first_of(tx, kind).await?,
                None => None,
            };
            let missing = || Error::SettingMissing { setting: format!("places.{sub_stock}"), rule: rule.to_owned() };
            let to = Account::OnHand(place.ok_or_else(missing)?.id);
            for line in &certificate.lines {
                if let Some(item) = stock::item_of(slip, line.line) {
                    let transfer = Transfer { item, quantity: quantity(line), from: Account::InInspection, to };
                    transfers.push((line.line, transfer));
                }
            }
        }
    }
    Ok(transfers)
}
