//! The service `Findings`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, FindingId, Id as _},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{Finding, commands, store};
use crate::{Evaluation, ledger};

#[tonic::async_trait]
impl pb::findings_server::Findings for Evaluation {
    async fn create_finding(
        &self,
        request: Request<pb::CreateFindingRequest>,
    ) -> Result<Response<pb::Finding>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_finding(&self, request: Request<pb::GetFindingRequest>) -> Result<Response<pb::Finding>, Status> {
        query!(self, request, get)
    }

    async fn list_findings(
        &self,
        request: Request<pb::ListFindingsRequest>,
    ) -> Result<Response<pb::ListFindingsResponse>, Status> {
        query!(self, request, list)
    }
}

/// The findings as the contract has them, each with what followed.
async fn with_entries(tx: &mut TenantTx, findings: Vec<Finding>) -> Result<Vec<pb::Finding>, Error> {
    let ids: Vec<FindingId> = findings.iter().map(|finding| finding.id).collect();
    let entries = ledger::store::of_findings(tx, &ids).await?;
    let organization = tx.organization_id();
    let answer = |finding: Finding| {
        let of_it = entries.iter().filter(|entry| entry.finding == Some(finding.id));
        finding.to_proto(organization, of_it.map(|entry| entry.to_proto(organization)).collect())
    };
    Ok(findings.into_iter().map(answer).collect())
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetFindingRequest,
) -> Result<pb::Finding, Error> {
    let finding = store::get(tx, FindingId::of(caller, "name", &request.name)?).await?;
    let entries = ledger::store::of_findings(tx, &[finding.id]).await?;
    let organization = tx.organization_id();
    Ok(finding.to_proto(organization, entries.iter().map(|entry| entry.to_proto(organization)).collect()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListFindingsRequest,
) -> Result<pb::ListFindingsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let found = store::page(tx, &page).await?;
    let (found, next_page_token) = page.finish(found, |last| last.id.uuid())?;
    Ok(pb::ListFindingsResponse { findings: with_entries(tx, found).await?, next_page_token })
}
