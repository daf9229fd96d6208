//! The service `Cards`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, CardId, Id as _},
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
impl pb::cards_server::Cards for Evaluation {
    async fn create_card(&self, request: Request<pb::CreateCardRequest>) -> Result<Response<pb::Card>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_card(&self, request: Request<pb::GetCardRequest>) -> Result<Response<pb::Card>, Status> {
        query!(self, request, get)
    }

    async fn list_cards(
        &self,
        request: Request<pb::ListCardsRequest>,
    ) -> Result<Response<pb::ListCardsResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetCardRequest,
) -> Result<pb::Card, Error> {
    let card = store::get(tx, CardId::of(caller, "name", &request.name)?).await?;
    Ok(card.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListCardsRequest,
) -> Result<pb::ListCardsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let cards = store::page(tx, &page, person).await?;
    let (cards, next_page_token) = page.finish(cards, |last| last.id.uuid())?;
    let cards = cards.iter().map(|card| card.to_proto(tx.organization_id())).collect();
    Ok(pb::ListCardsResponse { cards, next_page_token })
}
