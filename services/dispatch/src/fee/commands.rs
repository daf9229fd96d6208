//! What happens to fees, each in one transaction with the work order whose clocks it starts and stops.

use callout_casework::{
    ids::{self, Id as _, WorkOrderId},
    money, occurred_at,
};
use callout_contract::{dispatch::v1 as pb, regulation::v1::verdict::Outcome};
use callout_journal::{TenantTx, etag, events, paging::Page};
use callout_kit::{Caller, Error, Refusal, Text, clock, parse};
use callout_regulation::vocabulary::{Event, Transition};
use rust_decimal::Decimal;

use super::{COLLECTION, Fee, Handed, Invoice, State, Step, store};
use crate::{
    Dispatch,
    work_order::{self, change::Change},
};

/// Characters of the number of an invoice at most.
const LONGEST_NUMBER: usize = 200;

/// The customer owes something.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateFeeRequest,
) -> Result<pb::Fee, Error> {
    let amount = amount(&request.fee.unwrap_or_default())?;
    let mut change = Change::begin(tx, caller, "parent", &request.parent, "").await?;
    change.occurred(tx, request.occurred_at)?;
    change.require_open("charge a fee for")?;
    require_chargeable(&change)?;
    let regulation = change.subject(dispatch, tx)?.regulation;
    let confirmed = change.order.customer_amount(&regulation, change.at);
    if let Some(confirmed) = confirmed.filter(|confirmed| *confirmed != amount) {
        let confirmed = money::written(confirmed);
        let fault = Text::new(
            format!("must be what the customer pays for this order: {confirmed}"),
            format!("必须与该工单用户应付金额一致：{confirmed}"),
        );
        return Err(Error::invalid("fee.amount", fault));
    }
    change.gate(dispatch, tx, Transition::ChargeFee, caller)?;
    let fee = Fee {
        id: clock::new_id(tx.now()),
        order: change.order.id,
        amount,
        state: State::Due,
        currency: regulation.pack().currency.clone(),
        created_at: tx.now(),
        version: 1,
    };
    store::insert(tx, &fee).await?;
    commit(dispatch, tx, change, &fee, Event::FeeCharged).await
}

/// The customer paid.
pub async fn collect(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CollectFeeRequest,
) -> Result<pb::Fee, Error> {
    let (mut change, mut fee) = begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), since(&change))?;
    let step = Step::Collect(Handed { by: caller.subject.clone(), at: change.at });
    fee.state = fee.state.apply(step, &request.name)?;
    change.gate(dispatch, tx, Transition::CollectFee, caller)?;
    store::save(tx, &mut fee).await?;
    commit(dispatch, tx, change, &fee, Event::FeeCollected).await
}

/// The money was handed in.
pub async fn pay_in(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::PayInFeeRequest,
) -> Result<pb::Fee, Error> {
    let (mut change, mut fee) = begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), since(&change))?;
    let step = Step::PayIn(Handed { by: caller.subject.clone(), at: change.at });
    fee.state = fee.state.apply(step, &request.name)?;
    change.gate(dispatch, tx, Transition::PayInFee, caller)?;
    store::save(tx, &mut fee).await?;
    commit(dispatch, tx, change, &fee, Event::FeePaidIn).await
}

/// It is invoiced.
pub async fn invoice(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::InvoiceFeeRequest,
) -> Result<pb::Fee, Error> {
    if request.invoice_number.chars().count() > LONGEST_NUMBER {
        let fault = Text::new("must have 200 characters at most", "最多 200 个字符");
        return Err(Error::invalid("invoice_number", fault));
    }
    let (mut change, mut fee) = begin(tx, caller, &request.name, &request.etag).await?;
    change.at = occurred_at("occurred_at", request.occurred_at, tx.now(), since(&change))?;
    let step = Step::Invoice(Invoice { number: request.invoice_number, at: change.at });
    fee.state = fee.state.apply(step, &request.name)?;
    change.gate(dispatch, tx, Transition::InvoiceFee, caller)?;
    store::save(tx, &mut fee).await?;
    commit(dispatch, tx, change, &fee, Event::Invoiced).await
}

