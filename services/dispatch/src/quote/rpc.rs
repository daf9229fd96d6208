//! The RPCs of quotes.

use callout_casework::{command, query};
use callout_contract::dispatch::v1::{self as pb, quotes_server::Quotes};
use tonic::{Request, Response, Status};

use super::{commands, queries};
use crate::Dispatch;

#[tonic::async_trait]
impl Quotes for Dispatch {
    async fn create_quote(&self, request: Request<pb::CreateQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_quote(&self, request: Request<pb::GetQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        query!(self, request, queries::get)
    }

    async fn list_quotes(
        &self,
        request: Request<pb::ListQuotesRequest>,
    ) -> Result<Response<pb::ListQuotesResponse>, Status> {
        query!(self, request, queries::list)
    }

    async fn confirm_quote(&self, request: Request<pb::ConfirmQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        command!(self, request, commands::confirm)
    }

    async fn decline_quote(&self, request: Request<pb::DeclineQuoteRequest>) -> Result<Response<pb::Quote>, Status> {
        command!(self, request, commands::decline)
    }
}
