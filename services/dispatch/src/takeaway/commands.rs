//! What happens to goods that were taken away, each in one transaction; and looking at them.

use callout_casework::{
    Standing, Subject, day_of,
    ids::{self, Id as _, ProductId, TakeawayId, WorkOrderId},
    limits, occurred_at,
};
use callout_contract::dispatch::v1 as pb;
use callout_journal::{TenantTx, etag, events, numbers, paging::Page};
use callout_kit::{Caller, Error, Text};
use callout_regulation::{
    Regulation,
    vocabulary::{Event, Transition, words},
};
use jiff::Timestamp;

use super::{RepairDone, State, Step, Takeaway, store};
use crate::{
    Dispatch,
    work_order::{self, WorkOrder, change},
};

/// Characters that a free text may have at most.
const LONGEST_TEXT: usize = 2000;

/// Goods are taken away from the site.
pub async fn create(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateTakeawayRequest,
) -> Result<pb::Takeaway, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.takeaway.unwrap_or_default();
    if asked.goods.chars().count() > LONGEST_TEXT {
        let fault = Text::new("must have 2,000 characters at most", "最多 2000 个字符");
        return Err(Error::invalid("takeaway.goods", fault));
    }
    let mut of_order = change::Change::begin(tx, caller, "takeaway.work_order", &asked.work_order, "").await?;
    let (at_site, since) = of_order.order.state.at_site();
    of_order.require(at_site, "take goods away under", &["ON_SITE", "WORKING"])?;
    of_order.at = occurred_at("occurred_at", request.occurred_at, tx.now(), Some(since))?;
    of_order.gate(dispatch, tx, Transition::TakeAway, caller)?;
    let at = of_order.at;
    of_order.order.taken_away = true;
    of_order.happened(Event::TakenAway);
    let order = of_order.order.clone();
    let regulation = of_order.subject(dispatch, tx)?.regulation;
    of_order.commit(dispatch, tx, Event::TakenAway.word()).await?;

    let product = order.standing.facts.text(words::CASE_PRODUCT);
    let mut takeaway = Takeaway {
        id: TakeawayId::new(tx.now()),
        version: 1,
        order: order.id,
        product: product.and_then(|product| ProductId::parse(&product).ok().map(|(_, product)| product)),
        goods: asked.goods,
        receipt_number: number(tx, &regulation, at).await?,
        taken_at: at,
        state: State::Taken { at },
        standing: Standing::default(),
        created_at: tx.now(),
    };
    takeaway.standing.happened(Event::TakenAway, at);
    store::insert(tx, &takeaway).await?;
    let name = takeaway.id.name(tx.organization_id());
    Change { takeaway, order, name, at }.commit(dispatch, tx, Event::TakenAway).await
}

/// The repair begins.
pub async fn start_repair(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::StartTakeawayRepairRequest,
) -> Result<pb::Takeaway, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Start, request.occurred_at)?;
    change.gate(dispatch, tx, Transition::StartRepair, caller)?;
    change.commit(dispatch, tx, Event::RepairStarted).await
}

/// They are repaired.
pub async fn finish_repair(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::FinishTakeawayRepairRequest,
) -> Result<pb::Takeaway, Error> {
    let done = RepairDone::decode(&request.repair.unwrap_or_default())?;
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::Finish(done), request.occurred_at)?;
    change.gate(dispatch, tx, Transition::FinishRepair, caller)?;
    change.commit(dispatch, tx, Event::Repaired).await
}

/// The customer has them back; his order knows it too, since its clocks may start by that.
pub async fn give_back(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GiveBackTakeawayRequest,
) -> Result<pb::Takeaway, Error> {
    let mut change = Change::begin(tx, caller, "name", &request.name, &request.etag).await?;
    change.step(tx, Step::GiveBack, request.occurred_at)?;
    change.gate(dispatch, tx, Transition::GiveBack, caller)?;
    let order = change.order.id.name(tx.organization_id());
    let mut of_order = change::Change::begin(tx, caller, "name", &order, "").await?;
    of_order.at = change.at;
    of_order.happened(Event::GivenBack);
    change.order = of_order.order.clone();
    if !of_order.order.state.is_final() {
        of_order.commit(dispatch, tx, Event::GivenBack.word()).await?;
    }
    change.commit(dispatch, tx, Event::GivenBack).await
}

/// Something is put on record with them.
pub async fn record(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateTakeawayRecordRequest,
) -> Result<pb::Takeaway, Error> {
    let mut change = Change::begin(tx, caller, "parent", &request.parent, "").await?;
    let mut subject = change.subject(dispatch, tx)?;
    let taken_at = change.takeaway.taken_at;
    let record = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), Some(taken_at))?;
    change.at = record.entry.occurred_at;
    let event = format!("record:{}", record.entry.kind);
    change.takeaway.standing.records = subject.standing.records;
    change.keep(dispatch, tx, &event).await
}

