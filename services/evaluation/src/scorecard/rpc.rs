//! The service `Scorecards`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, ScorecardId},
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
impl pb::scorecards_server::Scorecards for Evaluation {
    async fn create_scorecard(
        &self,
        request: Request<pb::CreateScorecardRequest>,
    ) -> Result<Response<pb::Scorecard>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_scorecard(
        &self,
        request: Request<pb::GetScorecardRequest>,
    ) -> Result<Response<pb::Scorecard>, Status> {
        query!(self, request, get)
    }

    async fn list_scorecards(
        &self,
        request: Request<pb::ListScorecardsRequest>,
    ) -> Result<Response<pb::ListScorecardsResponse>, Status> {
        query!(self, request, list)
    }

    async fn create_scorecard_record(
        &self,
        request: Request<pb::CreateScorecardRecordRequest>,
    ) -> Result<Response<pb::Scorecard>, Status> {
        command!(self, request, commands::record)
    }
}

async fn get(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetScorecardRequest,
) -> Result<pb::Scorecard, Error> {
    let scorecard = store::get(tx, ScorecardId::of(caller, "name", &request.name)?).await?;
    scorecard.to_proto(&evaluation.host.library, tx)
}

async fn list(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListScorecardsRequest,
) -> Result<pb::ListScorecardsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let scorecards = store::page(tx, &page, person).await?;
    let (scorecards, next_page_token) = page.finish(scorecards, |last| last.id.uuid())?;
    let scorecards = scorecards.iter().map(|scorecard| scorecard.to_proto(&evaluation.host.library, tx));
    Ok(pb::ListScorecardsResponse { scorecards: scorecards.collect::<Result<_, _>>()?, next_page_token })
}
