//! A product under another regulation.

use callout_casework::{
    ids::Id as _,
    rehearse::{Looked, Place, Rehearsal},
};
use callout_journal::TenantTx;
use callout_kit::Error;

use super::{commands, store};
use crate::Intake;

/// Looks at some of the products that were entered in the period. A product is judged by what is in force; while nothing is,
/// there is nothing to compare.
///
/// # Errors
/// Those of the decisions and of the statement.
pub async fn look(intake: &Intake, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
    let mut looked = Looked::default();
    let in_force = commands::in_force(intake, tx)?;
    for product in store::entered_in(tx, rehearsal, place).await? {
        let differences = match &in_force {
            Some(regulation) => {
                let subject = product.subject(regulation.clone(), tx.organization_id())?;
                rehearsal.limits(tx, &subject, false)?
            }
            None => Vec::new(),
        };
        looked.at(product.id.uuid(), differences);
    }
    Ok(looked)
}
