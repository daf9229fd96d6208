//! What happens to a case, each in one transaction.

use callout_casework::{
    Settings, Standing,
    ids::{CaseId, CustomerId, Id as _, ProductId, WorkOrderId},
    limits, occurred_at,
};
use callout_contract::{dispatch::v1 as dispatch, intake::v1 as pb};
use callout_journal::{TenantTx, etag, events, numbers};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Regulation,
    vocabulary::{Event, Transition, words},
};
use jiff::Timestamp;
use tonic::Request;
use uuid::Uuid;

use super::{
    Analysis, Case, Cause, Kind, Solution, State, Step,
    store::{self, Kept},
};
use crate::{Intake, customer, product};

/// Takes a call in: its clocks start when anybody of the organisation received it.
pub async fn create(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCaseRequest,
) -> Result<pb::Case, Error> {
    let asked = request.case.unwrap_or_default();
    let received_at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    let kind = Kind::decode(asked.kind())
        .ok_or_else(|| Error::invalid("case.kind", Text::new("must be a kind of case", "必须是有效的请求类别")))?;
    let product = ProductId::optional(caller, "case.product", &asked.product)?;
    let customer = CustomerId::optional(caller, "case.customer", &asked.customer)?;
    customer::store::require(tx, customer).await?;
    let settings = Settings::of(tx)?;
    let regulation = settings.regulation_at(&intake.host.library, received_at)?;
    known_words(&regulation, &asked)?;

    let mut standing = Standing::default();
    standing.facts.set(words::CASE_KIND, kind.word());
    standing.facts.set(words::CASE_WORK, if asked.work.is_empty() { "repair" } else { asked.work.as_str() });
    standing.facts.set(words::CASE_URGENT, asked.urgent);
    standing.happened(Event::Received, received_at);
    let receiver_role = caller.roles.first().cloned().unwrap_or_default();
    let mut state = State::Received;
    if request.at_desk {
        caller.require_permission("intake.cases.pass")?;
        standing.happened(Event::PassedOn, received_at);
        state = State::AtDesk;
    }
    let mut case = Case {
        id: CaseId::new(tx.now()),
        version: 1,
        number: String::new(),
        kind,
        product,
        customer,
        contact: asked.contact,
        fault: asked.fault,
        work: asked.work,
        urgent: asked.urgent,
        requested_by: asked.requested_by,
        received_at,
        receiver: caller.subject.clone(),
        receiver_role,
        state,
        analysis: None,
        regulation: regulation.revision().to_owned(),
        standing,
        created_at: tx.now(),
    };
    case.know(tx).await?;
    let organization = tx.organization_id().to_owned();
    let mut subject = case.subject(&intake.host.library, &organization)?;
    let next_due_at = limits::follow(tx, &mut subject).await?;
    let owner = case.owner(&regulation);
    case.standing = subject.standing;
    case.number = number(tx, &regulation).await?;
    store::insert(tx, &case, owner.as_deref(), Some(next_due_at)).await?;
    let answer = case.to_proto(&intake.host.library, tx, Some(next_due_at))?;
    tx.audit_as(answer.name.clone(), received_at);
    events::append(tx, &answer.name, &pb::CaseReceived { case: Some(answer.clone()) }, received_at).await?;
    Ok(answer)
}

/// The fields that an update may name.
const UPDATABLE: [&str; 4] = ["product", "customer", "contact", "fault"];

/// What the caller said is changed; what the case is entitled to is decided anew.
pub async fn update(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::UpdateCaseRequest,
) -> Result<pb::Case, Error> {
    let asked = request.case.unwrap_or_default();
    let paths = request.update_mask.unwrap_or_default().paths;
    let all = paths == ["*"];
    if paths.is_empty() || !(all || paths.iter().all(|path| UPDATABLE.contains(&path.as_str()))) {
        let known = UPDATABLE.join(", ");
        let fault = Text::new(format!("must name some of {known}, or *"), format!("只能包含 {known} 或 *"));
        return Err(Error::invalid("update_mask", fault));
    }
    let named = |path: &str| all || paths.iter().any(|named| named == path);
    let mut change = Change::begin(tx, caller, &asked.name, &request.etag, None).await?;
    change.require_open("update")?;
    if named("product") {
        change.case.product = ProductId::optional(caller, "case.product", &asked.product)?;
    }
    if named("customer") {
        change.case.customer = CustomerId::optional(caller, "case.customer", &asked.customer)?;
        customer::store::require(tx, change.case.customer).await?;
    }
    if named("contact") {
        change.case.contact = asked.contact;
    }
    if named("fault") {
        change.case.fault = asked.fault;
    }
    change.case.know(tx).await?;
    change.commit(intake, tx, "updated").await
}

