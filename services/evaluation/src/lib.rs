//! Evaluation: how well it was done, and what follows.
//!
//! Owns claims of expenses, findings, the ledger of bonus and penalty, duties that recur, scorecards with what they are made
//! from (appointments, goals, figures, cards), the pay that goes by them, agreements with contractors with their incidents and
//! settlements, volumes of records, surveys of calls, and reports of work. It learns of trips, calls, products and missed limits
//! from the feeds of the others.

use callout_casework::{
    Host, Peers, Service, Worker,
    rehearse::{Looked, Place, Rehearsal},
    suite_rpcs,
};
use callout_contract::{evaluation::v1 as pb, events::v1::Event};
use callout_journal::{self as journal, TenantTx, timers::Timer};
use callout_kit::{Error, limited, server::Services};

pub mod agreement;
pub mod annual_income;
pub mod appointment;
pub mod bonus_deduction;
pub mod card;
pub mod claim;
mod concern;
mod decode;
mod document;
pub mod duty;
mod explanation;
mod feed;
pub mod figure_entry;
pub mod finding;
pub mod goal_sheet;
mod in_force;
pub mod incident;
pub mod ledger;
pub mod loss;
pub mod performance_pay;
pub mod rate;
#[cfg(test)]
mod readme;
mod rehearse;
pub mod scorecard;
pub mod settlement;
pub mod survey;
mod timers;
pub mod volume;
pub mod work_report;

pub use explanation::Explanation;

suite_rpcs!(evaluation, Evaluation);

/// The tables of evaluation, beside those of the journal.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Evaluation {
    host: Host,
    peers: Peers,
}

impl Evaluation {
    /// The service over its schema.
    #[must_use]
    pub fn new(host: Host, peers: Peers) -> Self {
        Self { host, peers }
    }

    /// Adds the RPCs of the package.
    #[must_use]
    pub fn add_to(&self, services: Services) -> Services {
        let suite = SuiteRpcs(Worker::new(self.clone()));
        services
            .and(limited!(pb::claims_server::ClaimsServer::new(self.clone())))
            .and(limited!(pb::findings_server::FindingsServer::new(self.clone())))
            .and(limited!(pb::ledger_entries_server::LedgerEntriesServer::new(self.clone())))
            .and(limited!(pb::duties_server::DutiesServer::new(self.clone())))
            .and(limited!(pb::rates_server::RatesServer::new(self.clone())))
            .and(limited!(pb::appointments_server::AppointmentsServer::new(self.clone())))
            .and(limited!(pb::goal_sheets_server::GoalSheetsServer::new(self.clone())))
            .and(limited!(pb::figure_entries_server::FigureEntriesServer::new(self.clone())))
            .and(limited!(pb::cards_server::CardsServer::new(self.clone())))
            .and(limited!(pb::scorecards_server::ScorecardsServer::new(self.clone())))
            .and(limited!(pb::agreements_server::AgreementsServer::new(self.clone())))
            .and(limited!(pb::incidents_server::IncidentsServer::new(self.clone())))
            .and(limited!(pb::settlements_server::SettlementsServer::new(self.clone())))
            .and(limited!(pb::volumes_server::VolumesServer::new(self.clone())))
            .and(limited!(pb::performance_pays_server::PerformancePaysServer::new(self.clone())))
            .and(limited!(pb::annual_incomes_server::AnnualIncomesServer::new(self.clone())))
            .and(limited!(pb::losses_server::LossesServer::new(self.clone())))
            .and(limited!(pb::bonus_deductions_server::BonusDeductionsServer::new(self.clone())))
            .and(limited!(pb::surveys_server::SurveysServer::new(self.clone())))
            .and(limited!(pb::work_reports_server::WorkReportsServer::new(self.clone())))
            .and(limited!(pb::feed_server::FeedServer::new(suite.clone())))
            .and(limited!(pb::clocks_server::ClocksServer::new(suite.clone())))
            .and(limited!(pb::rehearsals_server::RehearsalsServer::new(suite)))
    }
}

impl Service for Evaluation {
    const SERVICE: journal::Service = journal::Service::Evaluation;
    const FOLLOWS: &'static [(journal::Service, &'static [&'static str])] = feed::FOLLOWS;

    const REHEARSED: &'static [&'static str] = rehearse::REHEARSED;

    fn host(&self) -> &Host {
        &self.host
    }

    fn peers(&self) -> &Peers {
        &self.peers
    }

    async fn on_event(&self, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
        feed::on_event(self, tx, event).await
    }

    async fn on_timer(&self, tx: &mut TenantTx, timer: &Timer) -> Result<(), Error> {
        timers::on_timer(self, tx, timer).await
    }

    async fn rehearse(&self, tx: &mut TenantTx, rehearsal: &Rehearsal, place: Place) -> Result<Looked, Error> {
        rehearse::look(self, tx, rehearsal, place).await
    }
}
