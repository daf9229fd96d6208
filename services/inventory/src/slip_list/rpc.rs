//! The service `SlipLists`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, SlipListId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Inventory;

#[tonic::async_trait]
impl pb::slip_lists_server::SlipLists for Inventory {
    async fn create_slip_list(
        &self,
        request: Request<pb::CreateSlipListRequest>,
    ) -> Result<Response<pb::SlipList>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_slip_list(&self, request: Request<pb::GetSlipListRequest>) -> Result<Response<pb::SlipList>, Status> {
        query!(self, request, get)
    }

    async fn list_slip_lists(
        &self,
        request: Request<pb::ListSlipListsRequest>,
    ) -> Result<Response<pb::ListSlipListsResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetSlipListRequest,
) -> Result<pb::SlipList, Error> {
    let list = store::get(tx, SlipListId::of(caller, "name", &request.name)?).await?;
    Ok(list.to_proto(tx.organization_id()))
}

async fn list(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListSlipListsRequest,
) -> Result<pb::ListSlipListsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (lists, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let slip_lists = lists.iter().map(|list| list.to_proto(tx.organization_id())).collect();
    Ok(pb::ListSlipListsResponse { slip_lists, next_page_token })
}
