//! The service `PartsRequisitions`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, PartsRequisitionId, WorkOrderId},
    query,
};
use callout_contract::inventory::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{
    commands,
    store::{self, Kept},
};
use crate::Inventory;

#[tonic::async_trait]
impl pb::parts_requisitions_server::PartsRequisitions for Inventory {
    async fn create_parts_requisition(
        &self,
        request: Request<pb::CreatePartsRequisitionRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_parts_requisition(
        &self,
        request: Request<pb::GetPartsRequisitionRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        query!(self, request, get)
    }

    async fn list_parts_requisitions(
        &self,
        request: Request<pb::ListPartsRequisitionsRequest>,
    ) -> Result<Response<pb::ListPartsRequisitionsResponse>, Status> {
        query!(self, request, list)
    }

    async fn attach_to_parts_requisition(
        &self,
        request: Request<pb::AttachToPartsRequisitionRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        command!(self, request, commands::attach)
    }

    async fn sign_parts_requisition(
        &self,
        request: Request<pb::SignPartsRequisitionRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        command!(self, request, commands::sign)
    }

    async fn issue_parts_requisition(
        &self,
        request: Request<pb::IssuePartsRequisitionRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        command!(self, request, commands::issue)
    }

    async fn return_replaced_parts(
        &self,
        request: Request<pb::ReturnReplacedPartsRequest>,
    ) -> Result<Response<pb::PartsRequisition>, Status> {
        command!(self, request, commands::take_back)
    }
}

async fn get(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetPartsRequisitionRequest,
) -> Result<pb::PartsRequisition, Error> {
    let Kept { requisition, next_due_at } =
        store::get(tx, PartsRequisitionId::of(caller, "name", &request.name)?).await?;
    requisition.to_proto(&inventory.host.library, tx, next_due_at)
}

async fn list(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListPartsRequisitionsRequest,
) -> Result<pb::ListPartsRequisitionsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let order = WorkOrderId::optional(caller, "work_order", &request.work_order)?;
    let filter = (&request.parent, &request.work_order);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let kept = store::page(tx, &page, order).await?;
    let (kept, next_page_token) = page.finish(kept, |last| last.requisition.id.uuid())?;
    let library = &inventory.host.library;
    let shown: Result<Vec<_>, Error> =
        kept.iter().map(|Kept { requisition, next_due_at }| requisition.to_proto(library, tx, *next_due_at)).collect();
    Ok(pb::ListPartsRequisitionsResponse { parts_requisitions: shown?, next_page_token })
}
