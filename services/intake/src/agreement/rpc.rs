//! The RPCs of agreements.

use callout_casework::{command, query};
use callout_contract::intake::v1::{self as pb, agreements_server::Agreements};
use tonic::{Request, Response, Status};

use super::commands;
use crate::Intake;

#[tonic::async_trait]
impl Agreements for Intake {
    async fn create_agreement(
        &self,
        request: Request<pb::CreateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_agreement(
        &self,
        request: Request<pb::GetAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        query!(self, request, commands::get)
    }

    async fn list_agreements(
        &self,
        request: Request<pb::ListAgreementsRequest>,
    ) -> Result<Response<pb::ListAgreementsResponse>, Status> {
        query!(self, request, commands::list)
    }

    async fn renew_agreement(
        &self,
        request: Request<pb::RenewAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        command!(self, request, commands::renew)
    }

    async fn create_agreement_record(
        &self,
        request: Request<pb::CreateAgreementRecordRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        command!(self, request, commands::record)
    }
}
