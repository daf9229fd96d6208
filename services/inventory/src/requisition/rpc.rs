//! The service `PurchaseRequisitions`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, PurchaseRequisitionId},
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
impl pb::purchase_requisitions_server::PurchaseRequisitions for Inventory {
    async fn create_purchase_requisition(
        &self,
        request: Request<pb::CreatePurchaseRequisitionRequest>,
    ) -> Result<Response<pb::PurchaseRequisition>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_purchase_requisition(
        &self,
        request: Request<pb::GetPurchaseRequisitionRequest>,
    ) -> Result<Response<pb::PurchaseRequisition>, Status> {
        query!(self, request, get)
    }

    async fn list_purchase_requisitions(
        &self,
        request: Request<pb::ListPurchaseRequisitionsRequest>,
    ) -> Result<Response<pb::ListPurchaseRequisitionsResponse>, Status> {
        query!(self, request, list)
    }

    async fn fulfil_purchase_requisition(
        &self,
        request: Request<pb::FulfilPurchaseRequisitionRequest>,
    ) -> Result<Response<pb::PurchaseRequisition>, Status> {
        command!(self, request, commands::fulfil)
    }
}

async fn get(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetPurchaseRequisitionRequest,
) -> Result<pb::PurchaseRequisition, Error> {
    let requisition = store::get(tx, PurchaseRequisitionId::of(caller, "name", &request.name)?).await?;
    Ok(requisition.to_proto(tx.organization_id()))
}

async fn list(
    _: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListPurchaseRequisitionsRequest,
) -> Result<pb::ListPurchaseRequisitionsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (requisitions, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let purchase_requisitions = requisitions.iter().map(|it| it.to_proto(tx.organization_id())).collect();
    Ok(pb::ListPurchaseRequisitionsResponse { purchase_requisitions, next_page_token })
}
