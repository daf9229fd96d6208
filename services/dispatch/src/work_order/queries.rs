//! Looking at work orders.

use callout_casework::ids::{self, CaseId, Id as _, WorkOrderId};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, Text};

use super::{WorkOrder, store};
use crate::Dispatch;

/// One order, with its limits and records as they stand.
pub async fn get(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetWorkOrderRequest,
) -> Result<pb::WorkOrder, Error> {
    let order = store::get(tx, WorkOrderId::of(caller, "name", &request.name)?).await?;
    order.to_proto(&dispatch.host.library, tx)
}

/// A page of orders, in the order that is asked for.
pub async fn list(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListWorkOrdersRequest,
) -> Result<pb::ListWorkOrdersResponse, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let case = CaseId::optional(caller, "case", &request.case)?;
    let filter = (organization, &request.case, request.order);
    let (orders, next_page_token) = match pb::list_work_orders_request::Order::try_from(request.order) {
        Ok(pb::list_work_orders_request::Order::Unspecified) => {
            let page = Page::of(&request, request.page_size, &request.page_token, &filter)?;
            page.finish(store::page(tx, &page, case).await?, |order| order.id.uuid())?
        }
        Ok(pb::list_work_orders_request::Order::Service) => {
            let page = Page::of(&request, request.page_size, &request.page_token, &filter)?;
            let placed = store::page_in_order_of_service(tx, &page, case).await?;
            let (placed, token) = page.finish(placed, |(place, _)| place.clone())?;
            (placed.into_iter().map(|(_, order)| order).collect(), token)
        }
        Err(_) => {
            return Err(Error::invalid("order", Text::new("must be an order of the list", "必须是有效的排序方式")));
        }
    };
    let library = &dispatch.host.library;
    let work_orders: Result<Vec<_>, Error> =
        orders.iter().map(|order: &WorkOrder| order.to_proto(library, tx)).collect();
    Ok(pb::ListWorkOrdersResponse { work_orders: work_orders?, next_page_token })
}
