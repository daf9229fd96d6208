//! Inventory: what is where, and who answers for it.
//!
//! Owns items and places, the ledger of their movements, the reservations and purchases of items, the loan slips and the
//! requisitions by which every part that leaves the warehouse is accounted for, and what people hold in person.

use std::sync::Arc;

use callout_casework::{Host, Peers, Settings, Worker, day_of, suite_rpcs};
use callout_contract::inventory::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Error, limited, server::Services};
use callout_regulation::Regulation;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

mod custody;
mod customer_return;
mod document;
mod feed;
mod followed;
mod item;
mod ledger;
mod loan_slip;
mod parts_requisition;
mod place;
mod quantity;
mod rehearse;
mod requisition;
mod reservation;
mod slip_list;

suite_rpcs!(inventory, Inventory);

/// The tables of inventory, beside those of the journal.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Inventory {
    pub(crate) host: Host,
    pub(crate) peers: Peers,
}

impl Inventory {
    /// The service over its schema.
    #[must_use]
    pub fn new(host: Host, peers: Peers) -> Self {
        Self { host, peers }
    }

    /// Adds the gRPC services of the package.
    #[must_use]
    pub fn add_to(&self, services: Services) -> Services {
        let suite = SuiteRpcs(Worker::new(self.clone()));
        services
            .and(limited!(pb::items_server::ItemsServer::new(self.clone())))
            .and(limited!(pb::places_server::PlacesServer::new(self.clone())))
            .and(limited!(pb::movements_server::MovementsServer::new(self.clone())))
            .and(limited!(pb::reservations_server::ReservationsServer::new(self.clone())))
            .and(limited!(pb::purchase_requisitions_server::PurchaseRequisitionsServer::new(self.clone())))
            .and(limited!(pb::loan_slips_server::LoanSlipsServer::new(self.clone())))
            .and(limited!(pb::parts_requisitions_server::PartsRequisitionsServer::new(self.clone())))
            .and(limited!(pb::custodies_server::CustodiesServer::new(self.clone())))
            .and(limited!(pb::customer_returns_server::CustomerReturnsServer::new(self.clone())))
            .and(limited!(pb::slip_lists_server::SlipListsServer::new(self.clone())))
            .and(limited!(pb::feed_server::FeedServer::new(suite.clone())))
            .and(limited!(pb::clocks_server::ClocksServer::new(suite.clone())))
            .and(limited!(pb::rehearsals_server::RehearsalsServer::new(suite)))
    }

    /// The regulation in force at the organisation's time.
    pub(crate) fn regulation_now(&self, tx: &TenantTx) -> Result<Arc<Regulation>, Error> {
        Settings::of(tx)?.regulation_at(&self.host.library, tx.now())
    }

    /// The civil day of an instant, in the zone of the regulation in force; in UTC while there is none.
    pub(crate) fn day_of(&self, tx: &TenantTx, at: Timestamp) -> Result<Date, Error> {
        match self.regulation_now(tx) {
            Ok(regulation) => Ok(day_of(at, regulation.zone())),
            Err(Error::SettingMissing { .. } | Error::NotFound { .. }) => Ok(day_of(at, &TimeZone::UTC)),
            Err(error) => Err(error),
        }
    }
}
