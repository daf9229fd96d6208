//! The service `Agreements`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, AgreementId, Id as _},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    History, commands, create,
    store::{self, Wanted},
};
use crate::{Evaluation, decode};

#[tonic::async_trait]
impl pb::agreements_server::Agreements for Evaluation {
    async fn create_agreement(
        &self,
        request: Request<pb::CreateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        command!(self, request, create::create)
    }

    async fn get_agreement(
        &self,
        request: Request<pb::GetAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        query!(self, request, get)
    }

    async fn list_agreements(
        &self,
        request: Request<pb::ListAgreementsRequest>,
    ) -> Result<Response<pb::ListAgreementsResponse>, Status> {
        query!(self, request, list)
    }

    async fn terminate_agreement(
        &self,
        request: Request<pb::TerminateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        command!(self, request, commands::terminate)
    }
}

async fn get(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetAgreementRequest,
) -> Result<pb::Agreement, Error> {
    let agreement = store::get(tx, AgreementId::of(caller, "name", &request.name)?).await?;
    let history = History::of(tx, agreement.id).await?;
    agreement.to_proto(&evaluation.host.library, tx, &history)
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListAgreementsRequest,
) -> Result<pb::ListAgreementsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.contractor, &request.kind);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let wanted = Wanted { contractor: decode::stated(&request.contractor), kind: decode::stated(&request.kind) };
    let agreements = store::page(tx, &page, wanted).await?;
    let (agreements, next_page_token) = page.finish(agreements, |last| last.id.uuid())?;
    let mut answers = Vec::new();
    for agreement in agreements {
        let history = History::of(tx, agreement.id).await?;
        answers.push(agreement.to_proto(&evaluation.host.library, tx, &history)?);
    }
    Ok(pb::ListAgreementsResponse { agreements: answers, next_page_token })
}
