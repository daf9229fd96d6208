//! The service `Losses`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, LossId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Evaluation;

#[tonic::async_trait]
impl pb::losses_server::Losses for Evaluation {
    async fn create_loss(&self, request: Request<pb::CreateLossRequest>) -> Result<Response<pb::Loss>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_loss(&self, request: Request<pb::GetLossRequest>) -> Result<Response<pb::Loss>, Status> {
        query!(self, request, get)
    }

    async fn list_losses(
        &self,
        request: Request<pb::ListLossesRequest>,
    ) -> Result<Response<pb::ListLossesResponse>, Status> {
        query!(self, request, list)
    }

    async fn approve_loss(&self, request: Request<pb::ApproveLossRequest>) -> Result<Response<pb::Loss>, Status> {
        command!(self, request, commands::approve)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetLossRequest,
) -> Result<pb::Loss, Error> {
    let loss = store::get(tx, LossId::of(caller, "name", &request.name)?).await?;
    Ok(loss.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListLossesRequest,
) -> Result<pb::ListLossesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.subject);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let subject = Some(request.subject.as_str()).filter(|subject| !subject.is_empty());
    let losses = store::page(tx, &page, subject).await?;
    let (losses, next_page_token) = page.finish(losses, |last| last.id.uuid())?;
    let losses = losses.iter().map(|loss| loss.to_proto(tx.organization_id())).collect();
    Ok(pb::ListLossesResponse { losses, next_page_token })
}
