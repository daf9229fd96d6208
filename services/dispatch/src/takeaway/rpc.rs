//! The RPCs of takeaways.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, takeaways_server::Takeaways};
use tonic::{Request, Response, Status};

use super::commands;
use crate::Dispatch;

#[tonic::async_trait]
impl Takeaways for Dispatch {
    async fn create_takeaway(
        &self,
        request: Request<pb::CreateTakeawayRequest>,
    ) -> Result<Response<pb::Takeaway>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_takeaway(&self, request: Request<pb::GetTakeawayRequest>) -> Result<Response<pb::Takeaway>, Status> {
        query!(self, request, commands::get)
    }

    async fn list_takeaways(
        &self,
        request: Request<pb::ListTakeawaysRequest>,
    ) -> Result<Response<pb::ListTakeawaysResponse>, Status> {
        query!(self, request, commands::list)
    }

    async fn start_takeaway_repair(
        &self,
        request: Request<pb::StartTakeawayRepairRequest>,
    ) -> Result<Response<pb::Takeaway>, Status> {
        command!(self, request, commands::start_repair)
    }

    async fn finish_takeaway_repair(
        &self,
        request: Request<pb::FinishTakeawayRepairRequest>,
    ) -> Result<Response<pb::Takeaway>, Status> {
        command!(self, request, commands::finish_repair)
    }

    async fn give_back_takeaway(
        &self,
        request: Request<pb::GiveBackTakeawayRequest>,
    ) -> Result<Response<pb::Takeaway>, Status> {
        command!(self, request, commands::give_back)
    }

    async fn create_takeaway_record(
        &self,
        request: Request<pb::CreateTakeawayRecordRequest>,
    ) -> Result<Response<pb::Takeaway>, Status> {
        command!(self, request, commands::record)
    }
}
