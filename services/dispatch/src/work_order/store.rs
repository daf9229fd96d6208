//! Every statement on `dispatch.work_order` and `dispatch.visit`.

use callout_casework::{
    ids::{AgencyId, CaseId, EngineerId, Id as _, WorkOrderId},
    rehearse::{self, PAGE, Rehearsal},
};
use callout_journal::{DatabaseResult as _, TenantTx, paging::Page, violates};
use callout_kit::Error;
use callout_regulation::Regulation;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use super::{Visit, WorkOrder};
use crate::document;

/// The place of an order in the order of service: its rank, when its case was received, its id.
pub type Place = (Vec<Decimal>, Timestamp, Uuid);

/// Writes a new order.
///
/// # Errors
/// [`Error::OrderActive`] when its case has an active one.
pub async fn insert(tx: &mut TenantTx, order: &WorkOrder, regulation: &Regulation) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.work_order
            (organization, work_order_id, number, case_id, agency_id, state, owner, next_due_at, rank, received_at,
             document, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        organization,
        order.id.uuid(),
        order.number,
        order.case.uuid(),
        order.agency.map(callout_casework::ids::Id::uuid),
        order.state.word(),
        order.owner(regulation),
        order.next_due_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        &order.rank(regulation),
        order.received_at.to_sqlx() as _,
        document::write(order)?,
        order.version,
    )
    .execute(tx.conn())
    .await;
    match written {
        Err(error) if violates(&error, "work_order_active") => {
            Err(Error::OrderActive { case: order.case.name(&organization) })
        }
        written => written.db().map(drop),
    }
}

/// Writes an order that was locked; its version grows.
pub async fn save(tx: &mut TenantTx, order: &mut WorkOrder, regulation: &Regulation) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "update dispatch.work_order
            set agency_id = $3, state = $4, owner = $5, next_due_at = $6, rank = $7, document = $8, version = version + 1
          where organization = $1 and work_order_id = $2 and version = $9",
        organization,
        order.id.uuid(),
        order.agency.map(callout_casework::ids::Id::uuid),
        order.state.word(),
        order.owner(regulation),
        order.next_due_at.map(jiff_sqlx::ToSqlx::to_sqlx) as _,
        &order.rank(regulation),
        document::write(order)?,
        order.version,
    )
    .execute(tx.conn())
    .await
    .db()?;
    if written.rows_affected() == 0 {
        return Err(Error::Stale { name: order.id.name(&organization) });
    }
    order.version += 1;
    Ok(())
}

/// Reads an order, and holds it until the end of the transaction.
///
/// # Errors
/// [`Error::NotFound`] when the caller may see none of this id.
pub async fn lock(tx: &mut TenantTx, id: WorkOrderId) -> Result<WorkOrder, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select work_order_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from dispatch.work_order where organization = $1 and work_order_id = $2 for update"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    the_one(tx, id, row).await
}

/// Reads an order.
///
/// # Errors
/// As [`lock`].
pub async fn get(tx: &mut TenantTx, id: WorkOrderId) -> Result<WorkOrder, Error> {
    let organization = tx.organization_id().to_owned();
    let row = sqlx::query_as!(
        Row,
        r#"select work_order_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from dispatch.work_order where organization = $1 and work_order_id = $2"#,
        organization,
        id.uuid(),
    )
    .fetch_optional(tx.conn())
    .await
    .db()?;
    the_one(tx, id, row).await
}

/// Makes sure that the caller may see an order of this id.
///
/// # Errors
/// [`Error::NotFound`] when he may not.
pub async fn exists(tx: &mut TenantTx, id: WorkOrderId) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let found = sqlx::query_scalar!(
        r#"select exists(select from dispatch.work_order where organization = $1 and work_order_id = $2) as "found!""#,
        organization,
        id.uuid(),
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    if found { Ok(()) } else { Err(Error::NotFound { name: id.name(&organization) }) }
}

/// A page of orders, the latest first.
pub async fn page(tx: &mut TenantTx, page: &Page<Uuid>, case: Option<CaseId>) -> Result<Vec<WorkOrder>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select work_order_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from dispatch.work_order
            where organization = $1 and work_order_id < dispatch.page_before($2) and ($3::uuid is null or case_id = $3)
            order by work_order_id desc limit $4"#,
        organization,
        page.after().copied(),
        case.map(callout_casework::ids::Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_visits(tx, rows).await
}

