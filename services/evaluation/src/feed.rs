//! What evaluation follows of the others, and of itself.

use callout_contract::{
    dispatch::v1::WorkOrderHandedIn,
    events::v1::{Event, LimitMissRetracted, LimitMissed},
    intake::v1::{CaseReceived, CustomerChanged, ProductChanged},
};
use callout_journal::{Service, TenantTx};
use callout_kit::{Error, parse};
use jiff::Timestamp;
use prost::Name;

use crate::{
    Evaluation, claim,
    duty::{customer::Customer, opening, product::Product},
    incident, ledger, rate, survey,
};

const ORGANIZATION_CHANGED: &str = "callout.intake.v1.OrganizationChanged";
const CASE_RECEIVED: &str = "callout.intake.v1.CaseReceived";
const CUSTOMER_CHANGED: &str = "callout.intake.v1.CustomerChanged";
const PRODUCT_CHANGED: &str = "callout.intake.v1.ProductChanged";
const WORK_ORDER_HANDED_IN: &str = "callout.dispatch.v1.WorkOrderHandedIn";
const LIMIT_MISSED: &str = "callout.events.v1.LimitMissed";
const LIMIT_MISS_RETRACTED: &str = "callout.events.v1.LimitMissRetracted";
const RATE_COUNTED: &str = "callout.events.v1.RateCounted";

/// Whom it follows, and which of their events matter to it. Its own missed limits are no other than the rest.
pub const FOLLOWS: &[(Service, &[&str])] = &[
    (
        Service::Intake,
        &[
            ORGANIZATION_CHANGED,
            CUSTOMER_CHANGED,
            CASE_RECEIVED,
            PRODUCT_CHANGED,
            LIMIT_MISSED,
            LIMIT_MISS_RETRACTED,
            RATE_COUNTED,
        ],
    ),
    (Service::Dispatch, &[WORK_ORDER_HANDED_IN, LIMIT_MISSED, LIMIT_MISS_RETRACTED, RATE_COUNTED]),
    (Service::Inventory, &[LIMIT_MISSED, LIMIT_MISS_RETRACTED, RATE_COUNTED]),
    (Service::Evaluation, &[LIMIT_MISSED, LIMIT_MISS_RETRACTED, RATE_COUNTED]),
];

/// Does what an event calls for.
///
/// # Errors
/// Those of what it does, and [`Error::Internal`] for an event that cannot be read.
pub async fn on_event(evaluation: &Evaluation, tx: &mut TenantTx, event: &Event) -> Result<(), Error> {
    match event.r#type.as_str() {
        // The copy of the organisation is up to date by now, as in every service.
        ORGANIZATION_CHANGED => opening::open_owed(evaluation, tx).await,
        CASE_RECEIVED => {
            let received: CaseReceived = payload(event)?;
            survey::commands::received(evaluation, tx, &received.case.unwrap_or_default()).await
        }
        CUSTOMER_CHANGED => {
            let changed: CustomerChanged = payload(event)?;
            let customer = Customer::of(&changed.customer.unwrap_or_default())?;
            opening::customer_changed(evaluation, tx, &customer).await
        }
        RATE_COUNTED => rate::counted(tx, payload(event)?).await,
        PRODUCT_CHANGED => {
            let changed: ProductChanged = payload(event)?;
            let product = Product::of(&changed.product.unwrap_or_default())?;
            opening::product_changed(evaluation, tx, &product).await
        }
        WORK_ORDER_HANDED_IN => {
            let handed_in: WorkOrderHandedIn = payload(event)?;
            claim::commands::open(evaluation, tx, handed_in, occurred_at(event)?).await
        }
        LIMIT_MISSED => {
            let missed: LimitMissed = payload(event)?;
            let at = occurred_at(event)?;
            incident::create::limit_missed(evaluation, tx, &missed, at).await?;
            ledger::commands::limit_missed(evaluation, tx, missed, at).await
        }
        LIMIT_MISS_RETRACTED => {
            let retracted: LimitMissRetracted = payload(event)?;
            let at = occurred_at(event)?;
            incident::create::limit_miss_retracted(evaluation, tx, &retracted, at).await?;
            ledger::commands::limit_miss_retracted(evaluation, tx, retracted, at).await
        }
        other => Err(Error::Internal(anyhow::anyhow!("event {} of type {other} was not asked for", event.id))),
    }
}

fn payload<M: prost::Message + Name + Default>(event: &Event) -> Result<M, Error> {
    let payload =
        event.payload.as_ref().ok_or_else(|| Error::Internal(anyhow::anyhow!("event {} is empty", event.id)))?;
    payload.to_msg().map_err(|fault| Error::Internal(anyhow::Error::new(fault)))
}

fn occurred_at(event: &Event) -> Result<Timestamp, Error> {
    let missing = || Error::Internal(anyhow::anyhow!("event {} has no time", event.id));
    parse::timestamp(event.occurred_at.ok_or_else(missing)?).map_err(|_| missing())
}

#[cfg(test)]
mod tests {
    use callout_contract::{events::v1::RateCounted, intake::v1::OrganizationChanged};

    use super::*;

    #[test]
    fn the_types_that_are_followed_are_names_of_messages() {
        assert_eq!(ORGANIZATION_CHANGED, OrganizationChanged::full_name());
        assert_eq!(CASE_RECEIVED, CaseReceived::full_name());
        assert_eq!(CUSTOMER_CHANGED, CustomerChanged::full_name());
        assert_eq!(RATE_COUNTED, RateCounted::full_name());
        assert_eq!(PRODUCT_CHANGED, ProductChanged::full_name());
        assert_eq!(WORK_ORDER_HANDED_IN, WorkOrderHandedIn::full_name());
        assert_eq!(LIMIT_MISSED, LimitMissed::full_name());
        assert_eq!(LIMIT_MISS_RETRACTED, LimitMissRetracted::full_name());
    }
}
