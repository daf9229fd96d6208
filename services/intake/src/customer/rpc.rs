//! The service `Customers`.

use callout_casework::{
    command,
    ids::{self, CustomerId, Id as _},
    query,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, Violations};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Customer, store};
use crate::Intake;

/// Characters that a customer's name may have.
const LONGEST_NAME: usize = 200;

/// Characters that an address may have.
const LONGEST_ADDRESS: usize = 500;

#[tonic::async_trait]
impl pb::customers_server::Customers for Intake {
    async fn create_customer(
        &self,
        request: Request<pb::CreateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        command!(self, request, create)
    }

    async fn get_customer(&self, request: Request<pb::GetCustomerRequest>) -> Result<Response<pb::Customer>, Status> {
        query!(self, request, get)
    }

    async fn list_customers(
        &self,
        request: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        query!(self, request, list)
    }
}

async fn create(
    _: &Intake,
    tx: &mut TenantTx,
    _: &Caller,
    request: pb::CreateCustomerRequest,
) -> Result<pb::Customer, Error> {
    let asked = request.customer.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("customer.display_name", &asked.display_name, LONGEST_NAME);
    violations.at_most("customer.address", &asked.address, LONGEST_ADDRESS);
    violations.finish()?;
    let customer = Customer {
        id: CustomerId::new(tx.now()),
        version: 1,
        display_name: asked.display_name,
        unit_kind: asked.unit_kind,
        address: asked.address,
        contact: asked.contact,
        phone: asked.phone,
        for_life: false,
        created_at: tx.now(),
    };
    store::insert(tx, &customer).await?;
    let answer = customer.to_proto(tx.organization_id());
    tx.audit_as(answer.name.clone(), tx.now());
    Ok(answer)
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
