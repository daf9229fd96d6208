//! The RPCs of engineers.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, engineers_server::Engineers};
use tonic::{Request, Response, Status};

use super::{commands, queries};
use crate::Dispatch;

#[tonic::async_trait]
impl Engineers for Dispatch {
    async fn create_engineer(
        &self,
        request: Request<pb::CreateEngineerRequest>,
    ) -> Result<Response<pb::Engineer>, Status> {
        command!(self, request, commands::create)
    }

    async fn create_certificate(
        &self,
        request: Request<pb::CreateCertificateRequest>,
    ) -> Result<Response<pb::Engineer>, Status> {
        command!(self, request, commands::certify)
    }

    async fn get_engineer(&self, request: Request<pb::GetEngineerRequest>) -> Result<Response<pb::Engineer>, Status> {
        query!(self, request, queries::get)
    }

    async fn list_engineers(
        &self,
        request: Request<pb::ListEngineersRequest>,
    ) -> Result<Response<pb::ListEngineersResponse>, Status> {
        query!(self, request, queries::list)
    }
}
