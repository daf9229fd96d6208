//! The service `Volumes`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, VolumeId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::{Evaluation, decode};

#[tonic::async_trait]
impl pb::volumes_server::Volumes for Evaluation {
    async fn create_volume(&self, request: Request<pb::CreateVolumeRequest>) -> Result<Response<pb::Volume>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_volume(&self, request: Request<pb::GetVolumeRequest>) -> Result<Response<pb::Volume>, Status> {
        query!(self, request, get)
    }

    async fn list_volumes(
        &self,
        request: Request<pb::ListVolumesRequest>,
    ) -> Result<Response<pb::ListVolumesResponse>, Status> {
        query!(self, request, list)
    }

    async fn take_over_volume(
        &self,
        request: Request<pb::TakeOverVolumeRequest>,
    ) -> Result<Response<pb::Volume>, Status> {
        command!(self, request, commands::take_over)
    }

    async fn destroy_volume(&self, request: Request<pb::DestroyVolumeRequest>) -> Result<Response<pb::Volume>, Status> {
        command!(self, request, commands::destroy)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetVolumeRequest,
) -> Result<pb::Volume, Error> {
    Ok(store::get(tx, VolumeId::of(caller, "name", &request.name)?).await?.to_proto(tx))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListVolumesRequest,
) -> Result<pb::ListVolumesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &(&request.parent, &request.kept))?;
    let volumes = store::page(tx, &page, decode::stated(&request.kept)).await?;
    let (volumes, next_page_token) = page.finish(volumes, |last| last.id.uuid())?;
    let volumes = volumes.iter().map(|volume| volume.to_proto(tx)).collect();
    Ok(pb::ListVolumesResponse { volumes, next_page_token })
}
