//! What happens to a return, each in one transaction.

use callout_casework::{
    Settings, day_of,
    ids::{self, CaseId, CustomerReturnId, Id as _, ItemId, PlaceId},
    refused, regulation_named,
};
use callout_contract::{
    intake::v1::{Case, GetCaseRequest, cases_client::CasesClient},
    inventory::v1 as pb,
};
use callout_journal::{TenantTx, etag, events, numbers};
use callout_kit::{Caller, Error, Violations, parse};
use callout_regulation::{Actor, PresentedPaper, Regulation, ReturnInput};
use rust_decimal::Decimal;
use tonic::Request;

use super::{CustomerReturn, Decided, Evidence, State, Step, store};
use crate::{
    Inventory, item,
    ledger::{self, Account, Transfer},
    place, quantity,
};

/// Characters that a text may have.
const LONGEST_TEXT: usize = 2_000;

/// Fills a note in.
pub async fn create(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCustomerReturnRequest,
) -> Result<pb::CustomerReturn, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.customer_return.unwrap_or_default();
    let mut violations = Violations::default();
    let case = violations.merge(CaseId::of(caller, "customer_return.case", &asked.case))?;
    let item = violations.merge(ItemId::of(caller, "customer_return.item", &asked.item))?;
    let place = violations.merge(PlaceId::of(caller, "customer_return.place", &asked.place))?;
    let noted = violations.take("customer_return.quantity", quantity::positive(&asked.quantity));
    let percent = |text: &str| if text.is_empty() { Ok(None) } else { parse::amount(text).map(Some) };
    let overrun = violations.take("customer_return.overrun_percent", percent(&asked.overrun_percent)).flatten();
    let (Some(case), Some(item), Some(place), Some(noted), true) = (case, item, place, noted, violations.is_empty())
    else {
        return Err(violations.into_error());
    };
    let item = item::store::get(tx, item).await?.id;
    let place = place::store::get(tx, place).await?.id;
    let of_case = case_of(inventory, &asked.case).await?;
    let regulation = regulation_named(&inventory.host.library, &of_case.regulation)?;
    let fields = asked.fields.into_iter().collect();
    let refuse = |refusals| refused(&request.parent, refusals);
    regulation.fill_return(&asked.kind, &actor(caller), &fields).map_err(refuse)?;
    let approved = approved(&regulation, &asked.kind, &of_case, &request.parent)?;
    let now = tx.now();
    let mut returned = CustomerReturn {
        id: CustomerReturnId::new(now),
        version: 1,
        number: String::new(),
        kind: asked.kind,
        case,
        item,
        place,
        noted,
        overrun,
        fields,
        approved,
        asked: String::new(),
        decided: None,
        evidence: None,
        state: State::Noted,
        regulation: regulation.revision().to_owned(),
        created_at: now,
    };
    let today = day_of(now, regulation.zone());
    let serial = numbers::draw(tx, "T", today).await?;
    returned.number = format!("T{}-{:02}-{serial:04}", today.year(), today.month());
    store::insert(tx, &returned, returned.owner(&regulation).as_deref()).await?;
    Ok(tell(tx, &returned, &regulation, "noted"))
}

/// A note is approved, by the quantity that the case approves now.
pub async fn approve(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ApproveCustomerReturnRequest,
) -> Result<pb::CustomerReturn, Error> {
    let (mut returned, regulation) = begin(inventory, tx, caller, &request.name, &request.etag).await?;
    returned.state = returned.state.apply(Step::Approve, &request.name)?;
    let refuse = |refusals| refused(&request.name, refusals);
    regulation.approve_return(&returned.kind, &actor(caller)).map_err(refuse)?;
    let of_case = case_of(inventory, &returned.case.name(tx.organization_id())).await?;
    returned.approved = approved(&regulation, &returned.kind, &of_case, &request.name)?;
    commit(tx, returned, &regulation, "approved").await
}

