//! The service `Appointments`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, AppointmentId, Id as _},
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
impl pb::appointments_server::Appointments for Evaluation {
    async fn create_appointment(
        &self,
        request: Request<pb::CreateAppointmentRequest>,
    ) -> Result<Response<pb::Appointment>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_appointment(
        &self,
        request: Request<pb::GetAppointmentRequest>,
    ) -> Result<Response<pb::Appointment>, Status> {
        query!(self, request, get)
    }

    async fn list_appointments(
        &self,
        request: Request<pb::ListAppointmentsRequest>,
    ) -> Result<Response<pb::ListAppointmentsResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetAppointmentRequest,
) -> Result<pb::Appointment, Error> {
    let appointment = store::get(tx, AppointmentId::of(caller, "name", &request.name)?).await?;
    Ok(appointment.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListAppointmentsRequest,
) -> Result<pb::ListAppointmentsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let appointments = store::page(tx, &page, person).await?;
    let (appointments, next_page_token) = page.finish(appointments, |last| last.id.uuid())?;
    let appointments = appointments.iter().map(|appointment| appointment.to_proto(tx.organization_id())).collect();
    Ok(pb::ListAppointmentsResponse { appointments, next_page_token })
}
