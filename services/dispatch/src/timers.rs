//! What dispatch does at its time.

use callout_casework::{
    ids::{Id as _, WorkOrderId},
    limits,
};
use callout_journal::{TenantTx, timers::Timer};
use callout_kit::Error;

use crate::{Dispatch, work_order};

/// Runs a timer: the limit of a work order is near its end, or ran out, without anything having happened.
pub async fn run(dispatch: &Dispatch, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
    match WorkOrderId::parse(&timer.subject) {
        Ok((_, id)) if timer.kind == limits::TIMER => work_order::commands::follow_limits(dispatch, tx, id).await,
        Ok(_) | Err(_) => {
            Err(Error::Internal(anyhow::anyhow!("timer {} of kind {} is not dispatch's", timer.key, timer.kind)))
        }
    }
}
