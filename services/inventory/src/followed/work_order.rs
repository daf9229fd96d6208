//! Work orders, as far as a loan slip is judged by them.

use callout_casework::{
    Standing,
    ids::{AgencyId, CaseId, Id as _, WorkOrderId},
    records,
};
use callout_contract::dispatch::v1::{self as dispatch, work_orders_client::WorkOrdersClient};
use callout_journal::{DatabaseResult as _, TenantTx};
use callout_kit::{Error, Text, parse};
use callout_regulation::{
    Facts, RecordEntry,
    vocabulary::{Event, Subject, words},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use serde::{Deserialize, Serialize};
use tonic::Request;

use crate::{Inventory, document};

/// A work order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkOrderView {
    /// The case that it answers.
    pub case: CaseId,
    /// The agency that does the work; none for the organisation's own people.
    pub agency: Option<AgencyId>,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// What is known of it.
    pub facts: Facts,
    /// What happened to it and its case, without what is a loan slip's own.
    pub milestones: Vec<(Event, Timestamp)>,
    /// What was put on record with it.
    pub records: Vec<RecordEntry>,
}

impl WorkOrderView {
    /// The order as dispatch tells of it.
    ///
    /// # Errors
    /// [`Error::Internal`] for names that are none.
    pub fn of(order: &dispatch::WorkOrder) -> Result<Self, Error> {
        let no_name = |fault: Text| Error::Internal(anyhow::anyhow!("{}: {fault}", order.name));
        let (_, case) = CaseId::parse(&order.case).map_err(no_name)?;
        let agency = match order.agency.as_str() {
            "" => None,
            agency => Some(AgencyId::parse(agency).map_err(no_name)?.1),
        };
        let milestone = |milestone: &callout_contract::types::v1::Milestone| {
            let event: Event = milestone.event.parse().ok()?;
            Some((event, parse::timestamp(milestone.occurred_at?).ok()?))
        };
        let milestones = order.milestones.iter().filter_map(milestone).filter(|(event, _)| is_inherited(*event));
        Ok(Self {
            case,
            agency,
            regulation: order.regulation.clone(),
            facts: facts(order),
            milestones: milestones.collect(),
            records: records::entries(&order.records),
        })
    }

    /// Makes it known to a slip: what happened to the slip itself stays.
    pub fn tell(&self, standing: &mut Standing) {
        standing.milestones.retain(|(event, _)| !is_inherited(*event));
        standing.milestones.extend(self.milestones.iter().copied());
        standing.inherited.clone_from(&self.records);
        let purpose = standing.facts.text(words::SLIP_PURPOSE);
        standing.facts = self.facts.clone();
        if let Some(purpose) = purpose {
            standing.facts.set(words::SLIP_PURPOSE, purpose);
        }
    }
}

impl WorkOrderView {
    /// Makes it known to a requisition: what happened to the requisition itself stays.
    pub fn tell_requisition(&self, standing: &mut Standing) {
        let is_own = |event: Event| event.subjects().contains(&Subject::Requisition);
        standing.milestones.retain(|(event, _)| is_own(*event));
        standing.milestones.extend(self.milestones.iter().filter(|(event, _)| !is_own(*event)));
        standing.inherited.clone_from(&self.records);
        let owes = standing.facts.flag(words::REQUISITION_OWES);
        standing.facts = self.facts.clone();
        if let Some(owes) = owes {
            standing.facts.set(words::REQUISITION_OWES, owes);
        }
    }
}

/// Whether an event of the order is one for its slips: the hand-in of the order's papers is not that of the slip's parts.
fn is_inherited(event: Event) -> bool {
    !event.subjects().contains(&Subject::LoanSlip)
}

fn facts(order: &dispatch::WorkOrder) -> Facts {
    let mut facts = Facts::default();
    let mode = match order.mode() {
        dispatch::WorkMode::Unspecified => None,
        dispatch::WorkMode::Remote => Some("remote"),
        dispatch::WorkMode::SelfRepair => Some("self_repair"),
        dispatch::WorkMode::OnSite => Some("on_site"),
        dispatch::WorkMode::Workshop => Some("workshop"),
    };
    if let Some(mode) = mode {
        facts.set(words::ORDER_MODE, mode);
    }
    if let Ok(distance_km) = parse::decimal(&order.distance_km) {
        facts.set(words::ORDER_DISTANCE_KM, distance_km);
    }
    if let Some(verdict) = &order.verdict {
        facts.set_verdict(verdict);
    }
    let quote = match order.quote_state() {
        dispatch::work_order::QuoteState::Unspecified | dispatch::work_order::QuoteState::None => "none",
        dispatch::work_order::QuoteState::Open => "quoted",
        dispatch::work_order::QuoteState::Confirmed => "confirmed",
        dispatch::work_order::QuoteState::Declined => "declined",
    };
    facts.set(words::QUOTE_STATE, quote);
    facts
}

