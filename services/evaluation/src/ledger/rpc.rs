//! The service `LedgerEntries`: protobuf in, protobuf out.

use callout_casework::{
    ids::{self, Id as _, LedgerEntryId},
    query,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use super::store::{self, Wanted};
use crate::Evaluation;

#[tonic::async_trait]
impl pb::ledger_entries_server::LedgerEntries for Evaluation {
    async fn get_ledger_entry(
        &self,
        request: Request<pb::GetLedgerEntryRequest>,
    ) -> Result<Response<pb::LedgerEntry>, Status> {
        query!(self, request, get)
    }

    async fn list_ledger_entries(
        &self,
        request: Request<pb::ListLedgerEntriesRequest>,
    ) -> Result<Response<pb::ListLedgerEntriesResponse>, Status> {
        query!(self, request, list)
    }
}

async fn get(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetLedgerEntryRequest,
) -> Result<pb::LedgerEntry, Error> {
    let entry = store::get(tx, LedgerEntryId::of(caller, "name", &request.name)?).await?;
    Ok(entry.to_proto(tx.organization_id()))
}

async fn list(
    _: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListLedgerEntriesRequest,
) -> Result<pb::ListLedgerEntriesResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let filter = (&request.parent, &request.person, &request.subject);
    let page = Page::<Uuid>::of(&request, request.page_size, &request.page_token, &filter)?;
    let wanted = Wanted {
        person: Some(request.person.as_str()).filter(|person| !person.is_empty()),
        subject: Some(request.subject.as_str()).filter(|subject| !subject.is_empty()),
    };
    let entries = store::page(tx, &page, wanted).await?;
    let (entries, next_page_token) = page.finish(entries, |last| last.id.uuid())?;
    let ledger_entries = entries.iter().map(|entry| entry.to_proto(tx.organization_id())).collect();
    Ok(pb::ListLedgerEntriesResponse { ledger_entries, next_page_token })
}
