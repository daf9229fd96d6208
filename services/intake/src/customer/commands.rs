//! What happens to customers, each in one transaction.

use callout_casework::ids::{CustomerId, Id as _};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Text, Violations};

use super::{Customer, store};
use crate::Intake;

/// Characters that a customer's name may have.
const LONGEST_NAME: usize = 200;

/// Characters that an address may have.
const LONGEST_ADDRESS: usize = 500;

/// The fields that an update may name.
const UPDATABLE: [&str; 6] = ["display_name", "unit_kind", "address", "contact", "phone", "person_in_charge"];

/// Enters a customer.
pub async fn create(
    _: &Intake,
    tx: &mut TenantTx,
    _: &Caller,
    request: pb::CreateCustomerRequest,
) -> Result<pb::Customer, Error> {
    let asked = request.customer.unwrap_or_default();
    require_short(&asked)?;
    let customer = Customer {
        id: CustomerId::new(tx.now()),
        version: 1,
        display_name: asked.display_name,
        unit_kind: asked.unit_kind,
        address: asked.address,
        contact: asked.contact,
        phone: asked.phone,
        person_in_charge: asked.person_in_charge,
        for_life: false,
        created_at: tx.now(),
    };
    store::insert(tx, &customer).await?;
    Ok(tell(tx, &customer))
}

/// Changes what is known of a customer.
pub async fn update(
    _: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::UpdateCustomerRequest,
) -> Result<pb::Customer, Error> {
    let asked = request.customer.unwrap_or_default();
    let paths = request.update_mask.unwrap_or_default().paths;
    let paths: Vec<&str> = if paths == ["*"] { UPDATABLE.to_vec() } else { paths.iter().map(String::as_str).collect() };
    if paths.is_empty() || !paths.iter().all(|path| UPDATABLE.contains(path)) {
        let known = UPDATABLE.join(", ");
        let fault = Text::new(format!("must name some of {known}, or *"), format!("只能包含 {known} 或 *"));
        return Err(Error::invalid("update_mask", fault));
    }
    require_short(&asked)?;
    let mut customer = store::lock(tx, CustomerId::of(caller, "customer.name", &asked.name)?).await?;
    etag::check(&request.etag, customer.version, &asked.name)?;
    for path in paths {
        match path {
            "display_name" => customer.display_name.clone_from(&asked.display_name),
            "unit_kind" => customer.unit_kind.clone_from(&asked.unit_kind),
            "address" => customer.address.clone_from(&asked.address),
            "contact" => customer.contact.clone_from(&asked.contact),
            "phone" => customer.phone.clone_from(&asked.phone),
            // The only one left of those that an update may name.
            _ => customer.person_in_charge.clone_from(&asked.person_in_charge),
        }
    }
    store::save(tx, &mut customer).await?;
    Ok(tell(tx, &customer))
}

fn require_short(asked: &pb::Customer) -> Result<(), Error> {
    let mut violations = Violations::default();
    violations.at_most("customer.display_name", &asked.display_name, LONGEST_NAME);
    violations.at_most("customer.address", &asked.address, LONGEST_ADDRESS);
    violations.finish()
}

fn tell(tx: &mut TenantTx, customer: &Customer) -> pb::Customer {
    let answer = customer.to_proto(tx.organization_id());
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::CustomerChanged { customer: Some(answer.clone()) }, now);
    answer
}
