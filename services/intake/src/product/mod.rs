//! Products: the archive of each delivered machine.

use std::collections::BTreeMap;

use callout_casework::{
    Standing, Subject,
    ids::{CustomerId, Id as _, ProductId},
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, etag};
use callout_kit::{Error, parse};
use callout_regulation::{Facts, Regulation, calendar::Amount, vocabulary, vocabulary::words};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(crate) mod commands;
pub mod rehearse;
mod rpc;
pub(crate) mod store;

/// One delivered machine and its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Product {
    /// Its id; a column of its own.
    #[serde(skip, default = "nobody")]
    pub id: ProductId,
    /// Grows with every write; a column of its own.
    #[serde(skip)]
    pub version: i64,
    /// The customer, if known.
    pub customer: Option<CustomerId>,
    /// Serial number.
    pub serial: String,
    /// Model.
    pub model: String,
    /// Who made it; empty while unknown.
    pub maker: String,
    /// Who sold it; empty while unknown.
    pub seller: String,
    /// The category, of the pack; empty where it has none.
    #[serde(default)]
    pub category: String,
    /// The last day of warranty.
    pub warranty_ends_on: Option<Date>,
    /// The day of delivery.
    pub delivered_on: Option<Date>,
    /// The day on which delivery and training were done.
    pub trained_on: Option<Date>,
    /// The day on which the customer bought it.
    #[serde(default)]
    pub purchased_on: Option<Date>,
    /// The day on which it reached the customer.
    #[serde(default)]
    pub goods_received_on: Option<Date>,
    /// The day on which it was commissioned.
    #[serde(default)]
    pub commissioned_on: Option<Date>,
    /// The day on which it was put under power.
    #[serde(default)]
    pub energised_on: Option<Date>,
    /// A term of warranty that a paper of the product itself states.
    #[serde(default)]
    pub stated_term: Option<Amount>,
    /// The day on which the registration form was posted.
    pub registered_on: Option<Date>,
    /// What a decision looks at, beside the days above.
    pub standing: Standing,
    /// When it was entered.
    pub created_at: Timestamp,
}

fn nobody() -> ProductId {
    ProductId::from_uuid(uuid::Uuid::nil())
}

impl Product {
    /// Knows what the file says of maker and seller.
    pub fn set_facts(&self, facts: &mut Facts) {
        if !self.maker.is_empty() {
            facts.set(words::PRODUCT_MAKER, self.maker.as_str());
        }
        if !self.seller.is_empty() {
            facts.set(words::PRODUCT_SELLER, self.seller.as_str());
        }
        if !self.category.is_empty() {
            facts.set(words::PRODUCT_CATEGORY, self.category.as_str());
        }
    }

    /// The days of the file, by what happened on them.
    #[must_use]
    pub fn days(&self) -> BTreeMap<vocabulary::Event, Date> {
        let days = [
            (vocabulary::Event::Delivered, self.delivered_on),
            (vocabulary::Event::Trained, self.trained_on),
            (vocabulary::Event::Registered, self.registered_on),
            (vocabulary::Event::Purchased, self.purchased_on),
            (vocabulary::Event::GoodsReceived, self.goods_received_on),
            (vocabulary::Event::Commissioned, self.commissioned_on),
            (vocabulary::Event::Energised, self.energised_on),
        ];
        days.into_iter().filter_map(|(event, day)| Some((event, day?))).collect()
    }

    /// The product as a subject of a regulation. Its days are the first instants of those days, so that a limit of
    /// months counted from one ends with the day of that number.
    ///
    /// # Errors
    /// [`Error::Internal`] for a day that has no instant in the zone.
    pub fn subject(&self, regulation: Arc<Regulation>, organization: &str) -> Result<Subject, Error> {
        let mut standing = self.standing.clone();
        self.set_facts(&mut standing.facts);
        for (event, day) in self.days() {
            let at = regulation.zone().to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
            standing.happened(event, at.map_err(|fault| Error::Internal(fault.into()))?);
        }
        Ok(Subject {
            kind: vocabulary::Subject::Product,
            name: self.id.name(organization),
            case: String::new(),
            people: BTreeMap::new(),
            regulation,
            standing,
        })
    }

    /// The product as the contract has it, with what is decided about it; without a regulation nothing is.
    ///
    /// # Errors
    /// Those of the decisions.
    pub fn to_proto(&self, regulation: Option<Arc<Regulation>>, tx: &TenantTx) -> Result<pb::Product, Error> {
        let organization = tx.organization_id();
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let (product_class, limits) = match regulation {
            Some(regulation) => {
                let subject = self.subject(regulation, organization)?;
                let judged = subject.judged(tx)?;
                (subject.regulation.verdict(&judged.dossier).product_class, judged.limits())
            }
            None => (String::new(), Vec::new()),
        };
        Ok(pb::Product {
            name: self.id.name(organization),
            customer: self.customer.map(|customer| customer.name(organization)).unwrap_or_default(),
            serial: self.serial.clone(),
            model: self.model.clone(),
            maker: self.maker.clone(),
            seller: self.seller.clone(),
            product_class,
            warranty_ends_on: day(self.warranty_ends_on),
            delivered_on: day(self.delivered_on),
            trained_on: day(self.trained_on),
            records: self.standing.to_records(),
            registered_on: day(self.registered_on),
            limits,
            category: self.category.clone(),
            purchased_on: day(self.purchased_on),
            goods_received_on: day(self.goods_received_on),
            commissioned_on: day(self.commissioned_on),
            energised_on: day(self.energised_on),
            stated_term: self.stated_term.map(|term| term.to_string()).unwrap_or_default(),
            etag: etag::of(self.version),
            create_time: Some(parse::to_timestamp(self.created_at)),
        })
    }
}
