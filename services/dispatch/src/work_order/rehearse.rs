//! A work order under another regulation.

use callout_casework::{
    ids::Id as _,
    rehearse::{About, Judgements, Looked, Place, Rehearsal},
};
use callout_journal::TenantTx;
use callout_kit::Error;

use super::store;
use crate::{Dispatch, charge};

/// Looks at some of the orders that answer cases received in the period.
///
/// # Errors
/// Those of the decisions and of the statement.
pub async fn look(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    rehearsal: &Rehearsal,
    place: Place,
) -> Result<Looked, Error> {
    let mut looked = Looked::default();
    let orders = store::received_in(tx, rehearsal, place).await?;
    let ids: Vec<_> = orders.iter().map(|order| order.id.uuid()).collect();
    let charges = charge::store::of_orders(tx, &ids).await?;
    for order in orders {
        let subject = order.subject(&dispatch.host.library, tx.organization_id())?;
        let mut differences = rehearsal.limits(tx, &subject, order.state.is_final())?;
        let (mut before, mut after) = (Judgements::default(), Judgements::default());
        for charge in charges.iter().filter(|charge| charge.order == order.id) {
            charge::rehearse::judge(tx, charge, &order, &subject, &mut before)?;
            charge::rehearse::judge(tx, charge, &order, &rehearsal.other(&subject), &mut after)?;
        }
        differences.extend(before.against(&after, About::subject(&subject)));
        looked.at(order.id.uuid(), differences);
    }
    Ok(looked)
}