/// The case reached the desk.
pub async fn pass(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::PassCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    if change.case.standing.last(Event::PassedOn).is_some() {
        return Err(Error::WrongState {
            name: request.name,
            state: change.case.state.word().to_owned(),
            attempted: "pass".to_owned(),
            allowed: vec!["RECEIVED".to_owned()],
        });
    }
    change.step(Step::Pass)?;
    change.happened(Event::PassedOn);
    change.commit(intake, tx, Event::PassedOn.word()).await
}

/// The desk contacted the user.
pub async fn contact(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ContactCustomerRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.require_open("contact the customer of")?;
    change.happened(Event::Contacted);
    change.commit(intake, tx, Event::Contacted.word()).await
}

/// An enquiry is answered.
pub async fn answer(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AnswerCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    if change.case.kind != Kind::Enquiry {
        let fault = Text::new("must be a case of kind ENQUIRY", "必须是咨询类请求");
        return Err(Error::invalid("name", fault));
    }
    change.step(Step::Answer(request.answer))?;
    change.gate(intake, tx, Transition::Answer, caller)?;
    change.happened(Event::Answered);
    change.commit(intake, tx, Event::Answered.word()).await
}

/// The analysis found something: what the case is entitled to is decided anew.
pub async fn analyse(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::AnalyseCaseRequest,
) -> Result<pb::Case, Error> {
    let cause = Cause::decode(request.cause())
        .ok_or_else(|| Error::invalid("cause", Text::new("must be a cause", "必须是有效的原因")))?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.require_open("analyse")?;
    let before = change.case.analysis.is_none_or(|analysis| analysis.manual_kept);
    change.case.analysis = Some(Analysis { cause, manual_kept: request.manual_kept.unwrap_or(before) });
    change.case.know(tx).await?;
    change.commit(intake, tx, "analysed").await
}

/// It is fixed how the trouble will be dealt with.
pub async fn fix(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::FixSolutionRequest,
) -> Result<pb::Case, Error> {
    let solution = Solution::decode(request.solution.unwrap_or_default(), request.alternatives)?;
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.step(Step::Fix(solution))?;
    change.happened(Event::SolutionFixed);
    change.commit(intake, tx, Event::SolutionFixed.word()).await
}

/// It is solved at once, without a work order.
pub async fn solve(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::SolveCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.step(Step::Solve(request.solution))?;
    change.gate(intake, tx, Transition::Solve, caller)?;
    change.happened(Event::SolutionFixed);
    change.commit(intake, tx, "solved").await
}

/// Dispatch opens a work order.
///
/// The call to dispatch is made inside the transaction, under a request id that follows from this one's: however often
/// this is tried, there is one order, and should this end between the two, the order's event makes up for it.
pub async fn dispatch(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::DispatchCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    let State::SolutionFixed { solution } = change.case.state.clone() else {
        let nobody = WorkOrderId::from_uuid(Uuid::nil());
        return change
            .step(Step::Dispatch(nobody))
            .and(Err(Error::Internal(anyhow::anyhow!("dispatched from nowhere"))));
    };
    let subject = change.case.subject(&intake.host.library, tx.organization_id())?;
    let verdict = change.case.verdict(&subject, tx)?;
    change.case.standing.facts.set_verdict(&verdict);
    change.gate(intake, tx, Transition::Dispatch, caller)?;
    let request_id = parse::request_id(&request.request_id).map_err(|fault| Error::invalid("request_id", fault))?;
    let organization = tx.organization_id();
    let order = dispatch::CreateWorkOrderRequest {
        parent: format!("organizations/{organization}"),
        case: change.case.id.name(organization),
        mode: dispatch::WorkMode::from(solution.mode).into(),
        distance_km: solution.distance_km.map(callout_casework::money::plain).unwrap_or_default(),
        verdict: Some(verdict),
        facts: change.case.standing.facts.written(),
        milestones: change.case.standing.to_milestones(),
        regulation: change.case.regulation.clone(),
        options: options(&solution),
        occurred_at: Some(parse::to_timestamp(change.at)),
        request_id: Uuid::new_v5(&request_id, b"dispatch.CreateWorkOrder").to_string(),
    };
    let mut orders = dispatch::work_orders_client::WorkOrdersClient::new(intake.peers.dispatch.clone());
    let order = orders.create_work_order(Request::new(order)).await?.into_inner();
    let (_, id) = WorkOrderId::parse(&order.name).map_err(|fault| Error::Internal(anyhow::anyhow!("{fault}")))?;
    change.step(Step::Dispatch(id))?;
    change.happened(Event::Dispatched);
    change.commit(intake, tx, Event::Dispatched.word()).await
}

