//! What dispatch does at its time.

use callout_casework::{
    ids::{Id as _, MaintenancePlanId, TakeawayId, WorkOrderId},
    limits,
};
use callout_journal::{TenantTx, timers::Timer};
use callout_kit::Error;

use crate::{Dispatch, maintenance, takeaway, work_order};

/// Runs a timer: the limit of a work order, or of goods that were taken away, is near its end, or ran out without anything having happened, or a product may have been left
/// without care for too long.
pub async fn run(dispatch: &Dispatch, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
    let wrong =
        || Error::Internal(anyhow::anyhow!("timer {} of kind {} about {}", timer.key, timer.kind, timer.subject));
    match timer.kind.as_str() {
        limits::TIMER => {
            if let Ok((_, id)) = TakeawayId::parse(&timer.subject) {
                return takeaway::commands::follow_limits(dispatch, tx, id).await;
            }
            let (_, id) = WorkOrderId::parse(&timer.subject).map_err(|_| wrong())?;
            work_order::commands::follow_limits(dispatch, tx, id).await
        }
        maintenance::commands::TIMER => {
            let (_, id) = MaintenancePlanId::parse(&timer.subject).map_err(|_| wrong())?;
            maintenance::commands::look_again(dispatch, tx, id).await
        }
        _ => Err(wrong()),
    }
}
