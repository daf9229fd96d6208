//! How a case is taken in.

use callout_casework::{
    Settings, Standing,
    ids::{CaseId, CustomerId, Id as _, ProductId},
    limits, occurred_at,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, events, numbers};
use callout_kit::{Caller, Error, Text, Violations};
use callout_regulation::{
    Regulation,
    vocabulary::{Event, WORKS, words},
};
use jiff::{SignedDuration, Timestamp};

use super::{Case, Channel, Kind, LONGEST_TEXT, State, pace, store};
use crate::{Intake, customer};

/// Takes a call in: its clocks start when anybody of the organisation received it.
pub async fn create(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCaseRequest,
) -> Result<pb::Case, Error> {
    let asked = request.case.unwrap_or_default();
    let mut violations = Violations::default();
    let received_at = violations.merge(occurred_at("occurred_at", request.occurred_at, tx.now(), None))?;
    let Called { kind, product, customer, previous } = Called::decode(caller, &asked, &mut violations)?;
    let regulation = in_force(intake, tx, received_at)?;
    known_words(&regulation, &asked, &mut violations);
    let (Some(received_at), Some(kind), true) = (received_at, kind, violations.is_empty()) else {
        return Err(violations.into_error());
    };
    customer::store::require(tx, customer).await?;
    store::require(tx, previous).await?;

    let mut standing = Standing::default();
    standing.facts.set(words::CASE_KIND, kind.word());
    standing.facts.set(words::CASE_WORK, if asked.work.is_empty() { "repair" } else { asked.work.as_str() });
    standing.facts.set(words::CASE_URGENT, asked.urgent);
    standing.happened(Event::Received, received_at);
    let mut state = State::Received;
    if request.at_desk {
        caller.require_permission("intake.cases.pass")?;
        standing.happened(Event::PassedOn, received_at);
        pace::accepted(tx, kind, SignedDuration::ZERO);
        state = State::AtDesk;
    }
    let channel = Channel::from(asked.channel());
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
        channel,
        region: asked.region,
        severity: asked.severity,
        part: asked.part,
        granted: Vec::new(),
        registered: None,
        previous,
        reminders: Vec::new(),
        received_at,
        receiver: caller.subject.clone(),
        receiver_role: caller.roles.first().cloned().unwrap_or_default(),
        state,
        contact_note: String::new(),
        analysis: None,
        regulation: regulation.revision().to_owned(),
        standing,
        created_at: tx.now(),
    };
    case.know(intake, tx).await?;
    let organization = tx.organization_id().to_owned();
    let mut subject = case.subject(&intake.host.library, &organization)?;
    let next_due_at = limits::follow(tx, &mut subject)?;
    let owner = case.owner(&regulation);
    case.standing = subject.standing;
    case.number = number(tx, &regulation).await?;
    let subject = case.subject(&intake.host.library, &organization)?;
    case.register(tx, &subject).await?;
    store::insert(tx, &case, owner.as_deref(), Some(next_due_at)).await?;
    let answer = case.to_proto(&intake.host.library, tx, Some(next_due_at))?;
    tx.audit_as(answer.name.clone(), received_at);
    events::append(tx, &answer.name, &pb::CaseReceived { case: Some(answer.clone()) }, received_at);
    Ok(answer)
}

/// The regulation that a case is judged by; for one whose time is wrong, that of now, so that its words can be checked.
fn in_force(
    intake: &Intake,
    tx: &TenantTx,
    received_at: Option<Timestamp>,
) -> Result<std::sync::Arc<Regulation>, Error> {
    Settings::of(tx)?.regulation_at(&intake.host.library, received_at.unwrap_or(tx.now()))
}

/// What a request says that needs no regulation to be understood.
struct Called {
    kind: Option<Kind>,
    product: Option<ProductId>,
    customer: Option<CustomerId>,
    previous: Option<CaseId>,
}

impl Called {
    fn decode(caller: &Caller, asked: &pb::Case, violations: &mut Violations) -> Result<Self, Error> {
        let kind = Kind::decode(asked.kind());
        let kind = kind.ok_or_else(|| Text::new("must be a kind of case", "必须是有效的请求类别"));
        let kind = violations.take("case.kind", kind);
        let product = violations.merge(ProductId::optional(caller, "case.product", &asked.product))?.flatten();
        let customer = violations.merge(CustomerId::optional(caller, "case.customer", &asked.customer))?.flatten();
        let previous = violations.merge(CaseId::optional(caller, "case.previous", &asked.previous))?.flatten();
        violations.at_most("case.fault", &asked.fault, LONGEST_TEXT);
        Ok(Self { kind, product, customer, previous })
    }
}

/// Refuses words that only a pack can know and the one in force does not have.
///
/// # Errors
/// [`Error::Invalid`] with all of them.
pub fn require_known_words(regulation: &Regulation, asked: &pb::Case) -> Result<(), Error> {
    let mut violations = Violations::default();
    known_words(regulation, asked, &mut violations);
    violations.finish()
}

/// Words of the request that only a pack can know.
fn known_words(regulation: &Regulation, asked: &pb::Case, violations: &mut Violations) {
    let pack = regulation.pack();
    let among = |words: Vec<&String>| words.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    if !asked.work.is_empty() && !WORKS.contains(&asked.work.as_str()) && !pack.works.contains_key(&asked.work) {
        let declared = pack.works.keys().map(String::as_str);
        let known = WORKS.iter().copied().chain(declared).collect::<Vec<_>>().join(", ");
        violations.add(
            "case.work",
            Text::new(format!("must be a kind of work: {known}"), format!("必须是服务类别：{known}")),
        );
    }
    for (field, what_en, what_zh, stated, declared) in [
        ("case.region", "region", "区域", &asked.region, &pack.regions),
        ("case.severity", "severity", "严重程度", &asked.severity, &pack.severities),
        ("case.part", "part", "部件", &asked.part, &pack.parts),
    ] {
        if !stated.is_empty() && !declared.contains_key(stated) {
            let known = among(declared.keys().collect());
            let fault = Text::new(format!("must be a {what_en}: {known}"), format!("必须是{what_zh}：{known}"));
            violations.add(field, fault);
        }
    }
    if !asked.requested_by.is_empty() && !pack.parties.contains_key(&asked.requested_by) {
        let known = among(pack.parties.keys().collect());
        violations
            .add("case.requested_by", Text::new(format!("must be a party: {known}"), format!("必须是相关方：{known}")));
    }
}

/// The next document number, such as `C2026-03-0001`.
async fn number(tx: &mut TenantTx, regulation: &Regulation) -> Result<String, Error> {
    let today = callout_casework::day_of(tx.now(), regulation.zone());
    let serial = numbers::draw(tx, "C", today).await?;
    Ok(format!("C{}-{:02}-{serial:04}", today.year(), today.month()))
}