/// It is withdrawn, or refused for good.
pub async fn cancel(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CancelCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.name, &request.etag, request.occurred_at).await?;
    change.step(Step::Cancel(request.reason))?;
    change.commit(intake, tx, "cancelled").await
}

/// Something is put on record.
pub async fn record(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCaseRecordRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::begin(tx, caller, &request.parent, "", None).await?;
    // What a first receiver has dealt with is recorded by the desk afterwards; only what came to nothing is not.
    if let State::Cancelled { .. } = change.case.state {
        change.require_open("put something on record with")?;
    }
    let organization = tx.organization_id().to_owned();
    let mut subject = change.case.subject(&intake.host.library, &organization)?;
    let received_at = change.case.received_at;
    let record = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), Some(received_at))?;
    change.at = record.entry.occurred_at;
    let event = format!("record:{}", record.entry.kind);
    change.case.standing = subject.standing;
    change.commit(intake, tx, &event).await
}

/// Dispatch closed the work order, or ended it without work.
pub async fn work_ended(
    intake: &Intake,
    tx: &mut TenantTx,
    order: WorkOrderId,
    closed: bool,
    at: Timestamp,
) -> Result<(), Error> {
    let Some(id) = store::of_work_order(tx, order).await? else { return Ok(()) };
    let Kept { case, .. } = store::lock(tx, id).await?;
    let name = case.id.name(tx.organization_id());
    if !matches!(case.state, State::Dispatched { work_order, .. } if work_order == order) {
        return Ok(());
    }
    let mut change = Change { open_before: true, case, name, at };
    change.step(if closed { Step::Close } else { Step::Reopen })?;
    change.commit(intake, tx, if closed { "solved" } else { "reopened" }).await.map(drop)
}

/// A limit ran out: tells of it.
pub async fn limit_ran_out(intake: &Intake, tx: &mut TenantTx, id: CaseId) -> Result<(), Error> {
    let Kept { mut case, .. } = store::lock(tx, id).await?;
    let mut subject = case.subject(&intake.host.library, tx.organization_id())?;
    let open = !case.state.is_final();
    let next_due_at = limits::follow(tx, &mut subject).await?;
    let owner = case.owner(&subject.regulation);
    case.standing = subject.standing;
    store::save(tx, &mut case, owner.as_deref(), open.then_some(next_due_at)).await
}

impl Case {
    /// Takes over into the facts what the caller said, what the product's file says, and what the analysis found.
    async fn know(&mut self, tx: &mut TenantTx) -> Result<(), Error> {
        let organization = tx.organization_id().to_owned();
        let facts = &mut self.standing.facts;
        if !self.fault.trim().is_empty() {
            facts.set(words::CASE_FAULT, self.fault.as_str());
        }
        if !self.contact.trim().is_empty() {
            facts.set(words::CASE_CONTACT, self.contact.as_str());
        }
        if let Some(Analysis { cause, manual_kept }) = self.analysis {
            facts.set(words::CASE_CAUSE, cause.word());
            facts.set(words::CASE_MANUAL_KEPT, manual_kept);
        }
        if let Some(id) = self.product {
            let product = product::store::get(tx, id).await?;
            let facts = &mut self.standing.facts;
            facts.set(words::CASE_PRODUCT, id.name(&organization));
            product.set_facts(facts);
            self.standing.warranty_ends_on = product.warranty_ends_on;
            self.customer = self.customer.or(product.customer);
        }
        Ok(())
    }
}

/// A case that is being changed.
struct Change {
    open_before: bool,
    case: Case,
    name: String,
    at: Timestamp,
}

