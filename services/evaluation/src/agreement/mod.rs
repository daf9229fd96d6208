//! Agreements with contractors: who does the work for how long and for what fee.

use callout_casework::{
    day_of,
    ids::{AgreementId, Id as _, ProductId},
    money, regulation_named,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Library, Regulation, TerminationGround, pack};
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::explanation::Explanation;

pub mod commands;
pub mod create;
pub mod history;
pub mod notices;
pub mod rpc;
mod state;
pub mod store;

pub use history::History;
pub use state::{End, State, Step};

/// An agreement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agreement {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: AgreementId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The kind of agreement of the pack.
    pub kind: String,
    /// With whom: an agency by its name, or a party of the pack.
    pub contractor: String,
    /// The first day.
    pub starts_on: Date,
    /// The last day by its term, or the one on which it was ended.
    pub ends_on: Date,
    /// The fee of a year.
    pub annual_fee: Decimal,
    /// The machines that it names; none for every one.
    pub products: Vec<ProductId>,
    /// How many machines it covers.
    pub machines: u32,
    /// How many persons the contractor has for them.
    pub persons: u32,
    /// Why each has more machines than the regulation wants.
    pub workload_reason: String,
    /// How the contractor was chosen.
    pub selection: String,
    /// The papers of it.
    pub reference: String,
    /// Where it stands.
    pub state: State,
    /// The grounds that hold on which it ends, or may be ended.
    pub notices: Vec<Notice>,
    /// The pack and revision that it is judged by, for its whole term.
    pub regulation: String,
    /// When it was entered.
    pub created_at: Timestamp,
}

/// A ground on which an agreement ends, or may be ended, that holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The ground of the pack.
    pub ground: String,
    /// What follows from it.
    pub effect: pack::TerminationEffect,
    /// Why.
    pub explanation: Explanation,
    /// Since when it was known.
    pub noticed_at: Timestamp,
}

fn nobody() -> AgreementId {
    AgreementId::from_uuid(Uuid::nil())
}

impl Agreement {
    /// The regulation that it is judged by.
    ///
    /// # Errors
    /// [`Error::Internal`] when that is not in the library any more.
    pub fn regulation(&self, library: &Library) -> Result<std::sync::Arc<Regulation>, Error> {
        regulation_named(library, &self.regulation)
    }

    /// What the regulation says of its kind.
    ///
    /// # Errors
    /// [`Error::Internal`] when it has no such kind: it had when the agreement was made.
    pub fn terms<'r>(&self, regulation: &'r Regulation) -> Result<&'r pack::Settlement, Error> {
        let missing = || Error::Internal(anyhow::anyhow!("{} has no settlement {}", self.regulation, self.kind));
        regulation.settlement(&self.kind).map_err(|_| missing())
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.starts_on <= day && day <= self.ends_on
    }

    /// Whether it covers a machine.
    #[must_use]
    pub fn covers(&self, product: ProductId) -> bool {
        self.products.is_empty() || self.products.contains(&product)
    }

    /// The agreement as the contract has it, at the organisation's time.
    ///
    /// # Errors
    /// Those of [`Agreement::regulation`] and [`History::balance`].
    pub fn to_proto(&self, library: &Library, tx: &TenantTx, history: &History) -> Result<pb::Agreement, Error> {
        let organization = tx.organization_id();
        let regulation = self.regulation(library)?;
        let end = self.state.end();
        let today = day_of(tx.now(), regulation.zone());
        Ok(pb::Agreement {
            name: self.id.name(organization),
            kind: self.kind.clone(),
            contractor: self.contractor.clone(),
            starts_on: self.starts_on.to_string(),
            ends_on: self.ends_on.to_string(),
            annual_fee: money::written(self.annual_fee),
            currency: regulation.pack().currency.clone(),
            products: self.products.iter().map(|product| product.name(organization)).collect(),
            machines: i32::try_from(self.machines).unwrap_or(i32::MAX),
            persons: i32::try_from(self.persons).unwrap_or(i32::MAX),
            workload_reason: self.workload_reason.clone(),
            selection: self.selection.clone(),
            reference: self.reference.clone(),
            state: self.state.to_proto(self.starts_on, self.ends_on, today).into(),
            notices: self.notices.iter().map(pb::TerminationNotice::from).collect(),
            terminated_at: end.map(|end| parse::to_timestamp(end.at)),
            terminated_for: end.map(|end| end.ground.clone()).unwrap_or_default(),
            balance: money::written(history.balance(self, &regulation, tx.now())?),
            regulation: self.regulation.clone(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}

impl Notice {
    fn new(ground: TerminationGround, noticed_at: Timestamp) -> Self {
        let TerminationGround { ground, effect, explanation } = ground;
        Self { ground, effect, explanation: explanation.into(), noticed_at }
    }
}

impl From<&Notice> for pb::TerminationNotice {
    fn from(notice: &Notice) -> Self {
        use pb::termination_notice::Effect;
        let effect = match notice.effect {
            pack::TerminationEffect::AtOnce => Effect::AtOnce,
            pack::TerminationEffect::Mandatory => Effect::Mandatory,
            pack::TerminationEffect::Optional => Effect::Optional,
        };
        Self {
            ground: notice.ground.clone(),
            effect: effect.into(),
            explanation: Some(notice.explanation.clone().into()),
            noticed_at: Some(parse::to_timestamp(notice.noticed_at)),
        }
    }
}