/// The order, asked for at dispatch when nothing is known of it here. Held until the end of the transaction: an event of
/// the order is taken in before, or finds what this transaction makes for the order.
///
/// # Errors
/// [`Error::NotFound`] when there is none that the caller may see, [`Error::Busy`] when dispatch cannot answer.
pub async fn lock(inventory: &Inventory, tx: &mut TenantTx, id: WorkOrderId) -> Result<WorkOrderView, Error> {
    if let Some(known) = hold(tx, id).await? {
        return Ok(known);
    }
    let name = id.name(tx.organization_id());
    let mut orders = WorkOrdersClient::new(inventory.peers.dispatch.clone());
    let order = orders.get_work_order(Request::new(dispatch::GetWorkOrderRequest { name })).await?.into_inner();
    let view = WorkOrderView::of(&order)?;
    let now = tx.now();
    put(tx, id, &view, now).await?;
    Ok(view)
}

/// Writes what was known at `as_of`, unless more is known already, and holds the order; says whether it did.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn put(tx: &mut TenantTx, id: WorkOrderId, view: &WorkOrderView, as_of: Timestamp) -> Result<bool, Error> {
    let organization = tx.organization_id().to_owned();
    let written = sqlx::query!(
        "insert into inventory.work_order_view (organization, work_order_id, as_of, document) values ($1, $2, $3, $4)
             on conflict (organization, work_order_id) do update set as_of = excluded.as_of, document = excluded.document
          where work_order_view.document is null or work_order_view.as_of <= excluded.as_of",
        organization,
        id.uuid(),
        as_of.to_sqlx() as _,
        document::encode(view)?,
    )
    .execute(tx.conn())
    .await
    .db()?;
    Ok(written.rows_affected() > 0)
}

async fn hold(tx: &mut TenantTx, id: WorkOrderId) -> Result<Option<WorkOrderView>, Error> {
    let organization = tx.organization_id().to_owned();
    let now = tx.now();
    let known = sqlx::query_scalar!(
        "insert into inventory.work_order_view (organization, work_order_id, as_of) values ($1, $2, $3)
             on conflict (organization, work_order_id) do update set document = work_order_view.document
         returning document",
        organization,
        id.uuid(),
        now.to_sqlx() as _,
    )
    .fetch_one(tx.conn())
    .await
    .db()?;
    known.map(|known| document::decode("work_order_view", id.uuid(), known)).transpose()
}

#[cfg(test)]
mod tests {
    use callout_contract::types::v1::Milestone;
    use uuid::Uuid;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_slip_learns_of_the_return_and_not_of_the_hand_in_of_the_papers() {
        let milestone = |event: &str, time: &str| Milestone {
            event: event.to_owned(),
            occurred_at: Some(parse::to_timestamp(at(time))),
        };
        let order = dispatch::WorkOrder {
            name: "organizations/acme/workOrders/1".to_owned(),
            case: CaseId::from_uuid(Uuid::from_u128(1)).name("acme"),
            milestones: vec![
                milestone("returned", "2026-03-13T12:00:00Z"),
                milestone("handed_in", "2026-03-14T12:00:00Z"),
            ],
            ..dispatch::WorkOrder::default()
        };
        let mut standing = Standing::default();
        standing.facts.set(words::SLIP_PURPOSE, "carry");
        standing.happened(Event::HandedIn, at("2026-03-15T12:00:00Z"));
        let view = WorkOrderView::of(&order).unwrap();
        view.tell(&mut standing);
        view.tell(&mut standing);
        assert_eq!(
            standing.milestones,
            [(Event::HandedIn, at("2026-03-15T12:00:00Z")), (Event::Returned, at("2026-03-13T12:00:00Z"))]
        );
        assert_eq!(standing.facts.text(words::SLIP_PURPOSE).as_deref(), Some("carry"));
    }
}
