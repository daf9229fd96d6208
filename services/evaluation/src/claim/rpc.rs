//! The service `Claims`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, ClaimId, Id as _, WorkOrderId},
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
impl pb::claims_server::Claims for Evaluation {
    async fn get_claim(&self, request: Request<pb::GetClaimRequest>) -> Result<Response<pb::Claim>, Status> {
        query!(self, request, get)
    }

    async fn list_claims(
        &self,
        request: Request<pb::ListClaimsRequest>,
    ) -> Result<Response<pb::ListClaimsResponse>, Status> {
        query!(self, request, list)
    }

    async fn verify_claim(&self, request: Request<pb::VerifyClaimRequest>) -> Result<Response<pb::Claim>, Status> {
        command!(self, request, commands::verify)
    }

    async fn audit_claim(&self, request: Request<pb::AuditClaimRequest>) -> Result<Response<pb::Claim>, Status> {
        command!(self, request, commands::audit)
    }

    async fn file_claim(&self, request: Request<pb::FileClaimRequest>) -> Result<Response<pb::Claim>, Status> {
        command!(self, request, commands::file)
    }

    async fn create_claim_record(
        &self,
        request: Request<pb::CreateClaimRecordRequest>,
    ) -> Result<Response<pb::Claim>, Status> {
        command!(self, request, commands::record)
    }
}

async fn get(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetClaimRequest,
) -> Result<pb::Claim, Error> {
    let kept = store::get(tx, ClaimId::of(caller, "name", &request.name)?).await?;
    kept.claim.to_proto(&evaluation.host.library, tx, kept.next_due_at)
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListClaimsRequest,
) -> Result<pb::ListClaimsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let order = WorkOrderId::optional(caller, "work_order", &request.work_order)?;
    let filter = (&request.parent, &request.work_order);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let kept = store::page(tx, &page, order).await?;
    let (kept, next_page_token) = page.finish(kept, |last| last.claim.id.uuid())?;
    let claims = kept.iter().map(|kept| kept.claim.to_proto(&evaluation.host.library, tx, kept.next_due_at));
    Ok(pb::ListClaimsResponse { claims: claims.collect::<Result<_, _>>()?, next_page_token })
}
