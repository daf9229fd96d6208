//! The RPCs of agencies.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, agencies_server::Agencies};
use tonic::{Request, Response, Status};

use super::{commands, queries};
use crate::Dispatch;

#[tonic::async_trait]
impl Agencies for Dispatch {
    async fn create_agency(&self, request: Request<pb::CreateAgencyRequest>) -> Result<Response<pb::Agency>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_agency(&self, request: Request<pb::GetAgencyRequest>) -> Result<Response<pb::Agency>, Status> {
        query!(self, request, queries::get)
    }

    async fn list_agencies(
        &self,
        request: Request<pb::ListAgenciesRequest>,
    ) -> Result<Response<pb::ListAgenciesResponse>, Status> {
        query!(self, request, queries::list)
    }
}
