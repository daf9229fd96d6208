//! The RPCs of charges.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, charges_server::Charges};
use tonic::{Request, Response, Status};

use super::{commands, queries};
use crate::Dispatch;

#[tonic::async_trait]
impl Charges for Dispatch {
    async fn create_charge(&self, request: Request<pb::CreateChargeRequest>) -> Result<Response<pb::Charge>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_charge(&self, request: Request<pb::GetChargeRequest>) -> Result<Response<pb::Charge>, Status> {
        query!(self, request, queries::get)
    }

    async fn list_charges(
        &self,
        request: Request<pb::ListChargesRequest>,
    ) -> Result<Response<pb::ListChargesResponse>, Status> {
        query!(self, request, queries::list)
    }
}
