//! Looking at quotes.

use callout_casework::ids::{self, Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};

use super::{COLLECTION, store};
use crate::{Dispatch, work_order};

/// One quote.
pub async fn get(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetQuoteRequest,
) -> Result<pb::Quote, Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", &request.name, COLLECTION)?;
    Ok(store::get(tx, order, id).await?.to_proto(tx.organization_id()))
}

/// A page of the quotes of a work order, the latest first.
pub async fn list(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListQuotesRequest,
) -> Result<pb::ListQuotesResponse, Error> {
    let order = WorkOrderId::of(caller, "parent", &request.parent)?;
    work_order::exists(tx, order).await?;
    let page = Page::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (quotes, next_page_token) = page.finish(store::page(tx, &page, order).await?, |last| last.id)?;
    let quotes = quotes.iter().map(|quote| quote.to_proto(tx.organization_id())).collect();
    Ok(pb::ListQuotesResponse { quotes, next_page_token })
}
