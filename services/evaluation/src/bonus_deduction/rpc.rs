//! The service `BonusDeductions`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, BonusDeductionId, Id as _},
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
impl pb::bonus_deductions_server::BonusDeductions for Evaluation {
    async fn create_bonus_deduction(
        &self,
        request: Request<pb::CreateBonusDeductionRequest>,
    ) -> Result<Response<pb::BonusDeduction>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_bonus_deduction(
        &self,
        request: Request<pb::GetBonusDeductionRequest>,
    ) -> Result<Response<pb::BonusDeduction>, Status> {
        query!(self, request, get)
    }

    async fn list_bonus_deductions(
        &self,
        request: Request<pb::ListBonusDeductionsRequest>,
    ) -> Result<Response<pb::ListBonusDeductionsResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetBonusDeductionRequest,
) -> Result<pb::BonusDeduction, Error> {
    let deduction = store::get(tx, BonusDeductionId::of(caller, "name", &request.name)?).await?;
    Ok(deduction.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListBonusDeductionsRequest,
) -> Result<pb::ListBonusDeductionsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let bonus_deductions = store::page(tx, &page, person).await?;
    let (bonus_deductions, next_page_token) = page.finish(bonus_deductions, |last| last.id.uuid())?;
    let bonus_deductions = bonus_deductions.iter().map(|deduction| deduction.to_proto(tx.organization_id())).collect();
    Ok(pb::ListBonusDeductionsResponse { bonus_deductions, next_page_token })
}
