//! The RPCs of work orders.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, work_orders_server::WorkOrders};
use tonic::{Request, Response, Status};

use super::{commands, queries};
use crate::Dispatch;

#[tonic::async_trait]
impl WorkOrders for Dispatch {
    async fn create_work_order(
        &self,
        request: Request<pb::CreateWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_work_order(
        &self,
        request: Request<pb::GetWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        query!(self, request, queries::get)
    }

    async fn list_work_orders(
        &self,
        request: Request<pb::ListWorkOrdersRequest>,
    ) -> Result<Response<pb::ListWorkOrdersResponse>, Status> {
        query!(self, request, queries::list)
    }

    async fn schedule_visit(
        &self,
        request: Request<pb::ScheduleVisitRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::schedule_visit)
    }

    async fn cancel_visit(&self, request: Request<pb::CancelVisitRequest>) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::cancel_visit)
    }

    async fn depart_work_order(
        &self,
        request: Request<pb::DepartWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::depart)
    }

    async fn arrive_work_order(
        &self,
        request: Request<pb::ArriveWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::arrive)
    }

    async fn start_work_order(
        &self,
        request: Request<pb::StartWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::start)
    }

    async fn complete_work_order(
        &self,
        request: Request<pb::CompleteWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::complete)
    }

    async fn return_work_order(
        &self,
        request: Request<pb::ReturnWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::come_back)
    }

    async fn hand_in_work_order(
        &self,
        request: Request<pb::HandInWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::hand_in)
    }

    async fn close_work_order(
        &self,
        request: Request<pb::CloseWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::close)
    }

    async fn cancel_work_order(
        &self,
        request: Request<pb::CancelWorkOrderRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::cancel)
    }

    async fn create_work_order_record(
        &self,
        request: Request<pb::CreateWorkOrderRecordRequest>,
    ) -> Result<Response<pb::WorkOrder>, Status> {
        command!(self, request, commands::record)
    }
}
