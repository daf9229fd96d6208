//! The service `Customers`.

use callout_casework::{
    command,
    ids::{self, CustomerId, Id as _},
    query,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Intake;

#[tonic::async_trait]
impl pb::customers_server::Customers for Intake {
    async fn create_customer(
        &self,
        request: Request<pb::CreateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_customer(&self, request: Request<pb::GetCustomerRequest>) -> Result<Response<pb::Customer>, Status> {
        query!(self, request, get)
    }

    async fn update_customer(
        &self,
        request: Request<pb::UpdateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        command!(self, request, commands::update)
    }

    async fn list_customers(
        &self,
        request: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetCustomerRequest,
) -> Result<pb::Customer, Error> {
    let customer = store::get(tx, CustomerId::of(caller, "name", &request.name)?).await?;
    Ok(customer.to_proto(tx.organization_id()))
}

async fn list(
    _: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListCustomersRequest,
) -> Result<pb::ListCustomersResponse, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let customers = store::page(tx, &page).await?;
    let (customers, next_page_token) = page.finish(customers, |last| last.id.uuid())?;
    let customers = customers.iter().map(|customer| customer.to_proto(organization)).collect();
    Ok(pb::ListCustomersResponse { customers, next_page_token })
}