/// Some of the orders whose cases were received in the period of a rehearsal. None is opened before that, so they are among
/// those that were made since the period began.
pub async fn received_in(
    tx: &mut TenantTx,
    rehearsal: &Rehearsal,
    place: rehearse::Place,
) -> Result<Vec<WorkOrder>, Error> {
    let organization = tx.organization_id().to_owned();
    let rows = sqlx::query_as!(
        Row,
        r#"select work_order_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp"
             from dispatch.work_order
            where organization = $1 and work_order_id > $2 and received_at >= $3 and received_at < $4
            order by work_order_id limit $5"#,
        organization,
        place.after,
        rehearsal.from.to_sqlx() as _,
        rehearsal.to.to_sqlx() as _,
        PAGE,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    with_visits(tx, rows).await
}

/// A page of the orders that are not final, each with its place, in the order of service.
pub async fn page_in_order_of_service(
    tx: &mut TenantTx,
    page: &Page<Place>,
    case: Option<CaseId>,
) -> Result<Vec<(Place, WorkOrder)>, Error> {
    let organization = tx.organization_id().to_owned();
    let after = page.after();
    let rows = sqlx::query!(
        r#"select work_order_id, document, version, next_due_at as "next_due_at: jiff_sqlx::Timestamp",
                  rank as "rank: Vec<Decimal>", received_at as "received_at: jiff_sqlx::Timestamp"
             from dispatch.work_order
            where organization = $1 and state not in ('CLOSED', 'CANCELLED')
              and (rank, received_at, work_order_id)
                > (dispatch.page_after($3::numeric[]), dispatch.page_after($4::timestamptz), dispatch.page_after($2::uuid))
              and ($5::uuid is null or case_id = $5)
            order by rank, received_at, work_order_id limit $6"#,
        organization,
        after.map(|(_, _, id)| *id),
        after.map(|(rank, ..)| rank.as_slice()),
        after.map(|(_, received_at, _)| received_at.to_sqlx()) as _,
        case.map(callout_casework::ids::Id::uuid),
        page.limit(),
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let (mut places, mut orders) = (Vec::new(), Vec::new());
    for row in rows {
        places.push((row.rank, row.received_at.to_jiff(), row.work_order_id));
        orders.push(Row {
            work_order_id: row.work_order_id,
            document: row.document,
            version: row.version,
            next_due_at: row.next_due_at,
        });
    }
    Ok(places.into_iter().zip(with_visits(tx, orders).await?).collect())
}

/// Writes a new visit.
///
/// # Errors
/// [`Error::EngineerBooked`] when the engineer is at another one in that time.
pub async fn insert_visit(tx: &mut TenantTx, order: WorkOrderId, visit: &Visit) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into dispatch.visit
            (organization, visit_id, work_order_id, engineer_id, engineer_subject, agency_id, start_at, end_at, cancelled)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        organization,
        visit.id,
        order.uuid(),
        visit.engineer.uuid(),
        visit.engineer_subject,
        visit.agency.map(callout_casework::ids::Id::uuid),
        visit.start_at.to_sqlx() as _,
        visit.end_at.to_sqlx() as _,
        visit.cancelled,
    )
    .execute(tx.conn())
    .await;
    match written {
        Err(error) if violates(&error, "visit_engineer_is_free") => Err(Error::EngineerBooked {
            engineer: visit.engineer.name(&organization),
            start_at: visit.start_at,
            end_at: visit.end_at,
        }),
        written => written.db().map(drop),
    }
}

/// Takes a visit off, so that its engineer is free again.
pub async fn cancel_visit(tx: &mut TenantTx, visit: Uuid) -> Result<(), Error> {
    let organization = tx.organization_id().to_owned();
    sqlx::query!(
        "update dispatch.visit set cancelled = true where organization = $1 and visit_id = $2",
        organization,
        visit,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

struct Row {
    work_order_id: Uuid,
    document: Value,
    version: i64,
    next_due_at: Option<jiff_sqlx::Timestamp>,
}

impl Row {
    fn decode(self, visits: Vec<Visit>) -> Result<WorkOrder, Error> {
        let order: WorkOrder = document::read("work_order", self.work_order_id, self.document)?;
        Ok(WorkOrder {
            id: WorkOrderId::from_uuid(self.work_order_id),
            version: self.version,
            next_due_at: self.next_due_at.map(jiff_sqlx::Timestamp::to_jiff),
            visits,
            ..order
        })
    }
}

async fn the_one(tx: &mut TenantTx, id: WorkOrderId, row: Option<Row>) -> Result<WorkOrder, Error> {
    let missing = || Error::NotFound { name: id.name(tx.organization_id()) };
    let row = row.ok_or_else(missing)?;
    with_visits(tx, vec![row]).await?.pop().ok_or_else(|| Error::Internal(anyhow::anyhow!("an order became none")))
}

/// The orders with their visits, in the order in which these were planned.
async fn with_visits(tx: &mut TenantTx, rows: Vec<Row>) -> Result<Vec<WorkOrder>, Error> {
    let organization = tx.organization_id().to_owned();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.work_order_id).collect();
    let visits = sqlx::query!(
        r#"select work_order_id, visit_id, engineer_id, engineer_subject, agency_id,
                  start_at as "start_at: jiff_sqlx::Timestamp", end_at as "end_at: jiff_sqlx::Timestamp", cancelled
             from dispatch.visit where organization = $1 and work_order_id = any ($2) order by visit_id"#,
        organization,
        &ids,
    )
    .fetch_all(tx.conn())
    .await
    .db()?;
    let of = |order: Uuid| {
        let visits = visits.iter().filter(|visit| visit.work_order_id == order).map(|visit| Visit {
            id: visit.visit_id,
            engineer: EngineerId::from_uuid(visit.engineer_id),
            engineer_subject: visit.engineer_subject.clone(),
            agency: visit.agency_id.map(AgencyId::from_uuid),
            start_at: visit.start_at.to_jiff(),
            end_at: visit.end_at.to_jiff(),
            cancelled: visit.cancelled,
        });
        visits.collect()
    };
    rows.into_iter()
        .map(|row| {
            let visits = of(row.work_order_id);
            row.decode(visits)
        })
        .collect()
}
