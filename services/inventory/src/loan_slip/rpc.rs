//! The service `LoanSlips`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, Id as _, LoanSlipId, WorkOrderId},
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
impl pb::loan_slips_server::LoanSlips for Inventory {
    async fn create_loan_slip(
        &self,
        request: Request<pb::CreateLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_loan_slip(&self, request: Request<pb::GetLoanSlipRequest>) -> Result<Response<pb::LoanSlip>, Status> {
        query!(self, request, get)
    }

    async fn list_loan_slips(
        &self,
        request: Request<pb::ListLoanSlipsRequest>,
    ) -> Result<Response<pb::ListLoanSlipsResponse>, Status> {
        query!(self, request, list)
    }

    async fn issue_loan_slip(
        &self,
        request: Request<pb::IssueLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::issue)
    }

    async fn hand_in_loan_slip(
        &self,
        request: Request<pb::HandInLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::hand_in)
    }

    async fn inspect_loan_slip(
        &self,
        request: Request<pb::InspectLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::inspect)
    }

    async fn zero_loan_slip(
        &self,
        request: Request<pb::ZeroLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::zero)
    }

    async fn ship_loan_slip(
        &self,
        request: Request<pb::ShipLoanSlipRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::ship)
    }

    async fn create_loan_slip_record(
        &self,
        request: Request<pb::CreateLoanSlipRecordRequest>,
    ) -> Result<Response<pb::LoanSlip>, Status> {
        command!(self, request, commands::record)
    }
}

async fn get(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetLoanSlipRequest,
) -> Result<pb::LoanSlip, Error> {
    let kept = store::get(tx, LoanSlipId::of(caller, "name", &request.name)?).await?;
    kept.slip.to_proto(&inventory.host.library, tx, kept.next_due_at)
}

async fn list(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListLoanSlipsRequest,
) -> Result<pb::ListLoanSlipsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let order = WorkOrderId::optional(caller, "work_order", &request.work_order)?;
    let filter = (&request.parent, &request.work_order);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let (kept, next_page_token) = page.finish(store::page(tx, &page, order).await?, |last| last.slip.id.uuid())?;
    let loan_slips = kept.iter().map(|kept| kept.slip.to_proto(&inventory.host.library, tx, kept.next_due_at));
    Ok(pb::ListLoanSlipsResponse { loan_slips: loan_slips.collect::<Result<_, _>>()?, next_page_token })
}
