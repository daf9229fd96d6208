//! The service `Custodies`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, CustodyId, Id as _},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    commands,
    store::{self, Wanted},
};
use crate::Inventory;

#[tonic::async_trait]
impl pb::custodies_server::Custodies for Inventory {
    async fn create_custody(
        &self,
        request: Request<pb::CreateCustodyRequest>,
    ) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_custody(&self, request: Request<pb::GetCustodyRequest>) -> Result<Response<pb::Custody>, Status> {
        query!(self, request, get)
    }

    async fn list_custodies(
        &self,
        request: Request<pb::ListCustodiesRequest>,
    ) -> Result<Response<pb::ListCustodiesResponse>, Status> {
        query!(self, request, list)
    }

    async fn hand_on_custody(
        &self,
        request: Request<pb::HandOnCustodyRequest>,
    ) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::hand_on)
    }

    async fn report_loss(&self, request: Request<pb::ReportLossRequest>) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::report_loss)
    }

    async fn replace_custody_piece(
        &self,
        request: Request<pb::ReplaceCustodyPieceRequest>,
    ) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::replace_piece)
    }

    async fn renew_custody(&self, request: Request<pb::RenewCustodyRequest>) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::renew)
    }

    async fn return_custody(
        &self,
        request: Request<pb::ReturnCustodyRequest>,
    ) -> Result<Response<pb::Custody>, Status> {
        command!(self, request, commands::take_back)
    }
}

async fn get(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetCustodyRequest,
) -> Result<pb::Custody, Error> {
    let custody = store::get(tx, CustodyId::of(caller, "name", &request.name)?).await?;
    custody.to_proto(&inventory.host.library, tx)
}

async fn list(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListCustodiesRequest,
) -> Result<pb::ListCustodiesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.holder, &request.kind);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let wanted = Wanted {
        holder: Some(request.holder.as_str()).filter(|holder| !holder.is_empty()),
        kind: Some(request.kind.as_str()).filter(|kind| !kind.is_empty()),
    };
    let (custodies, next_page_token) = page.finish(store::page(tx, &page, wanted).await?, |last| last.id.uuid())?;
    let library = &inventory.host.library;
    let custodies: Result<Vec<_>, Error> = custodies.iter().map(|custody| custody.to_proto(library, tx)).collect();
    Ok(pb::ListCustodiesResponse { custodies: custodies?, next_page_token })
}
