//! Takeaways: goods of customers that were taken away to be repaired, until they are given back.

use callout_casework::{
    Standing, Subject,
    ids::{Id as _, ProductId, TakeawayId, WorkOrderId},
    money,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Library, vocabulary};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub mod commands;
mod decode;
mod rpc;
mod state;
mod store;

pub use decode::{Exchanged, RepairDone};
pub use state::{State, Step};

use crate::work_order::WorkOrder;

/// Goods of a customer that were taken away.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Takeaway {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: TakeawayId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The order under which they were taken away.
    pub order: WorkOrderId,
    /// The product of the case; none where it names none.
    pub product: Option<ProductId>,
    /// What was taken away.
    pub goods: String,
    /// The number of the receipt that the customer holds.
    pub receipt_number: String,
    /// When they were taken away.
    pub taken_at: Timestamp,
    /// Where they are.
    pub state: State,
    /// What happened to them, and what was put on record with them; what the order knows is not in it.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn unread() -> TakeawayId {
    TakeawayId::from_uuid(uuid::Uuid::nil())
}

impl Takeaway {
    /// They as a subject of the regulation that their order is judged by, with all that is known of the order.
    ///
    /// # Errors
    /// As [`WorkOrder::subject`].
    pub fn subject(&self, order: &WorkOrder, library: &Library, organization: &str) -> Result<Subject, Error> {
        let of_the_order = order.subject(library, organization)?;
        let known = of_the_order.standing;
        let own = |event: vocabulary::Event| event.subjects().contains(&vocabulary::Subject::Takeaway);
        let mut standing = self.standing.clone();
        standing.facts = known.facts;
        standing.milestones.extend(known.milestones.into_iter().filter(|(event, _)| !own(*event)));
        standing.inherited = known.inherited;
        standing.inherited.extend(known.records.into_iter().map(|record| record.entry));
        Ok(Subject { kind: vocabulary::Subject::Takeaway, name: self.id.name(organization), standing, ..of_the_order })
    }

    /// They as the contract has them, with what is decided about them at the organisation's time.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(&self, order: &WorkOrder, library: &Library, tx: &TenantTx) -> Result<pb::Takeaway, Error> {
        let organization = tx.organization_id();
        let subject = self.subject(order, library, organization)?;
        let judged = subject.judged(tx)?;
        Ok(pb::Takeaway {
            name: subject.name.clone(),
            work_order: self.order.name(organization),
            goods: self.goods.clone(),
            product: self.product.map(|product| product.name(organization)).unwrap_or_default(),
            receipt_number: self.receipt_number.clone(),
            state: pb::takeaway::State::from(&self.state).into(),
            taken_at: Some(parse::to_timestamp(self.taken_at)),
            repair: self.state.repair().map(|(done, at)| pb::RepairDone {
                hours: money::plain(done.hours),
                parts: done.parts.iter().map(Exchanged::to_proto).collect(),
                done_at: Some(parse::to_timestamp(at)),
            }),
            given_back_at: self.state.given_back_at().map(parse::to_timestamp),
            limits: judged.limits(),
            chains: judged.chains(),
            records: self.standing.to_records(),
            milestones: self.standing.to_milestones(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}
