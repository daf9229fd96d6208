//! The service `AnnualIncomes`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, AnnualIncomeId, Id as _},
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
impl pb::annual_incomes_server::AnnualIncomes for Evaluation {
    async fn create_annual_income(
        &self,
        request: Request<pb::CreateAnnualIncomeRequest>,
    ) -> Result<Response<pb::AnnualIncome>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_annual_income(
        &self,
        request: Request<pb::GetAnnualIncomeRequest>,
    ) -> Result<Response<pb::AnnualIncome>, Status> {
        query!(self, request, get)
    }

    async fn list_annual_incomes(
        &self,
        request: Request<pb::ListAnnualIncomesRequest>,
    ) -> Result<Response<pb::ListAnnualIncomesResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetAnnualIncomeRequest,
) -> Result<pb::AnnualIncome, Error> {
    let annual_income = store::get(tx, AnnualIncomeId::of(caller, "name", &request.name)?).await?;
    Ok(annual_income.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListAnnualIncomesRequest,
) -> Result<pb::ListAnnualIncomesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let annual_incomes = store::page(tx, &page, person).await?;
    let (annual_incomes, next_page_token) = page.finish(annual_incomes, |last| last.id.uuid())?;
    let annual_incomes =
        annual_incomes.iter().map(|annual_income| annual_income.to_proto(tx.organization_id())).collect();
    Ok(pb::ListAnnualIncomesResponse { annual_incomes, next_page_token })
}