/// One fee.
pub async fn get(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetFeeRequest,
) -> Result<pb::Fee, Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", &request.name, COLLECTION)?;
    Ok(store::get(tx, order, id).await?.to_proto(tx.organization_id()))
}

/// The fee of a work order.
pub async fn list(
    _: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListFeesRequest,
) -> Result<pb::ListFeesResponse, Error> {
    let order = WorkOrderId::of(caller, "parent", &request.parent)?;
    work_order::exists(tx, order).await?;
    let page = Page::of(&request, request.page_size, &request.page_token, &request.parent)?;
    let (fees, next_page_token) = page.finish(store::page(tx, &page, order).await?, |last| last.id)?;
    let fees = fees.iter().map(|fee| fee.to_proto(tx.organization_id())).collect();
    Ok(pb::ListFeesResponse { fees, next_page_token })
}

/// Locks the order of a fee, then the fee: in the order in which every command does.
async fn begin(tx: &mut TenantTx, caller: &Caller, name: &str, etag: &str) -> Result<(Change, Fee), Error> {
    let (order, id) = ids::child::<WorkOrderId>(caller, "name", name, COLLECTION)?;
    let parent = order.name(tx.organization_id());
    let not_found = |error| match error {
        Error::NotFound { .. } => Error::NotFound { name: name.to_owned() },
        other => other,
    };
    let change = Change::begin(tx, caller, "name", &parent, "").await.map_err(not_found)?;
    let fee = store::lock(tx, order, id).await?;
    etag::check(etag, fee.version, name)?;
    change.require_open("take money for")?;
    Ok((change, fee))
}

/// Nothing happens to a fee before the last thing that did.
fn since(change: &Change) -> Option<jiff::Timestamp> {
    let standing = &change.order.standing;
    let of_fees = [Event::FeeCharged, Event::FeeCollected, Event::FeePaidIn, Event::Invoiced];
    of_fees.into_iter().filter_map(|event| standing.last(event)).max()
}

/// Writes the order that the fee changed and tells of both; the fee is the answer.
async fn commit(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    mut change: Change,
    fee: &Fee,
    event: Event,
) -> Result<pb::Fee, Error> {
    let at = change.at;
    change.order.fee = Some(fee.standing());
    change.happened(event);
    change.commit(dispatch, tx, event.word()).await?;
    let answer = fee.to_proto(tx.organization_id());
    events::append(tx, &answer.name, &pb::FeeChanged { fee: Some(answer.clone()) }, at);
    tx.audit_as(answer.name.clone(), at);
    Ok(answer)
}

fn amount(fee: &pb::Fee) -> Result<Decimal, Error> {
    let amount = parse::amount(&fee.amount).map_err(|fault| Error::invalid("fee.amount", fault))?;
    if amount.is_zero() {
        return Err(Error::invalid("fee.amount", Text::new("must be above zero", "必须大于零")));
    }
    Ok(amount)
}

/// Nothing is charged where the customer owes nothing: the rule of the verdict says so.
fn require_chargeable(change: &Change) -> Result<(), Error> {
    let verdict = &change.order.verdict;
    match verdict.outcome() {
        Outcome::Paid | Outcome::Contract => Ok(()),
        Outcome::Free | Outcome::Held | Outcome::Refused | Outcome::Unspecified => Err(Error::Refused(vec![Refusal {
            rule: verdict.explanation.as_ref().map(|why| why.rule.clone()).unwrap_or_default(),
            subject: change.name.clone(),
            message: Text::new(
                "nothing is charged to the customer, so there is nothing to collect",
                "不向用户收费，无费用可收",
            ),
            lifted_by: Vec::new(),
        }])),
    }
}
