//! Every statement on `dispatch.maintenance_plan` and `dispatch.maintenance_visit`.

use std::collections::HashMap;

use callout_casework::ids::{Id as _, MaintenancePlanId, ProductId, WorkOrderId};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use callout_regulation::Cadence;
use jiff_sqlx::ToSqlx as _;
use serde_json::Value;
use uuid::Uuid;

use super::{Plan, Visit};
use crate::document;

/// Writes a new plan.
///
/// # Errors
/// [`Error::AlreadyExists`] when the product is in care under that routine.
pub async fn insert(tx: &mut TenantTx, plan: &Plan, kept: &Cadence) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    if let Some(other) = active(tx, plan.product, &plan.routine).await? {
        return Err(Error::AlreadyExists { name: other.name(&organization) });
    }
    let written = sqlx::query!(
        "insert into dispatch.maintenance_plan
            (organization, maintenance_plan_id, product_id, routine, starts_on, ends_on, owner, next_due_at, document,
             version)
         values ($1, $2, $3, $4, $5, null, $6, $7, $8, $9)",
        organization,
        plan.id.uuid(),
        plan.product.uuid(),
        plan.routine,
        plan.starts_on.to_sqlx() as _,
        plan.role,
        kept.next_due_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        document::write(plan)?,
        plan.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        // Two callers at the same moment: the other one's is not visible here.
        Err(error) if violates(&error, "plan_active") => Err(Error::AlreadyExists {
            name: format!("organizations/{organization}/{}", MaintenancePlanId::COLLECTION),
        }),
        written => written.db().map(drop),
    }
}

async fn active(tx: &mut TenantTx, product: ProductId, routine: &str) -> Result<Option<MaintenancePlanId>, Error> {
    let organization = tx.organization_id().to_owned();
    let id = sqlx::query_scalar!(
        "select maintenance_plan_id from dispatch.maintenance_plan
          where organization = $1 and product_id = $2 and routine = $3 and ends_on is null",
        organization,
        product.uuid(),
        routine,
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    Ok(id.map(MaintenancePlanId::from_uuid))
}

/// Writes a plan that was locked; its version grows.
///
/// # Errors
/// [`Error::Stale`] when it was not locked.
pub async fn save(tx: &mut TenantTx, plan: &mut Plan, kept: &Cadence) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let ends_on = plan.state.ends_on();
    let is_active = ends_on.is_none();
    let written = sqlx::query!(
        "update dispatch.maintenance_plan
            set ends_on = $3, owner = $4, next_due_at = $5, document = $6, version = version + 1
          where organization = $1 and maintenance_plan_id = $2 and version = $7",
        organization,
        plan.id.uuid(),
        ends_on.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        is_active.then_some(plan.role.as_str()),
        kept.next_due_at.filter(|_| is_active).map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        document::write(plan)?,
        plan.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: plan.id.name(&organization) });
    }
    plan.version += 1;
    Ok(())
}

/// Notes that an order counts for a plan; false when it did already.
pub async fn insert_visit(tx: &mut TenantTx, plan: MaintenancePlanId, visit: Visit) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.maintenance_visit (organization, maintenance_plan_id, work_order_id, done_on)
         values ($1, $2, $3, $4) on conflict do nothing",
        organization,
        plan.uuid(),
        visit.order.uuid(),
        visit.done_on.to_sqlx() as _,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

/// Reads a plan, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see.
pub async fn lock(tx: &mut TenantTx, id: MaintenancePlanId) -> Result<Plan, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select maintenance_plan_id, document, version from dispatch.maintenance_plan
          where organization = $1 and maintenance_plan_id = $2 for update",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    the_one(tx, id, row).await
}

/// Reads a plan.
///
/// # Errors
/// As [`lock`].
pub async fn get(tx: &mut TenantTx, id: MaintenancePlanId) -> Result<Plan, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        "select maintenance_plan_id, document, version from dispatch.maintenance_plan
          where organization = $1 and maintenance_plan_id = $2",
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    the_one(tx, id, row).await
}

/// The plans of a product, also those that have ended.
pub async fn of_product(tx: &mut TenantTx, product: ProductId) -> Result<Vec<Plan>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select maintenance_plan_id, document, version from dispatch.maintenance_plan
          where organization = $1 and product_id = $2 order by maintenance_plan_id",
        organization,
        product.uuid(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_visits(tx, rows).await
}

/// A page of plans, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, product: Option<ProductId>) -> Result<Vec<Plan>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        "select maintenance_plan_id, document, version from dispatch.maintenance_plan
          where organization = $1 and maintenance_plan_id < dispatch.page_before($2)
            and ($3::uuid is null or product_id = $3)
          order by maintenance_plan_id desc limit $4",
        organization,
        page.after().copied(),
        product.map(callout_casework::ids::Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_visits(tx, rows).await
}

struct Row {
    maintenance_plan_id: Uuid,
    document: Value,
    version: i64,
}

async fn the_one(tx: &mut TenantTx, id: MaintenancePlanId, row: Option<Row>) -> Result<Plan, Error> {
    let found = with_visits(tx, row.into_iter().collect()).await?.pop();
    found.ok_or_else(|| Error::NotFound { name: id.name(tx.organization_id()) })
}

async fn with_visits(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<Plan>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.maintenance_plan_id).collect();
    let visits = sqlx::query!(
        r#"select maintenance_plan_id, work_order_id, done_on as "done_on: jiff_sqlx::Date"
             from dispatch.maintenance_visit where organization = $1 and maintenance_plan_id = any ($2)
            order by done_on, work_order_id"#,
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let mut by_plan: HashMap<Uuid, Vec<Visit>> = HashMap::new();
    for visit in visits {
        let order = WorkOrderId::from_uuid(visit.work_order_id);
        by_plan.entry(visit.maintenance_plan_id).or_default().push(Visit { order, done_on: visit.done_on.to_jiff() });
    }
    let decode = |row: Row| {
        let plan: Plan = document::read("maintenance_plan", row.maintenance_plan_id, row.document)?;
        let visits = by_plan.remove(&row.maintenance_plan_id).unwrap_or_default();
        Ok(Plan { id: MaintenancePlanId::from_uuid(row.maintenance_plan_id), version: row.version, visits, ..plan })
    };
    rows.into_iter().map(decode).collect()
}
