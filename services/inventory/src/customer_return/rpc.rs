//! The service `CustomerReturns`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, CaseId, CustomerReturnId, Id as _},
    query, regulation_named,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{CustomerReturn, commands, store};
use crate::Inventory;

#[tonic::async_trait]
impl pb::customer_returns_server::CustomerReturns for Inventory {
    async fn create_customer_return(
        &self,
        request: Request<pb::CreateCustomerReturnRequest>,
    ) -> Result<Response<pb::CustomerReturn>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_customer_return(
        &self,
        request: Request<pb::GetCustomerReturnRequest>,
    ) -> Result<Response<pb::CustomerReturn>, Status> {
        query!(self, request, get)
    }

    async fn list_customer_returns(
        &self,
        request: Request<pb::ListCustomerReturnsRequest>,
    ) -> Result<Response<pb::ListCustomerReturnsResponse>, Status> {
        query!(self, request, list)
    }

    async fn approve_customer_return(
        &self,
        request: Request<pb::ApproveCustomerReturnRequest>,
    ) -> Result<Response<pb::CustomerReturn>, Status> {
        command!(self, request, commands::approve)
    }

    async fn receive_customer_return(
        &self,
        request: Request<pb::ReceiveCustomerReturnRequest>,
    ) -> Result<Response<pb::CustomerReturn>, Status> {
        command!(self, request, commands::receive)
    }

    async fn book_customer_return(
        &self,
        request: Request<pb::BookCustomerReturnRequest>,
    ) -> Result<Response<pb::CustomerReturn>, Status> {
        command!(self, request, commands::book)
    }
}

async fn get(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetCustomerReturnRequest,
) -> Result<pb::CustomerReturn, Error> {
    let returned = store::get(tx, CustomerReturnId::of(caller, "name", &request.name)?).await?;
    shown(inventory, tx, &returned)
}

async fn list(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListCustomerReturnsRequest,
) -> Result<pb::ListCustomerReturnsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let case = CaseId::optional(caller, "case", &request.case)?;
    let filter = (&request.parent, &request.case);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let returns = store::page(tx, &page, case).await?;
    let (returns, next_page_token) = page.finish(returns, |last| last.id.uuid())?;
    let customer_returns = returns.iter().map(|returned| shown(inventory, tx, returned)).collect::<Result<_, _>>()?;
    Ok(pb::ListCustomerReturnsResponse { customer_returns, next_page_token })
}

fn shown(inventory: &Inventory, tx: &TenantTx, returned: &CustomerReturn) -> Result<pb::CustomerReturn, Error> {
    let regulation = regulation_named(&inventory.host.library, &returned.regulation)?;
    Ok(returned.to_proto(tx.organization_id(), &regulation))
}
