//! The service `Movements`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, ItemId, MovementId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::{Inventory, item};

#[tonic::async_trait]
impl pb::movements_server::Movements for Inventory {
    async fn receive_stock(&self, request: Request<pb::ReceiveStockRequest>) -> Result<Response<pb::Movement>, Status> {
        command!(self, request, commands::receive)
    }

    async fn get_movement(&self, request: Request<pb::GetMovementRequest>) -> Result<Response<pb::Movement>, Status> {
        query!(self, request, get)
    }

    async fn list_movements(
        &self,
        request: Request<pb::ListMovementsRequest>,
    ) -> Result<Response<pb::ListMovementsResponse>, Status> {
        query!(self, request, list)
    }

    async fn get_balance(&self, request: Request<pb::GetBalanceRequest>) -> Result<Response<pb::Balance>, Status> {
        query!(self, request, balance)
    }
}

async fn get(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetMovementRequest,
) -> Result<pb::Movement, Error> {
    let movement = store::get(tx, MovementId::of(caller, "name", &request.name)?).await?;
    Ok(movement.to_proto(tx.organization_id()))
}

async fn list(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListMovementsRequest,
) -> Result<pb::ListMovementsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let item = ItemId::optional(caller, "item", &request.item)?;
    let filter = (&request.parent, &request.item);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let (movements, next_page_token) = page.finish(store::page(tx, &page, item).await?, |last| last.id.uuid())?;
    let movements = movements.iter().map(|movement| movement.to_proto(tx.organization_id())).collect();
    Ok(pb::ListMovementsResponse { movements, next_page_token })
}

async fn balance(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetBalanceRequest,
) -> Result<pb::Balance, Error> {
    let item = item::store::get(tx, ItemId::of(caller, "name", &request.name)?).await?;
    Ok(commands::balance(tx, item.id).await?.to_proto(tx.organization_id()))
}
