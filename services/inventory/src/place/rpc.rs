//! The service `Places`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, PlaceId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Inventory;

#[tonic::async_trait]
impl pb::places_server::Places for Inventory {
    async fn create_place(&self, request: Request<pb::CreatePlaceRequest>) -> Result<Response<pb::Place>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_place(&self, request: Request<pb::GetPlaceRequest>) -> Result<Response<pb::Place>, Status> {
        query!(self, request, get)
    }

    async fn list_places(
        &self,
        request: Request<pb::ListPlacesRequest>,
    ) -> Result<Response<pb::ListPlacesResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetPlaceRequest,
) -> Result<pb::Place, Error> {
    let place = store::get(tx, PlaceId::of(caller, "name", &request.name)?).await?;
    Ok(place.to_proto(tx.organization_id()))
}

async fn list(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListPlacesRequest,
) -> Result<pb::ListPlacesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (places, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let places = places.iter().map(|place| place.to_proto(tx.organization_id())).collect();
    Ok(pb::ListPlacesResponse { places, next_page_token })
}
