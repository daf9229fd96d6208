//! The service `Cases`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, CaseId, Id as _},
    query,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, parse};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, dispatching, store};
use crate::Intake;

#[tonic::async_trait]
impl pb::cases_server::Cases for Intake {
    async fn create_case(&self, request: Request<pb::CreateCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_case(&self, request: Request<pb::GetCaseRequest>) -> Result<Response<pb::Case>, Status> {
        query!(self, request, get)
    }

    async fn list_cases(
        &self,
        request: Request<pb::ListCasesRequest>,
    ) -> Result<Response<pb::ListCasesResponse>, Status> {
        query!(self, request, list)
    }

    async fn update_case(&self, request: Request<pb::UpdateCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::update)
    }

    async fn grant_remedy(&self, request: Request<pb::GrantRemedyRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::grant)
    }

    async fn pass_case(&self, request: Request<pb::PassCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::pass)
    }

    async fn contact_customer(
        &self,
        request: Request<pb::ContactCustomerRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::contact)
    }

    async fn answer_case(&self, request: Request<pb::AnswerCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::answer)
    }

    async fn analyse_case(&self, request: Request<pb::AnalyseCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::analyse)
    }

    async fn fix_solution(&self, request: Request<pb::FixSolutionRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::fix)
    }

    async fn solve_case(&self, request: Request<pb::SolveCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::solve)
    }

    async fn dispatch_case(&self, request: Request<pb::DispatchCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, dispatching::dispatch)
    }

    async fn cancel_case(&self, request: Request<pb::CancelCaseRequest>) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::cancel)
    }

    async fn create_case_record(
        &self,
        request: Request<pb::CreateCaseRecordRequest>,
    ) -> Result<Response<pb::Case>, Status> {
        command!(self, request, commands::record)
    }
}

async fn get(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetCaseRequest,
) -> Result<pb::Case, Error> {
    let kept = store::get(tx, CaseId::of(caller, "name", &request.name)?).await?;
    kept.case.to_proto(&intake.host.library, tx, kept.next_due_at)
}

async fn list(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListCasesRequest,
) -> Result<pb::ListCasesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    if request.state != 0 {
        parse::enumeration::<pb::case::State>(request.state).map_err(|fault| Error::invalid("state", fault))?;
    }
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &(&request.parent, request.state))?;
    let kept = store::page(tx, &page, request.state()).await?;
    let (kept, next_page_token) = page.finish(kept, |last| last.case.id.uuid())?;
    let cases = kept.iter().map(|kept| kept.case.to_proto(&intake.host.library, tx, kept.next_due_at));
    Ok(pb::ListCasesResponse { cases: cases.collect::<Result<_, _>>()?, next_page_token })
}