/// One takeaway.
pub async fn get(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetTakeawayRequest,
) -> Result<pb::Takeaway, Error> {
    let takeaway = store::get(tx, TakeawayId::of(caller, "name", &request.name)?).await?;
    let order = work_order::get(tx, takeaway.order).await?;
    takeaway.to_proto(&order, &dispatch.host.library, tx)
}

/// A page of takeaways, the latest first.
pub async fn list(
    dispatch: &Dispatch,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListTakeawaysRequest,
) -> Result<pb::ListTakeawaysResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let wanted = WorkOrderId::optional(caller, "work_order", &request.work_order)?;
    let page = Page::of(
        &request,
        request.page_size,
        &request.page_token,
        &format!("{} {}", request.parent, request.work_order),
    )?;
    let (found, next_page_token) = page.finish(store::page(tx, &page, wanted).await?, |last| last.id.uuid())?;
    let mut takeaways = Vec::with_capacity(found.len());
    for takeaway in found {
        let order = work_order::get(tx, takeaway.order).await?;
        takeaways.push(takeaway.to_proto(&order, &dispatch.host.library, tx)?);
    }
    Ok(pb::ListTakeawaysResponse { takeaways, next_page_token })
}

/// A limit is near its end or ran out: tells of it.
///
/// # Errors
/// Those of the limits, and [`Error::Internal`] when a statement fails.
pub async fn follow_limits(dispatch: &Dispatch, tx: &mut TenantTx, id: TakeawayId) -> Result<(), Error> {
    let mut takeaway = store::lock(tx, id).await?;
    let order = work_order::get(tx, takeaway.order).await?;
    save(dispatch, tx, &mut takeaway, &order).await
}

/// Follows their limits and writes them.
async fn save(dispatch: &Dispatch, tx: &mut TenantTx, takeaway: &mut Takeaway, order: &WorkOrder) -> Result<(), Error> {
    let mut subject = takeaway.subject(order, &dispatch.host.library, tx.organization_id())?;
    limits::follow(tx, &mut subject)?;
    takeaway.standing.told = subject.standing.told;
    takeaway.standing.retractions = subject.standing.retractions;
    store::save(tx, takeaway).await
}

/// Goods that are being changed, with their order as it is.
struct Change {
    takeaway: Takeaway,
    order: WorkOrder,
    name: String,
    at: Timestamp,
}

impl Change {
    async fn begin(tx: &mut TenantTx, caller: &Caller, field: &str, name: &str, etag: &str) -> Result<Self, Error> {
        let id = TakeawayId::of(caller, field, name)?;
        // The order first, in which every command locks.
        let order = store::get(tx, id).await?.order;
        let order = work_order::lock(tx, order).await?;
        let takeaway = store::lock(tx, id).await?;
        etag::check(etag, takeaway.version, name)?;
        Ok(Self { takeaway, order, name: name.to_owned(), at: tx.now() })
    }

    fn step(&mut self, tx: &TenantTx, step: Step, stated: Option<prost_types::Timestamp>) -> Result<(), Error> {
        let from = self.takeaway.state.clone();
        let since = from.since();
        // A step that is not possible is refused as such, whatever time is stated with it.
        from.clone().apply(step.clone(), since, &self.name)?;
        self.at = occurred_at("occurred_at", stated, tx.now(), Some(since))?;
        self.takeaway.state = from.apply(step, self.at, &self.name)?;
        Ok(())
    }

    fn subject(&self, dispatch: &Dispatch, tx: &TenantTx) -> Result<Subject, Error> {
        self.takeaway.subject(&self.order, &dispatch.host.library, tx.organization_id())
    }

    fn gate(&self, dispatch: &Dispatch, tx: &TenantTx, step: Transition, caller: &Caller) -> Result<(), Error> {
        self.subject(dispatch, tx)?.gate(tx, step, self.at, caller)
    }

    /// Notes that something happened to them, writes them and tells of it.
    async fn commit(mut self, dispatch: &Dispatch, tx: &mut TenantTx, event: Event) -> Result<pb::Takeaway, Error> {
        if self.takeaway.standing.last(event).is_none() {
            self.takeaway.standing.happened(event, self.at);
        }
        self.keep(dispatch, tx, event.word()).await
    }

    async fn keep(mut self, dispatch: &Dispatch, tx: &mut TenantTx, event: &str) -> Result<pb::Takeaway, Error> {
        save(dispatch, tx, &mut self.takeaway, &self.order).await?;
        let answer = self.takeaway.to_proto(&self.order, &dispatch.host.library, tx)?;
        let changed = pb::TakeawayChanged { event: event.to_owned(), takeaway: Some(answer.clone()) };
        events::append(tx, &answer.name, &changed, self.at);
        tx.audit_as(answer.name.clone(), self.at);
        Ok(answer)
    }
}

/// The next receipt, such as `R2024-05-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation, at: Timestamp) -> Result<String, Error> {
    let day = day_of(at, regulation.zone());
    let serial = numbers::draw(tx, "R", day).await?;
    Ok(format!("R{}-{:02}-{serial:04}", day.year(), day.month()))
}
