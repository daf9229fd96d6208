//! What happens to charges.

use callout_casework::{money, refused};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, clock, parse};
use callout_regulation::Actor;
use rust_decimal::Decimal;

use super::{Charge, store};
use crate::{Dispatch, quote, work_order::change::Change};

/// Claims the costs of the service from a party, as far as the customer does not bear them.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateChargeRequest,
) -> Result<pb::Charge, Error> {
    let entered = request.charge.unwrap_or_default();
    let mut change = Change::begin(tx, caller, "parent", &request.parent, "").await?;
    let subject = change.subject(dispatch, tx)?;
    let costs = costs(&entered, |party| subject.regulation.pack().parties.contains_key(party))?;
    change.occurred(tx, request.occurred_at)?;
    let borne_by_customer = change.order.customer_amount(&subject.regulation, change.at).unwrap_or_default();
    let actor = Actor::of(caller.roles.iter().cloned());
    let owed = subject
        .regulation
        .charge(&entered.party, &subject.dossier(tx)?, costs, borne_by_customer, &actor, change.at)
        .map_err(|refusals| refused(&subject.name, refusals))?;
    let claim = Charge {
        id: clock::new_id(tx.now()),
        order: change.order.id,
        party: owed.party,
        total: owed.amount,
        claimed: pb::Charge {
            name: String::new(),
            etag: String::new(),
            total: money::written(owed.amount),
            currency: subject.regulation.pack().currency.clone(),
            explanation: Some(owed.explanation),
            create_time: Some(parse::to_timestamp(tx.now())),
            ..entered
        },
    };
    store::insert(tx, &claim).await?;
    let answer = claim.to_proto(tx.organization_id());
    events::append(tx, &answer.name, &pb::PartyCharged { charge: Some(answer.clone()) }, change.at);
    tx.audit_as(answer.name.clone(), change.at);
    Ok(answer)
}

/// What the service cost in all.
fn costs(charge: &pb::Charge, is_party: impl Fn(&str) -> bool) -> Result<Decimal, Error> {
    let mut violations = Violations::default();
    if !is_party(&charge.party) {
        violations.add("charge.party", Text::new("must be a party of the regulation", "必须是规章中的相关方"));
    }
    let items = quote::items(&mut violations, "charge.items", &charge.items);
    violations.finish().map(|()| items.values().sum())
}
