//! The service `PerformancePays`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, PerformancePayId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{PerformancePay, commands, store};
use crate::{Evaluation, scorecard};

#[tonic::async_trait]
impl pb::performance_pays_server::PerformancePays for Evaluation {
    async fn create_performance_pay(
        &self,
        request: Request<pb::CreatePerformancePayRequest>,
    ) -> Result<Response<pb::PerformancePay>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_performance_pay(
        &self,
        request: Request<pb::GetPerformancePayRequest>,
    ) -> Result<Response<pb::PerformancePay>, Status> {
        query!(self, request, get)
    }

    async fn list_performance_pays(
        &self,
        request: Request<pb::ListPerformancePaysRequest>,
    ) -> Result<Response<pb::ListPerformancePaysResponse>, Status> {
        query!(self, request, list)
    }

    async fn pay_performance_pay(
        &self,
        request: Request<pb::PayPerformancePayRequest>,
    ) -> Result<Response<pb::PerformancePay>, Status> {
        command!(self, request, commands::pay)
    }
}

async fn get(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetPerformancePayRequest,
) -> Result<pb::PerformancePay, Error> {
    let pay = store::get(tx, PerformancePayId::of(caller, "name", &request.name)?).await?;
    shown(evaluation, tx, &pay).await
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListPerformancePaysRequest,
) -> Result<pb::ListPerformancePaysResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let pays = store::page(tx, &page, person).await?;
    let (pays, next_page_token) = page.finish(pays, |last| last.id.uuid())?;
    let mut performance_pays = Vec::new();
    for pay in &pays {
        performance_pays.push(shown(evaluation, tx, pay).await?);
    }
    Ok(pb::ListPerformancePaysResponse { performance_pays, next_page_token })
}

async fn shown(evaluation: &Evaluation, tx: &mut TenantTx, pay: &PerformancePay) -> Result<pb::PerformancePay, Error> {
    let scored = scorecard::store::get(tx, pay.scorecard).await?;
    Ok(pay.to_proto(tx.organization_id(), commands::limit(evaluation, tx, &scored)?))
}
