//! The service `Duties`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, DutyId, Id as _},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};

use super::{
    commands,
    store::{self, Key, Wanted},
};
use crate::Evaluation;

#[tonic::async_trait]
impl pb::duties_server::Duties for Evaluation {
    async fn get_duty(&self, request: Request<pb::GetDutyRequest>) -> Result<Response<pb::Duty>, Status> {
        query!(self, request, get)
    }

    async fn list_duties(
        &self,
        request: Request<pb::ListDutiesRequest>,
    ) -> Result<Response<pb::ListDutiesResponse>, Status> {
        query!(self, request, list)
    }

    async fn complete_duty(&self, request: Request<pb::CompleteDutyRequest>) -> Result<Response<pb::Duty>, Status> {
        command!(self, request, commands::complete)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetDutyRequest,
) -> Result<pb::Duty, Error> {
    Ok(store::get(tx, DutyId::of(caller, "name", &request.name)?).await?.to_proto(tx))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListDutiesRequest,
) -> Result<pb::ListDutiesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.routine, &request.subject, &request.person);
    let page = Page::<Key>::of(&request, request.page_size, &request.page_token, &filter)?;
    let wanted = Wanted {
        routine: Some(request.routine.as_str()).filter(|routine| !routine.is_empty()),
        subject: Some(request.subject.as_str()).filter(|subject| !subject.is_empty()),
        person: Some(request.person.as_str()).filter(|person| !person.is_empty()),
    };
    let duties = store::page(tx, &page, wanted).await?;
    let (duties, next_page_token) = page.finish(duties, |last| (last.due_at, last.id.uuid()))?;
    let duties = duties.iter().map(|duty| duty.to_proto(tx)).collect();
    Ok(pb::ListDutiesResponse { duties, next_page_token })
}
