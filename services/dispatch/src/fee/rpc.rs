//! The RPCs of fees.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, fees_server::Fees};
use tonic::{Request, Response, Status};

use super::commands;
use crate::Dispatch;

#[tonic::async_trait]
impl Fees for Dispatch {
    async fn create_fee(&self, request: Request<pb::CreateFeeRequest>) -> Result<Response<pb::Fee>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_fee(&self, request: Request<pb::GetFeeRequest>) -> Result<Response<pb::Fee>, Status> {
        query!(self, request, commands::get)
    }

    async fn list_fees(&self, request: Request<pb::ListFeesRequest>) -> Result<Response<pb::ListFeesResponse>, Status> {
        query!(self, request, commands::list)
    }

    async fn collect_fee(&self, request: Request<pb::CollectFeeRequest>) -> Result<Response<pb::Fee>, Status> {
        command!(self, request, commands::collect)
    }

    async fn pay_in_fee(&self, request: Request<pb::PayInFeeRequest>) -> Result<Response<pb::Fee>, Status> {
        command!(self, request, commands::pay_in)
    }

    async fn invoice_fee(&self, request: Request<pb::InvoiceFeeRequest>) -> Result<Response<pb::Fee>, Status> {
        command!(self, request, commands::invoice)
    }
}
