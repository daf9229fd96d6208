//! What inventory has that is judged by a regulation, under another one.

use callout_casework::{
    Subject,
    ids::Id as _,
    rehearse::{Looked, Place, Rehearsal},
};
use callout_journal::TenantTx;
use callout_kit::Error;

use crate::{Inventory, custody, loan_slip, parts_requisition};

const SLIP: &str = "loan_slip";
const REQUISITION: &str = "requisition";
const CUSTODY: &str = "custody";

/// What is looked at, in this order.
pub const REHEARSED: &[&str] = &[SLIP, REQUISITION, CUSTODY];

/// Looks at some of what was entered in the period.
///
/// # Errors
/// Those of the decisions and of the statements.
pub async fn look(
    inventory: &Inventory,
    tx: &mut TenantTx,
    rehearsal: &Rehearsal,
    place: Place,
) -> Result<Looked, Error> {
    let (library, organization) = (&inventory.host.library, tx.organization_id().to_owned());
    let mut looked = Looked::default();
    let mut judge = |tx: &TenantTx, id, subject: &Subject, over| -> Result<(), Error> {
        looked.at(id, rehearsal.limits(tx, subject, over)?);
        Ok(())
    };
    match place.kind {
        SLIP => {
            for loan_slip::store::Kept { slip, .. } in loan_slip::store::entered_in(tx, rehearsal, place).await? {
                judge(tx, slip.id.uuid(), &slip.subject(library, &organization)?, slip.state.is_final())?;
            }
        }
        REQUISITION => {
            for kept in parts_requisition::store::entered_in(tx, rehearsal, place).await? {
                let requisition = kept.requisition;
                let subject = requisition.subject(library, &organization)?;
                judge(tx, requisition.id.uuid(), &subject, requisition.state.is_final())?;
            }
        }
        CUSTODY => {
            for custody in custody::store::entered_in(tx, rehearsal, place).await? {
                judge(tx, custody.id.uuid(), &custody.subject(library, &organization)?, custody.state.is_final())?;
            }
        }
        _ => {}
    }
    Ok(looked)
}