impl Change {
    /// Locks the case and checks what the caller says of it.
    async fn begin(
        tx: &mut TenantTx,
        caller: &Caller,
        name: &str,
        etag: &str,
        stated: Option<prost_types::Timestamp>,
    ) -> Result<Self, Error> {
        let Kept { case, .. } = store::lock(tx, CaseId::of(caller, "name", name)?).await?;
        etag::check(etag, case.version, name)?;
        let at = occurred_at("occurred_at", stated, tx.now(), Some(case.received_at))?;
        Ok(Self { open_before: !case.state.is_final(), case, name: name.to_owned(), at })
    }

    fn step(&mut self, step: Step) -> Result<(), Error> {
        self.case.state = self.case.state.clone().apply(step, &self.name)?;
        Ok(())
    }

    fn happened(&mut self, event: Event) {
        self.case.standing.happened(event, self.at);
    }

    fn gate(&self, intake: &Intake, tx: &TenantTx, transition: Transition, caller: &Caller) -> Result<(), Error> {
        self.case.subject(&intake.host.library, tx.organization_id())?.gate(tx, transition, self.at, caller)
    }

    fn require_open(&self, attempted: &str) -> Result<(), Error> {
        if !self.case.state.is_final() {
            return Ok(());
        }
        Err(Error::WrongState {
            name: self.name.clone(),
            state: self.case.state.word().to_owned(),
            attempted: attempted.to_owned(),
            allowed: ["RECEIVED", "AT_DESK", "SOLUTION_FIXED", "DISPATCHED"].map(str::to_owned).to_vec(),
        })
    }

    /// Follows the limits, writes the case and tells of `event`.
    async fn commit(mut self, intake: &Intake, tx: &mut TenantTx, event: &str) -> Result<pb::Case, Error> {
        let library = &intake.host.library;
        let mut subject = self.case.subject(library, tx.organization_id())?;
        let next_due_at = limits::follow(tx, &mut subject).await?;
        let open = !self.case.state.is_final();
        let next_due_at = open.then_some(next_due_at);
        let owner = self.case.owner(&subject.regulation);
        self.case.standing = subject.standing;
        store::save(tx, &mut self.case, owner.as_deref(), next_due_at).await?;
        let answer = self.case.to_proto(library, tx, next_due_at)?;
        tx.audit_as(answer.name.clone(), self.at);
        if open || !self.open_before {
            let progressed = pb::CaseProgressed { event: event.to_owned(), case: Some(answer.clone()) };
            events::append(tx, &answer.name, &progressed, self.at).await?;
        } else {
            events::append(tx, &answer.name, &pb::CaseEnded { case: Some(answer.clone()) }, self.at).await?;
        }
        Ok(answer)
    }
}

/// Words of the request that only a pack can know.
fn known_words(regulation: &Regulation, asked: &pb::Case) -> Result<(), Error> {
    let pack = regulation.pack();
    let mut violations = Violations::default();
    let among = |words: Vec<&String>| words.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !asked.work.is_empty() && !pack.works.contains_key(&asked.work) {
        let known = among(pack.works.keys().collect());
        violations.add(
            "case.work",
            Text::new(format!("must be a kind of work: {known}"), format!("必须是服务类别：{known}")),
        );
    }
    if !asked.requested_by.is_empty() && !pack.parties.contains_key(&asked.requested_by) {
        let known = among(pack.parties.keys().collect());
        violations
            .add("case.requested_by", Text::new(format!("must be a party: {known}"), format!("必须是相关方：{known}")));
    }
    violations.finish()
}

fn options(solution: &Solution) -> Vec<dispatch::SolutionOption> {
    let option = |(index, option): (usize, &super::SolutionOption)| dispatch::SolutionOption {
        mode: dispatch::WorkMode::from(option.mode).into(),
        solves: option.solves,
        company_cost: callout_casework::money::written(option.company_cost),
        customer_cost: callout_casework::money::written(option.customer_cost),
        chosen: index == 0,
    };
    solution.options.iter().enumerate().map(option).collect()
}

/// The next document number, such as `C2026-03-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation) -> Result<String, Error> {
    let today = callout_casework::day_of(tx.now(), regulation.zone());
    let serial = numbers::next(tx, "C", today).await?;
    Ok(format!("C{}-{:02}-{serial:04}", today.year(), today.month()))
}
