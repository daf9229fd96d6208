//! The service `Products`.

use callout_casework::{
    command,
    ids::{self, CustomerId, Id as _, ProductId},
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
impl pb::products_server::Products for Intake {
    async fn create_product(
        &self,
        request: Request<pb::CreateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_product(&self, request: Request<pb::GetProductRequest>) -> Result<Response<pb::Product>, Status> {
        query!(self, request, get)
    }

    async fn list_products(
        &self,
        request: Request<pb::ListProductsRequest>,
    ) -> Result<Response<pb::ListProductsResponse>, Status> {
        query!(self, request, list)
    }

    async fn update_product(
        &self,
        request: Request<pb::UpdateProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        command!(self, request, commands::update)
    }

    async fn register_product(
        &self,
        request: Request<pb::RegisterProductRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        command!(self, request, commands::register)
    }

    async fn create_product_record(
        &self,
        request: Request<pb::CreateProductRecordRequest>,
    ) -> Result<Response<pb::Product>, Status> {
        command!(self, request, commands::record)
    }
}

async fn get(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetProductRequest,
) -> Result<pb::Product, Error> {
    let product = store::get(tx, ProductId::of(caller, "name", &request.name)?).await?;
    product.to_proto(commands::in_force(intake, tx)?, tx)
}

async fn list(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListProductsRequest,
) -> Result<pb::ListProductsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let customer = CustomerId::optional(caller, "customer", &request.customer)?;
    let page =
        Page::<Uuid>::of(&request, request.page_size, &request.page_token, &(&request.parent, &request.customer))?;
    let products = store::page(tx, &page, customer.map(ids::Id::uuid)).await?;
    let (products, next_page_token) = page.finish(products, |last| last.id.uuid())?;
    let regulation = commands::in_force(intake, tx)?;
    let products = products.iter().map(|product| product.to_proto(regulation.clone(), tx));
    Ok(pb::ListProductsResponse { products: products.collect::<Result<_, _>>()?, next_page_token })
}
