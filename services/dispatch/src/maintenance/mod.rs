//! Maintenance plans: the products that the organisation keeps, and how often it was there.

use std::collections::BTreeSet;

use callout_casework::{
    Settings, day_of,
    ids::{Id as _, MaintenancePlanId, ProductId, WorkOrderId},
    regulation_named,
};
use callout_contract::dispatch::v1::{self as pb, maintenance_gap, maintenance_plan};
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Breach, Cadence, Done, Gap, Library};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub mod commands;
mod rpc;
mod state;
pub mod store;

pub use state::{State, Step};

/// A product in care under a routine of the regulation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// Its id; a column of its own.
    #[serde(skip, default = "unread")]
    pub id: MaintenancePlanId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The orders that count, the earlier first; a table of their own.
    #[serde(skip)]
    pub visits: Vec<Visit>,
    /// The product.
    pub product: ProductId,
    /// The routine of the pack.
    pub routine: String,
    /// The day from which the first time is counted.
    pub starts_on: Date,
    /// Where it stands.
    pub state: State,
    /// The role that owes the next time.
    pub role: String,
    /// The pack and revision that it is judged by.
    pub regulation: String,
    /// The breaches that others were told of, each as it was then.
    pub told: BTreeSet<String>,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A time that a product was seen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// The order.
    pub order: WorkOrderId,
    /// The date on which its work was completed.
    pub done_on: Date,
}

fn unread() -> MaintenancePlanId {
    MaintenancePlanId::from_uuid(Uuid::nil())
}

impl Plan {
    /// How the routine was kept until the organisation's time.
    ///
    /// # Errors
    /// [`Error::Internal`] when its regulation, or the routine in it, is gone, or the calendar does not reach that far.
    pub fn cadence(&self, library: &Library, tx: &TenantTx) -> Result<Cadence, Error> {
        let regulation = regulation_named(library, &self.regulation)?;
        let on: BTreeSet<Date> = self.visits.iter().map(|visit| visit.done_on).collect();
        let done = Done { from: self.starts_on, on: &on, until: self.state.ends_on() };
        let kept = regulation.cadence(&self.routine, done, &Settings::of(tx)?.holidays()?, tx.now());
        let gone = || Error::Internal(anyhow::anyhow!("{} has no routine {}", self.regulation, self.routine));
        kept.ok_or_else(gone)?.map_err(|undecided| Error::Internal(anyhow::Error::new(undecided)))
    }

    /// The civil day of an instant where the regulation counts.
    ///
    /// # Errors
    /// [`Error::Internal`] when its regulation is gone.
    pub fn day_of(&self, library: &Library, at: Timestamp) -> Result<Date, Error> {
        Ok(day_of(at, regulation_named(library, &self.regulation)?.zone()))
    }

    /// The plan as the contract has it, as it was kept.
    #[must_use]
    pub fn to_proto(&self, kept: &Cadence, organization: &str) -> pb::MaintenancePlan {
        let visit = |visit: &Visit| pb::MaintenanceVisit {
            work_order: visit.order.name(organization),
            done_on: visit.done_on.to_string(),
        };
        let is_active = self.state.ends_on().is_none();
        pb::MaintenancePlan {
            name: self.id.name(organization),
            product: self.product.name(organization),
            routine: self.routine.clone(),
            starts_on: self.starts_on.to_string(),
            ends_on: self.state.ends_on().map(|on| on.to_string()).unwrap_or_default(),
            state: maintenance_plan::State::from(self.state).into(),
            visits: self.visits.iter().map(visit).collect(),
            gaps: kept.gaps.iter().map(gap_to_proto).collect(),
            next_due_at: kept.next_due_at.filter(|_| is_active).map(parse::to_timestamp),
            explanation: kept.explanation.clone().filter(|_| is_active),
            owner: if is_active { self.role.clone() } else { String::new() },
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        }
    }
}

/// A breach as the contract has it.
pub fn gap_to_proto(gap: &Gap) -> pb::MaintenanceGap {
    let told = pb::MaintenanceGap {
        due_at: Some(parse::to_timestamp(gap.due_at)),
        explanation: Some(gap.explanation.clone()),
        ..pb::MaintenanceGap::default()
    };
    match &gap.breach {
        Breach::TooLong { since, done_on, late_days } => pb::MaintenanceGap {
            breach: maintenance_gap::Breach::TooLong.into(),
            since_on: since.to_string(),
            done_on: done_on.map(|on| on.to_string()).unwrap_or_default(),
            late_days: *late_days,
            ..told
        },
        Breach::TooFew { period, done, wanted } => pb::MaintenanceGap {
            breach: maintenance_gap::Breach::TooFew.into(),
            period: period.clone(),
            done: i32::try_from(*done).unwrap_or(i32::MAX),
            wanted: i32::try_from(*wanted).unwrap_or(i32::MAX),
            ..told
        },
    }
}

/// What tells one breach, as others were told of it, from the next.
fn word(gap: &Gap) -> String {
    match &gap.breach {
        Breach::TooLong { since, done_on: None, .. } => format!("since {since}"),
        Breach::TooLong { since, done_on: Some(on), .. } => format!("since {since} on {on}"),
        Breach::TooFew { period, .. } => period.clone(),
    }
}
