//! Intake: who called, what for, and what they are entitled to.
//!
//! Owns organisations with their settings, customers and the agreements with them, products with their files, and cases.

use callout_casework::{Host, Peers, Worker, suite_rpcs};
use callout_contract::intake::v1 as pb;
use callout_kit::{Error, identity::Signer, limited, server::Services};
use serde::de::DeserializeOwned;
use uuid::Uuid;

mod agreement;
mod case;
mod customer;
mod feed;
mod organization;
mod product;

suite_rpcs!(intake, Intake);

/// The tables of intake, beside those of the journal.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    pub(crate) host: Host,
    pub(crate) peers: Peers,
    pub(crate) sandbox_tokens: Option<Signer>,
}

impl Intake {
    /// The service over its schema; `sandbox_tokens` signs the tokens of sandboxes, and without it none are issued.
    #[must_use]
    pub fn new(host: Host, peers: Peers, sandbox_tokens: Option<Signer>) -> Self {
        Self { host, peers, sandbox_tokens }
    }

    /// Adds the gRPC services of the package.
    #[must_use]
    pub fn add_to(&self, services: Services) -> Services {
        let suite = SuiteRpcs(Worker::new(self.clone()));
        services
            .and(limited!(pb::organizations_server::OrganizationsServer::new(self.clone())))
            .and(limited!(pb::sandboxes_server::SandboxesServer::new(self.clone())))
            .and(limited!(pb::customers_server::CustomersServer::new(self.clone())))
            .and(limited!(pb::products_server::ProductsServer::new(self.clone())))
            .and(limited!(pb::cases_server::CasesServer::new(self.clone())))
            .and(limited!(pb::agreements_server::AgreementsServer::new(self.clone())))
            .and(limited!(pb::feed_server::FeedServer::new(suite.clone())))
            .and(limited!(pb::clocks_server::ClocksServer::new(suite.clone())))
            .and(limited!(pb::rehearsals_server::RehearsalsServer::new(suite)))
    }
}

/// A document of a row as what it stands for.
pub(crate) fn document<T: DeserializeOwned>(table: &str, id: Uuid, document: serde_json::Value) -> Result<T, Error> {
    serde_json::from_value(document)
        .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context(format!("intake.{table} {id}"))))
}
