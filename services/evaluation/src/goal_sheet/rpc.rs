//! The service `GoalSheets`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, GoalSheetId, Id as _},
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
impl pb::goal_sheets_server::GoalSheets for Evaluation {
    async fn create_goal_sheet(
        &self,
        request: Request<pb::CreateGoalSheetRequest>,
    ) -> Result<Response<pb::GoalSheet>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_goal_sheet(
        &self,
        request: Request<pb::GetGoalSheetRequest>,
    ) -> Result<Response<pb::GoalSheet>, Status> {
        query!(self, request, get)
    }

    async fn list_goal_sheets(
        &self,
        request: Request<pb::ListGoalSheetsRequest>,
    ) -> Result<Response<pb::ListGoalSheetsResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetGoalSheetRequest,
) -> Result<pb::GoalSheet, Error> {
    let goal_sheet = store::get(tx, GoalSheetId::of(caller, "name", &request.name)?).await?;
    Ok(goal_sheet.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListGoalSheetsRequest,
) -> Result<pb::ListGoalSheetsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let goal_sheets = store::page(tx, &page, person).await?;
    let (goal_sheets, next_page_token) = page.finish(goal_sheets, |last| last.id.uuid())?;
    let goal_sheets = goal_sheets.iter().map(|goal_sheet| goal_sheet.to_proto(tx.organization_id())).collect();
    Ok(pb::ListGoalSheetsResponse { goal_sheets, next_page_token })
}
