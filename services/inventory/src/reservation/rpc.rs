//! The service `Reservations`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, ItemId, ReservationId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};

use super::{commands, store};
use crate::Inventory;

#[tonic::async_trait]
impl pb::reservations_server::Reservations for Inventory {
    async fn create_reservation(
        &self,
        request: Request<pb::CreateReservationRequest>,
    ) -> Result<Response<pb::Reservation>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_reservation(
        &self,
        request: Request<pb::GetReservationRequest>,
    ) -> Result<Response<pb::Reservation>, Status> {
        query!(self, request, get)
    }

    async fn list_reservations(
        &self,
        request: Request<pb::ListReservationsRequest>,
    ) -> Result<Response<pb::ListReservationsResponse>, Status> {
        query!(self, request, list)
    }

    async fn allot_item(
        &self,
        request: Request<pb::AllotItemRequest>,
    ) -> Result<Response<pb::AllotItemResponse>, Status> {
        command!(self, request, commands::allot)
    }
}

async fn get(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetReservationRequest,
) -> Result<pb::Reservation, Error> {
    let reservation = store::get(tx, ReservationId::of(caller, "name", &request.name)?).await?;
    Ok(reservation.to_proto(tx.organization_id()))
}

async fn list(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListReservationsRequest,
) -> Result<pb::ListReservationsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let item = ItemId::optional(caller, "item", &request.item)?;
    let filter = (&request.parent, &request.item);
    let page = Page::<store::Key>::of(&request, request.page_size, &request.page_token, &filter)?;
    let (reservations, next_page_token) =
        page.finish(store::page(tx, &page, item).await?, |last| (last.rank.clone(), last.received_at, last.id.uuid()))?;
    let reservations = reservations.iter().map(|it| it.to_proto(tx.organization_id())).collect();
    Ok(pb::ListReservationsResponse { reservations, next_page_token })
}
