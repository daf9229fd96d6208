//! What evaluation does at its time.

use callout_casework::{
    ids::{ClaimId, DutyId, Id as _, IncidentId, ScorecardId, SettlementId},
    limits,
};
use callout_journal::{TenantTx, timers::Timer};
use callout_kit::Error;

use crate::{Evaluation, claim, duty, incident, scorecard, settlement};

/// Does what a timer was set for.
///
/// # Errors
/// Those of what it does, and [`Error::Internal`] for a timer that this release does not know.
pub async fn on_timer(evaluation: &Evaluation, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
    let wrong =
        || Error::Internal(anyhow::anyhow!("timer {} of kind {} about {}", timer.key, timer.kind, timer.subject));
    match timer.kind.as_str() {
        limits::TIMER => {
            if let Ok((_, id)) = ScorecardId::parse(&timer.subject) {
                return scorecard::commands::follow_limits(evaluation, tx, id).await;
            }
            let (_, id) = ClaimId::parse(&timer.subject).map_err(|_| wrong())?;
            claim::commands::follow_limits(evaluation, tx, id).await
        }
        duty::opening::OVERDUE => {
            let (_, id) = DutyId::parse(&timer.subject).map_err(|_| wrong())?;
            duty::commands::overdue(tx, id, timer.run_at).await
        }
        duty::opening::OPEN => duty::opening::open_owed(evaluation, tx).await,
        settlement::commands::OVERDUE => {
            let (_, id) = SettlementId::parse(&timer.subject).map_err(|_| wrong())?;
            settlement::commands::overdue(evaluation, tx, id, timer.run_at).await
        }
        incident::commands::NOT_RECTIFIED => {
            let (_, id) = IncidentId::parse(&timer.subject).map_err(|_| wrong())?;
            incident::commands::ran_out(evaluation, tx, id, timer.run_at).await
        }
        _ => Err(wrong()),
    }
}
