//! The service `WorkReports`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, WorkReportId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};

use super::{commands, store};
use crate::Evaluation;

#[tonic::async_trait]
impl pb::work_reports_server::WorkReports for Evaluation {
    async fn create_work_report(
        &self,
        request: Request<pb::CreateWorkReportRequest>,
    ) -> Result<Response<pb::WorkReport>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_work_report(
        &self,
        request: Request<pb::GetWorkReportRequest>,
    ) -> Result<Response<pb::WorkReport>, Status> {
        query!(self, request, get)
    }

    async fn list_work_reports(
        &self,
        request: Request<pb::ListWorkReportsRequest>,
    ) -> Result<Response<pb::ListWorkReportsResponse>, Status> {
        query!(self, request, list)
    }

    async fn sign_work_report(
        &self,
        request: Request<pb::SignWorkReportRequest>,
    ) -> Result<Response<pb::WorkReport>, Status> {
        command!(self, request, commands::sign)
    }

    async fn send_work_report(
        &self,
        request: Request<pb::SendWorkReportRequest>,
    ) -> Result<Response<pb::WorkReport>, Status> {
        command!(self, request, commands::send)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetWorkReportRequest,
) -> Result<pb::WorkReport, Error> {
    let report = store::get(tx, WorkReportId::of(caller, "name", &request.name)?).await?;
    Ok(report.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListWorkReportsRequest,
) -> Result<pb::ListWorkReportsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (reports, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let work_reports = reports.iter().map(|report| report.to_proto(tx.organization_id())).collect();
    Ok(pb::ListWorkReportsResponse { work_reports, next_page_token })
}
