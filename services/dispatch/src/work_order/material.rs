//! The material that is out with a work order, as inventory tells of it.

use callout_casework::ids::{Id as _, WorkOrderId};
use callout_contract::inventory::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Error, parse};
use rust_decimal::Decimal;

use super::{change::keep, store};
use crate::Dispatch;

/// What is out on one paper of inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Out {
    /// The order that it is for; empty for none.
    pub work_order: String,
    /// The loan slip or requisition, by its name.
    pub paper: String,
    /// Pieces that are not accounted for.
    pub pieces: Decimal,
}

impl Out {
    /// What is out on a loan slip.
    ///
    /// # Errors
    /// [`Error::Internal`] for a quantity that inventory does not send.
    pub fn on_slip(slip: &pb::LoanSlip) -> Result<Self, Error> {
        let outstanding = slip.lines.iter().map(|line| line.outstanding.as_str());
        Self::on(&slip.work_order, &slip.name, outstanding)
    }

    /// The replaced parts that must still come back for a requisition.
    ///
    /// # Errors
    /// As [`Out::on_slip`].
    pub fn on_requisition(requisition: &pb::PartsRequisition) -> Result<Self, Error> {
        let outstanding = requisition.lines.iter().map(|line| line.outstanding.as_str());
        Self::on(&requisition.work_order, &requisition.name, outstanding)
    }

    fn on<'a>(work_order: &str, paper: &str, outstanding: impl Iterator<Item = &'a str>) -> Result<Self, Error> {
        let wrong = |fault: callout_kit::Text| Error::Internal(anyhow::anyhow!("{paper}: {}", fault.en));
        let mut pieces = Decimal::ZERO;
        for quantity in outstanding.filter(|quantity| !quantity.is_empty()) {
            pieces += parse::decimal(quantity).map_err(wrong)?;
        }
        Ok(Self { work_order: work_order.to_owned(), paper: paper.to_owned(), pieces })
    }
}

/// Inventory gave out material for an order, or took some back. Of an order that is over nothing is noted any more.
///
/// # Errors
/// Those of the limits and of the statements.
pub async fn changed(dispatch: &Dispatch, tx: &mut TenantTx, out: Out) -> Result<(), Error> {
    let Ok((_, id)) = WorkOrderId::parse(&out.work_order) else { return Ok(()) };
    let mut order = match store::lock(tx, id).await {
        Ok(order) => order,
        Err(Error::NotFound { .. }) => return Ok(()),
        Err(other) => return Err(other),
    };
    if order.state.is_final() || order.material.get(&out.paper).copied().unwrap_or_default() == out.pieces {
        return Ok(());
    }
    order.material.insert(out.paper, out.pieces);
    keep(dispatch, tx, order).await.map(drop)
}
