//! Dispatch: who goes, when, and what was done.
//!
//! Owns engineers and agencies, the products in care, the work orders that answer cases with their visits and records, and what the work costs:
//! quotes and fees for the customer, charges for a party of the regulation. Knows which goods of customers were taken away.

use callout_casework::{Host, Peers, Worker, suite_rpcs};
use callout_contract::dispatch::v1 as pb;
use callout_kit::{limited, server::Services};

mod agency;
mod charge;
mod document;
mod engineer;
mod fee;
mod feed;
mod maintenance;
mod quote;
mod takeaway;
mod timers;
mod work_order;

suite_rpcs!(dispatch, Dispatch);

/// The tables of dispatch, beside those of the journal.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Dispatch {
    pub(crate) host: Host,
    pub(crate) peers: Peers,
}

impl Dispatch {
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
            .and(limited!(pb::work_orders_server::WorkOrdersServer::new(self.clone())))
            .and(limited!(pb::quotes_server::QuotesServer::new(self.clone())))
            .and(limited!(pb::charges_server::ChargesServer::new(self.clone())))
            .and(limited!(pb::fees_server::FeesServer::new(self.clone())))
            .and(limited!(pb::takeaways_server::TakeawaysServer::new(self.clone())))
            .and(limited!(pb::maintenance_plans_server::MaintenancePlansServer::new(self.clone())))
            .and(limited!(pb::engineers_server::EngineersServer::new(self.clone())))
            .and(limited!(pb::agencies_server::AgenciesServer::new(self.clone())))
            .and(limited!(pb::feed_server::FeedServer::new(suite.clone())))
            .and(limited!(pb::clocks_server::ClocksServer::new(suite.clone())))
            .and(limited!(pb::rehearsals_server::RehearsalsServer::new(suite)))
    }
}
