//! A charge under another regulation.

use callout_casework::{
    Subject,
    rehearse::{Judged, Judgements, due},
};
use callout_contract::types::v1::difference::Kind;
use callout_journal::TenantTx;
use callout_kit::{Error, Text, parse};
use callout_regulation::Actor;
use rust_decimal::Decimal;

use super::Charge;
use crate::work_order::WorkOrder;

/// What the party would be charged by the regulation of `subject`, the order, for the costs that were claimed.
///
/// # Errors
/// [`Error::NotFound`] while the organisation is not known here.
pub fn judge(
    tx: &TenantTx,
    charge: &Charge,
    order: &WorkOrder,
    subject: &Subject,
    judgements: &mut Judgements,
) -> Result<(), Error> {
    let broken = |fault: Text| Error::Internal(anyhow::anyhow!("charge {}: {fault}", charge.id));
    let at = parse::timestamp(charge.claimed.create_time.unwrap_or_default()).map_err(broken)?;
    let mut costs = Decimal::ZERO;
    for item in &charge.claimed.items {
        costs += parse::amount(&item.amount).map_err(broken)?;
    }
    let regulation = &subject.regulation;
    let borne_by_customer = order.customer_amount(regulation, at).unwrap_or_default();
    // Somebody in every role: what comes out is asked, not who may claim it.
    let actor = Actor::of(regulation.pack().roles.keys().cloned());
    let dossier = subject.dossier(tx)?;
    let entry = format!("charges for {}", charge.party);
    match regulation.charge(&charge.party, &dossier, costs, borne_by_customer, &actor, at) {
        Ok(owed) => {
            let judgement = due(regulation, owed.amount, owed.explanation);
            let judged = Judged { person: charge.party.clone(), entry: entry.clone(), judgement };
            judgements.add(Kind::Charge, entry, judged);
        }
        Err(refusals) => {
            // Refused by all of them, not by one: this party is not charged in such a case.
            for refusal in refusals.iter().filter(|refusal| refusal.entry != "charges") {
                judgements.add_refused(Kind::Charge, entry.clone(), regulation, refusal);
            }
        }
    }
    Ok(())
}
