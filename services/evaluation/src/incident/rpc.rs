//! The service `Incidents`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, AgreementId, Id as _, IncidentId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    commands, create,
    store::{self, Wanted},
};
use crate::{Evaluation, decode};

#[tonic::async_trait]
impl pb::incidents_server::Incidents for Evaluation {
    async fn create_incident(
        &self,
        request: Request<pb::CreateIncidentRequest>,
    ) -> Result<Response<pb::Incident>, Status> {
        command!(self, request, create::create)
    }

    async fn get_incident(&self, request: Request<pb::GetIncidentRequest>) -> Result<Response<pb::Incident>, Status> {
        query!(self, request, get)
    }

    async fn list_incidents(
        &self,
        request: Request<pb::ListIncidentsRequest>,
    ) -> Result<Response<pb::ListIncidentsResponse>, Status> {
        query!(self, request, list)
    }

    async fn rectify_incident(
        &self,
        request: Request<pb::RectifyIncidentRequest>,
    ) -> Result<Response<pb::Incident>, Status> {
        command!(self, request, commands::rectify)
    }

    async fn withdraw_incident(
        &self,
        request: Request<pb::WithdrawIncidentRequest>,
    ) -> Result<Response<pb::Incident>, Status> {
        command!(self, request, commands::withdraw)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetIncidentRequest,
) -> Result<pb::Incident, Error> {
    Ok(store::get(tx, IncidentId::of(caller, "name", &request.name)?).await?.to_proto(tx))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListIncidentsRequest,
) -> Result<pb::ListIncidentsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let agreement = AgreementId::optional(caller, "agreement", &request.agreement)?;
    let filter = (&request.parent, &request.agreement, &request.kind);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let incidents = store::page(tx, &page, Wanted { agreement, kind: decode::stated(&request.kind) }).await?;
    let (incidents, next_page_token) = page.finish(incidents, |last| last.id.uuid())?;
    let incidents = incidents.iter().map(|incident| incident.to_proto(tx)).collect();
    Ok(pb::ListIncidentsResponse { incidents, next_page_token })
}
