//! The service `FigureEntries`: protobuf in, protobuf out.

use callout_casework::{
    command,
    ids::{self, FigureEntryId, Id as _},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error, parse};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::{commands, store};
use crate::Evaluation;

#[tonic::async_trait]
impl pb::figure_entries_server::FigureEntries for Evaluation {
    async fn create_figure_entry(
        &self,
        request: Request<pb::CreateFigureEntryRequest>,
    ) -> Result<Response<pb::FigureEntry>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_figure_entry(
        &self,
        request: Request<pb::GetFigureEntryRequest>,
    ) -> Result<Response<pb::FigureEntry>, Status> {
        query!(self, request, get)
    }

    async fn list_figure_entries(
        &self,
        request: Request<pb::ListFigureEntriesRequest>,
    ) -> Result<Response<pb::ListFigureEntriesResponse>, Status> {
        query!(self, request, list)
    }

    async fn review_figure_entry(
        &self,
        request: Request<pb::ReviewFigureEntryRequest>,
    ) -> Result<Response<pb::FigureEntry>, Status> {
        command!(self, request, commands::review)
    }

    async fn withdraw_figure_entry(
        &self,
        request: Request<pb::WithdrawFigureEntryRequest>,
    ) -> Result<Response<pb::FigureEntry>, Status> {
        command!(self, request, commands::withdraw)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetFigureEntryRequest,
) -> Result<pb::FigureEntry, Error> {
    let entry = store::get(tx, FigureEntryId::of(caller, "name", &request.name)?).await?;
    Ok(entry.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListFigureEntriesRequest,
) -> Result<pb::ListFigureEntriesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let day = Some(request.day.as_str()).filter(|day| !day.is_empty()).map(parse::date).transpose();
    let month_on = day.map_err(|fault| Error::invalid("day", fault))?.map(jiff::civil::Date::first_of_month);
    let filter = (&request.parent, &request.person, &request.day);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let person = Some(request.person.as_str()).filter(|person| !person.is_empty());
    let entries = store::page(tx, &page, person, month_on).await?;
    let (entries, next_page_token) = page.finish(entries, |last| last.id.uuid())?;
    let figure_entries = entries.iter().map(|entry| entry.to_proto(tx.organization_id())).collect();
    Ok(pb::ListFigureEntriesResponse { figure_entries, next_page_token })
}
