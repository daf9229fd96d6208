//! What a missed limit leaves in the ledger, and what takes it back.

use callout_casework::{regulation_named, sanctions};
use callout_contract::{
    events::v1::{LimitMissRetracted, LimitMissed},
    regulation::v1::{Limit, limit},
};
use callout_journal::TenantTx;
use callout_kit::{Error, parse};
use callout_regulation::vocabulary::Trigger;
use jiff::{Timestamp, tz::TimeZone};

use super::{Breach, LedgerEntry, store};
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
    let sanctions = match sanctions::of_miss(&regulation, &limit) {
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
        retractions: missed.retractions,
        responsible: &missed.responsible,
        subject: &missed.subject,
        occurred_at: at,
    };
    for sanction in sanctions {
        let entry = LedgerEntry::new(breach, sanction, &regulation, tx.now());
        super::enter(tx, &entry).await?;
    }
    Ok(())
}

/// A limit was not missed after all, or not as it was told: whatever followed from that miss is reversed, once.
///
/// # Errors
/// As [`limit_missed`].
pub async fn limit_miss_retracted(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    retracted: LimitMissRetracted,
    at: Timestamp,
) -> Result<(), Error> {
    let limit = retracted.limit.unwrap_or_default();
    let regulation = regulation_named(&evaluation.host.library, &retracted.regulation)?;
    let why = not_missed(&limit, regulation.zone());
    let trigger = Trigger::Limit(limit.limit);
    for entry in store::of_miss(tx, &retracted.subject, &trigger, retracted.retractions).await? {
        let reversal = entry.reversal(&why, at, tx.now());
        super::enter(tx, &reversal).await?;
    }
    Ok(())
}

/// Why a limit was not missed as it was told, in words, with the times in the regulation's zone.
fn not_missed(limit: &Limit, zone: &TimeZone) -> String {
    let local = |at: Option<prost_types::Timestamp>| {
        let at = at.and_then(|at| parse::timestamp(at).ok());
        at.map(|at| zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
    };
    let (id, met_at, due_at) = (&limit.limit, local(limit.met_at), local(limit.due_at));
    match limit.state() {
        limit::State::Met => format!("{id} was met at {met_at}, in time: it was due by {due_at}"),
        limit::State::MetLate => format!("{id} was met at {met_at}, {} days after {due_at}", limit.late_days),
        limit::State::Running | limit::State::Overdue => format!("{id} is due by {due_at}"),
        limit::State::Lifted => {
            let explanation = limit.explanation.as_ref();
            format!("{id} does not count: {}", explanation.map_or("", |explanation| &explanation.computation))
        }
        limit::State::Unspecified => format!("{id} does not apply any more"),
    }
}
