//! The RPCs of maintenance plans.

use callout_casework::{
    command,
    ids::{self, Id as _, MaintenancePlanId, ProductId},
    query,
};
use callout_contract::dispatch::v1::{self as pb, maintenance_plans_server::MaintenancePlans};
use callout_journal::{TenantTx, paging::Page};
use callout_kit::{Caller, Error};
use tonic::{Request, Response, Status};

use super::{Plan, commands, store};
use crate::Dispatch;

#[tonic::async_trait]
impl MaintenancePlans for Dispatch {
    async fn create_maintenance_plan(
        &self,
        request: Request<pb::CreateMaintenancePlanRequest>,
    ) -> Result<Response<pb::MaintenancePlan>, Status> {
        command!(self, request, commands::create)
    }

    async fn get_maintenance_plan(
        &self,
        request: Request<pb::GetMaintenancePlanRequest>,
    ) -> Result<Response<pb::MaintenancePlan>, Status> {
        query!(self, request, get)
    }

    async fn list_maintenance_plans(
        &self,
        request: Request<pb::ListMaintenancePlansRequest>,
    ) -> Result<Response<pb::ListMaintenancePlansResponse>, Status> {
        query!(self, request, list)
    }

    async fn end_maintenance_plan(
        &self,
        request: Request<pb::EndMaintenancePlanRequest>,
    ) -> Result<Response<pb::MaintenancePlan>, Status> {
        command!(self, request, commands::end)
    }
}

async fn get(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetMaintenancePlanRequest,
) -> Result<pb::MaintenancePlan, Error> {
    let plan = store::get(tx, MaintenancePlanId::of(caller, "name", &request.name)?).await?;
    shown(dispatch, tx, &plan)
}

async fn list(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListMaintenancePlansRequest,
) -> Result<pb::ListMaintenancePlansResponse, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let product = ProductId::optional(caller, "product", &request.product)?;
    let page = Page::of(&request, request.page_size, &request.page_token, &(organization, &request.product))?;
    let (plans, next_page_token) = page.finish(store::page(tx, &page, product).await?, |last| last.id.uuid())?;
    let maintenance_plans: Result<Vec<_>, Error> = plans.iter().map(|plan| shown(dispatch, tx, plan)).collect();
    Ok(pb::ListMaintenancePlansResponse { maintenance_plans: maintenance_plans?, next_page_token })
}

fn shown(dispatch: &Dispatch, tx: &TenantTx, plan: &Plan) -> Result<pb::MaintenancePlan, Error> {
    Ok(plan.to_proto(&plan.cadence(&dispatch.host.library, tx)?, tx.organization_id()))
}
