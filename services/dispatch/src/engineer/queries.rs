//! Looking at engineers.

use callout_casework::ids::{self, EngineerId, Id as _};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};

use super::store;
use crate::Dispatch;

/// One engineer.
pub async fn get(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetEngineerRequest,
) -> Result<pb::Engineer, Error> {
    let engineer = store::get(tx, EngineerId::of(caller, "name", &request.name)?).await?;
    Ok(engineer.to_proto(tx.organization_id()))
}

/// A page of engineers, the latest first.
pub async fn list(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListEngineersRequest,
) -> Result<pb::ListEngineersResponse, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let page = Page::of(&request, request.page_size, &request.page_token, &organization)?;
    let (engineers, next_page_token) = page.finish(store::page(tx, &page).await?, |last| last.id.uuid())?;
    let engineers = engineers.iter().map(|engineer| engineer.to_proto(organization)).collect();
    Ok(pb::ListEngineersResponse { engineers, next_page_token })
}
