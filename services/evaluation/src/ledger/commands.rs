//! What a missed limit leaves in the ledger.

use callout_casework::regulation_named;
use callout_contract::{
    events::v1::LimitMissed,
    regulation::v1::{Limit, limit},
};
use callout_journal::TenantTx;
use callout_kit::Error;
use callout_regulation::{Actor, Facts, Sanction, pack::Per, vocabulary::Trigger};
use jiff::Timestamp;

use super::{Breach, LedgerEntry};
use crate::Evaluation;

/// A limit was missed: its time ran out, or its event came late. Each consequence is entered once for the two.
///
/// A consequence that only a person can decide, such as an amount within a band, is left to a finding: nobody acts here.
///
/// # Errors
/// [`Error::Internal`] when the regulation of the limit is not in the library any more, or a statement fails.
pub async fn limit_missed(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    missed: LimitMissed,
    at: Timestamp,
) -> Result<(), Error> {
    let limit = missed.limit.unwrap_or_default();
    let regulation = regulation_named(&evaluation.host.library, &missed.regulation)?;
    let trigger = Trigger::Limit(limit.limit.clone());
    let mut facts = Facts::default();
    facts.set_lateness(&limit);
    let sanctions = match regulation.consequences(&trigger, &facts, None, &Actor::default()) {
        Ok(sanctions) => sanctions,
        Err(refusals) => {
            for refusal in refusals {
                tracing::warn!(
                    rule = refusal.rule,
                    entry = refusal.entry,
                    "a missed limit needs a person to decide: {refusal}"
                );
            }
            return Ok(());
        }
    };
    let breach = Breach {
        finding: None,
        trigger: &trigger,
        responsible: &missed.responsible,
        subject: &missed.subject,
        occurred_at: at,
    };
    for sanction in sanctions.into_iter().filter(|sanction| is_known(sanction, &limit)) {
        let entry = LedgerEntry::new(breach, sanction, &regulation, tx.now());
        super::enter(tx, &entry).await?;
    }
    Ok(())
}

/// Whether the amount is known: what goes by the day is, once the event has come; the rest when the time has run out.
fn is_known(sanction: &Sanction, limit: &Limit) -> bool {
    match sanction.per {
        Per::Occasion | Per::Record => true,
        Per::Day => limit.state() == limit::State::MetLate,
    }
}
