//! What happens to quotes, each in one transaction with the work order whose clocks it starts.

use callout_casework::{
    ids::{self, Id as _, WorkOrderId},
    money, occurred_at,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, etag, events};
use callout_kit::{Caller, Error, Refusal, Text, clock, parse};
use callout_regulation::vocabulary::{Event, Transition};
use jiff::Timestamp;

use super::{COLLECTION, Quote, State, Step, decode::Asked, pricing, store};
use crate::{
    Dispatch,
    work_order::{AHEAD, QuoteStanding, WorkOrder, change::Change},
};

/// Prices the work and tells the customer; an open quote gives way to the new one.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateQuoteRequest,
) -> Result<pb::Quote, Error> {
    let entered = request.quote.unwrap_or_default();
    let asked = Asked::decode(caller, &entered)?;
    let mut change = Change::begin(tx, caller, "parent", &request.parent, "").await?;
    change.occurred(tx, request.occurred_at)?;
    change.require(change.order.state.is_ahead(), "quote", AHEAD)?;
    change.gate(dispatch, tx, Transition::Quote, caller)?;
    require_tariff(&change)?;
    let regulation = change.subject(dispatch, tx)?.regulation;
    let order = (&change.order, change.name.as_str());
    let priced = pricing::price(dispatch, tx, caller, order, &regulation, &asked, change.at).await?;
    replace_standing(tx, &change.order, change.at).await?;
    let quote = Quote {
        id: clock::new_id(tx.now()),
        order: change.order.id,
        state: State::Open,
        total: priced.total,
        told: pb::Quote {
            name: String::new(),
            state: pb::quote::State::Unspecified.into(),
            lines: pricing::lines(&priced, &change.order.verdict.tariff, &regulation),
            total: money::written(priced.total),
            currency: regulation.pack().currency.clone(),
            explanations: priced.explanations,
            etag: String::new(),
            create_time: Some(parse::to_timestamp(tx.now())),
            ..entered
        },
        version: 1,
    };
    store::insert(tx, &quote).await?;
    change.order.quote = QuoteStanding::Open;
    change.happened(Event::Quoted);
    commit(dispatch, tx, change, &quote, Event::Quoted).await
}

/// The customer confirms: he wants the service at that price.
pub async fn confirm(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ConfirmQuoteRequest,
) -> Result<pb::Quote, Error> {
    let (mut change, mut quote) = begin(tx, caller, &request.name, &request.etag).await?;
    answer(tx, (&mut change, &mut quote), Step::Confirm, &request.name, request.occurred_at).await?;
    change.order.quote = QuoteStanding::Confirmed { total: quote.total };
    change.happened(Event::QuoteConfirmed);
    commit(dispatch, tx, change, &quote, Event::QuoteConfirmed).await
}

/// The customer declines to bear the cost.
pub async fn decline(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::DeclineQuoteRequest,
) -> Result<pb::Quote, Error> {
    let (mut change, mut quote) = begin(tx, caller, &request.name, &request.etag).await?;
    answer(tx, (&mut change, &mut quote), Step::Decline, &request.name, request.occurred_at).await?;
    change.order.quote = QuoteStanding::Declined;
    change.happened(Event::QuoteDeclined);
    commit(dispatch, tx, change, &quote, Event::QuoteDeclined).await
}

/// Takes the open quote of an order back that is charged by another tariff now, or by none; the order then has none.
pub async fn void_open(tx: &mut TenantTx, order: &mut WorkOrder, at: Timestamp) -> Result<(), Error> {
    if order.quote == QuoteStanding::Open {
        replace_standing(tx, order, at).await?;
        order.quote = QuoteStanding::None;
    }
    Ok(())
}

/// Locks the order of a quote, then the quote: in the order in which every command does.
async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<(Change, Quote), Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", name, COLLECTION)?;
    let parent = order.name(tx.organization_id());
    let not_found = |error| match error {
        Error::NotFound { .. } => Error::NotFound { name: name.to_owned() },
        other => other,
    };
    let change = Change::begin(tx, caller, "name", &parent, "").await.map_err(not_found)?;
    let quote = store::lock(tx, order, id).await?;
    etag::check(etag, quote.version, name)?;
    change.require_open("answer a quote of")?;
    Ok((change, quote))
}

/// The customer's answer, which does not come before he was told.
async fn answer(
    tx: &mut TenantTx,
    (change, quote): (&mut Change, &mut Quote),
    step: Step,
    name: &str,
    stated: Option<prost_types::Timestamp>,
) -> Result<(), Error> {
    quote.state = quote.state.apply(step, name)?;
    change.at = occurred_at("occurred_at", stated, tx.now(), change.order.standing.last(Event::Quoted))?;
    store::save(tx, quote).await
}

/// The price that stands gives way; one that the customer confirmed does not.
async fn replace_standing(tx: &mut TenantTx, order: &WorkOrder, at: Timestamp) -> Result<(), Error> {
    let Some(mut standing) = store::lock_standing(tx, order.id).await? else { return Ok(()) };
    let name = standing.name(tx.organization_id());
    standing.state = standing.state.apply(Step::Replace, &name)?;
    store::save(tx, &mut standing).await?;
    tell(tx, &standing, at);
    Ok(())
}

/// Writes the order that a quote changed and tells of both; the quote is the answer.
async fn commit(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    change: Change,
    quote: &Quote,
    event: Event,
) -> Result<pb::Quote, Error> {
    let at = change.at;
    change.commit(dispatch, tx, event.word()).await?;
    let answer = tell(tx, quote, at);
    tx.audit_as(answer.name.clone(), at);
    Ok(answer)
}

fn tell(tx: &mut TenantTx, quote: &Quote, at: Timestamp) -> pb::Quote {
    let told = quote.to_proto(tx.organization_id());
    events::append(tx, &told.name, &pb::QuoteChanged { quote: Some(told.clone()) }, at);
    told
}

/// Nothing is quoted where nothing is charged: the rule of the verdict says so.
fn require_tariff(change: &Change) -> Result<(), Error> {
    let verdict = &change.order.verdict;
    if !verdict.tariff.is_empty() {
        return Ok(());
    }
    Err(Error::Refused(vec![Refusal {
        rule: verdict.explanation.as_ref().map(|why| why.rule.clone()).unwrap_or_default(),
        subject: change.name.clone(),
        message: Text::new(
            "nothing is charged to the customer, so there is nothing to quote",
            "不向用户收费，无需报价",
        ),
        lifted_by: Vec::new(),
    }]))
}
