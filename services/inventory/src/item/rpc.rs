//! The service `Items`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, ItemId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, parse};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Inventory;

#[tonic::async_trait]
impl pb::items_server::Items for Inventory {
    async fn create_item(&self, request: Request<pb::CreateItemRequest>) -> Result<Response<pb::Item>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_item(&self, request: Request<pb::GetItemRequest>) -> Result<Response<pb::Item>, Status> {
        query!(self, request, get)
    }

    async fn list_items(
        &self,
        request: Request<pb::ListItemsRequest>,
    ) -> Result<Response<pb::ListItemsResponse>, Status> {
        query!(self, request, list)
    }

    async fn update_item(&self, request: Request<pb::UpdateItemRequest>) -> Result<Response<pb::Item>, Status> {
        command!(self, request, commands::update)
    }
}

async fn get(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetItemRequest,
) -> Result<pb::Item, Error> {
    let priced_at = request.priced_at.map(parse::timestamp).transpose();
    let priced_at = priced_at.map_err(|fault| Error::invalid("priced_at", fault))?.unwrap_or_else(|| tx.now());
    let item = store::get(tx, ItemId::of(caller, "name", &request.name)?).await?;
    Ok(item.to_proto(tx.organization_id(), inventory.day_of(tx, priced_at)?))
}

async fn list(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListItemsRequest,
) -> Result<pb::ListItemsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (items, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let today = inventory.day_of(tx, tx.now())?;
    let items = items.iter().map(|item| item.to_proto(tx.organization_id(), today)).collect();
    Ok(pb::ListItemsResponse { items, next_page_token })
}
