//! Looking at charges.

use callout_casework::ids::{self, Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};

use super::{COLLECTION, store};
use crate::{Dispatch, work_order};

/// One charge.
pub async fn get(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetChargeRequest,
) -> Result<pb::Charge, Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", &request.name, COLLECTION)?;
    Ok(store::get(tx, order, id).await?.to_proto(tx.organization_id()))
}

/// A page of the charges of a work order, the latest first.
pub async fn list(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListChargesRequest,
) -> Result<pb::ListChargesResponse, Error> {
    let order = WorkOrderId::of(caller, "parent", &request.parent)?;
    work_order::exists(tx, order).await?;
    let page = Page::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (charges, next_page_token) = page.finish(store::page(tx, &page, order).await?, |last| last.id)?;
    let charges = charges.iter().map(|charge| charge.to_proto(tx.organization_id())).collect();
    Ok(pb::ListChargesResponse { charges, next_page_token })
}
