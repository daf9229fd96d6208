//! Looking at agencies.

use callout_casework::ids::{self, AgencyId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};

use super::store;
use crate::Dispatch;

/// One agency.
pub async fn get(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetAgencyRequest,
) -> Result<pb::Agency, Error> {
    let agency = store::get(tx, AgencyId::of(caller, "name", &request.name)?).await?;
    Ok(agency.to_proto(tx.organization_id()))
}

/// A page of agencies, the latest first.
pub async fn list(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListAgenciesRequest,
) -> Result<pb::ListAgenciesResponse, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let page = Page::of(&request, request.page_size, &request.page_token, &organization)?;
    let (agencies, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let agencies = agencies.iter().map(|agency| agency.to_proto(organization)).collect();
    Ok(pb::ListAgenciesResponse { agencies, next_page_token })
}