/// The goods are taken into the store: what is actually there.
pub async fn receive(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ReceiveCustomerReturnRequest,
) -> Result<pb::CustomerReturn, Error> {
    let mut violations = Violations::default();
    violations.at_most("asked", &request.asked, LONGEST_TEXT);
    let actual = violations.take("quantity", quantity::positive(&request.quantity));
    let (Some(actual), true) = (actual, violations.is_empty()) else { return Err(violations.into_error()) };
    let (mut returned, regulation) = begin(inventory, tx, caller, &request.name, &request.etag).await?;
    returned.state = returned.state.apply(Step::Receive(actual), &request.name)?;
    let asked = !request.asked.trim().is_empty();
    regulation
        .receive_return(&returned.kind, &actor(caller), (returned.noted, actual), asked)
        .map_err(|refusals| refused(&request.name, refusals))?;
    returned.asked = request.asked;
    item::store::lock(tx, returned.item).await?;
    let (from, to) = (Account::Customer, Account::OnHand(returned.place));
    let transfer = Transfer { item: returned.item, quantity: actual, from, to };
    let now = tx.now();
    ledger::commands::post(tx, transfer, &request.name, now).await?;
    commit(tx, returned, &regulation, "received").await
}

/// What was received is booked, or referred back when it is more than may be.
pub async fn book(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::BookCustomerReturnRequest,
) -> Result<pb::CustomerReturn, Error> {
    let (mut returned, regulation) = begin(inventory, tx, caller, &request.name, &request.etag).await?;
    let booked = returned.state.apply(Step::Book, &request.name)?;
    let evidence = request.evidence.map(|it| Evidence { paper: it.paper, shows: it.shows });
    let settings = Settings::of(tx)?.values()?;
    let input = ReturnInput {
        approved: returned.approved,
        booked_before: store::booked_of_case(tx, returned.case).await?,
        actual: returned.state.actual().unwrap_or_default(),
        overrun: returned.overrun,
        settings: &settings,
        on: day_of(tx.now(), regulation.zone()),
        evidence: PresentedPaper {
            paper: evidence.as_ref().map_or("", |evidence| &evidence.paper),
            shows: evidence.as_ref().map_or(&[], |evidence| &evidence.shows),
        },
    };
    let decided = regulation
        .book_return(&returned.kind, &actor(caller), &input)
        .map_err(|refusals| refused(&request.name, refusals))?;
    let is_booked = decided.is_booked;
    returned.decided = Some(Decided { limit: decided.limit, explanation: decided.explanation });
    if is_booked {
        returned.state = booked;
        returned.evidence = evidence;
        return commit(tx, returned, &regulation, "booked").await;
    }
    returned.state = returned.state.apply(Step::ReferBack, &request.name)?;
    commit(tx, returned, &regulation, "referred_back").await
}

async fn begin(
    inventory: &Inventory,
    tx: &mut TenantTx,
    caller: &Caller,
    name: &str,
    tag: &str,
) -> Result<(CustomerReturn, std::sync::Arc<Regulation>), Error> {
    let returned = store::lock(tx, CustomerReturnId::of(caller, "name", name)?).await?;
    etag::check(tag, returned.version, name)?;
    let regulation = regulation_named(&inventory.host.library, &returned.regulation)?;
    Ok((returned, regulation))
}

async fn commit(
    tx: &mut TenantTx,
    mut returned: CustomerReturn,
    regulation: &Regulation,
    event: &str,
) -> Result<pb::CustomerReturn, Error> {
    let owner = returned.owner(regulation);
    store::save(tx, &mut returned, owner.as_deref()).await?;
    Ok(tell(tx, &returned, regulation, event))
}

fn tell(tx: &mut TenantTx, returned: &CustomerReturn, regulation: &Regulation, event: &str) -> pb::CustomerReturn {
    let answer = returned.to_proto(tx.organization_id(), regulation);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    let progressed = pb::CustomerReturnProgressed { event: event.to_owned(), customer_return: Some(answer.clone()) };
    events::append(tx, &answer.name, &progressed, now);
    answer
}

/// The case, as intake shows it to the caller.
async fn case_of(inventory: &Inventory, name: &str) -> Result<Case, Error> {
    let mut cases = CasesClient::new(inventory.peers.intake.clone());
    Ok(cases.get_case(Request::new(GetCaseRequest { name: name.to_owned() })).await?.into_inner())
}

/// The quantity that a case approves.
fn approved(regulation: &Regulation, kind: &str, case: &Case, name: &str) -> Result<Decimal, Error> {
    let refuse = |refusals| refused(name, refusals);
    let field = regulation.field_of_approved_quantity(kind).map_err(refuse)?;
    let records = case.records.iter().map(|it| (it.kind.as_str(), it.fields.get(field).map(String::as_str)));
    regulation.approved_quantity(kind, records).map_err(refuse)
}

fn actor(caller: &Caller) -> Actor {
    Actor::of(caller.roles.iter().cloned())
}
