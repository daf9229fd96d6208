//! What happens to agreements, each in one transaction; and looking at them.

use callout_casework::{
    Settings, Standing,
    ids::{self, CustomerAgreementId, CustomerId, Id as _, ProductId},
    limits, occurred_at,
};
use callout_contract::intake::v1 as pb;
use callout_journal::{TenantTx, etag, events, paging::Page};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::vocabulary::Event;
use jiff::Timestamp;

use super::{Agreement, State, Step, store};
use crate::{Intake, customer, product};

/// Characters that a free text may have at most.
const LONGEST_TEXT: usize = 2000;

/// An agreement is made with a customer.
pub async fn create(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAgreementRequest,
) -> Result<pb::Agreement, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.agreement.unwrap_or_default();
    let customer = CustomerId::of(caller, "agreement.customer", &asked.customer)?;
    let product = ProductId::of(caller, "agreement.product", &asked.product)?;
    let mut violations = Violations::default();
    violations.at_most("agreement.terms", &asked.terms, LONGEST_TEXT);
    let starts_on = violations.take("agreement.starts_on", parse::date(&asked.starts_on));
    let ends_on = violations.take("agreement.ends_on", parse::date(&asked.ends_on));
    let (Some(starts_on), Some(ends_on), true) = (starts_on, ends_on, violations.is_empty()) else {
        return Err(violations.into_error());
    };
    if ends_on < starts_on {
        return Err(Error::invalid(
            "agreement.ends_on",
            Text::new("must not be before starts_on", "不能早于 starts_on"),
        ));
    }
    customer::store::require(tx, Some(customer)).await?;
    product::store::get(tx, product).await?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), None)?;
    let regulation = Settings::of(tx)?.regulation_at(&intake.host.library, at)?;
    let agreement = Agreement {
        id: CustomerAgreementId::new(tx.now()),
        version: 1,
        customer,
        product,
        starts_on,
        ends_on,
        terms: asked.terms,
        state: State::InForce,
        regulation: regulation.revision().to_owned(),
        standing: Standing::default(),
        created_at: tx.now(),
    };
    begin(intake, tx, agreement, at).await
}

/// Another one runs from the day after its last; answers with the new one.
pub async fn renew(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::RenewAgreementRequest,
) -> Result<pb::Agreement, Error> {
    let ends_on = parse::date(&request.ends_on).map_err(|fault| Error::invalid("ends_on", fault))?;
    let mut old = store::lock(tx, CustomerAgreementId::of(caller, "name", &request.name)?).await?;
    etag::check(&request.etag, old.version, &request.name)?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), old.standing.last(Event::Agreed))?;
    let id = CustomerAgreementId::new(tx.now());
    old.state = old.state.apply(Step::Renew(id), &request.name)?;
    if ends_on <= old.ends_on {
        let fault = Text::new("must be after the last day of the agreement", "必须晚于原合同的最后一日");
        return Err(Error::invalid("ends_on", fault));
    }
    let starts_on = old.ends_on.tomorrow().map_err(|fault| Error::Internal(fault.into()))?;
    let next = Agreement {
        id,
        version: 1,
        starts_on,
        ends_on,
        state: State::InForce,
        regulation: Settings::of(tx)?.regulation_at(&intake.host.library, at)?.revision().to_owned(),
        standing: Standing::default(),
        created_at: tx.now(),
        ..old.clone()
    };
    keep(intake, tx, old, at).await?;
    begin(intake, tx, next, at).await
}

/// Something is put on record.
pub async fn record(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateAgreementRecordRequest,
) -> Result<pb::Agreement, Error> {
    let mut agreement = store::lock(tx, CustomerAgreementId::of(caller, "parent", &request.parent)?).await?;
    let mut subject = agreement.subject(&intake.host.library, tx.organization_id())?;
    let agreed_at = agreement.standing.last(Event::Agreed);
    let record = subject.put_on_record(tx, caller, request.record.unwrap_or_default(), agreed_at)?.clone();
    let at = record.entry.occurred_at;
    agreement.standing.records.push(record);
    keep(intake, tx, agreement, at).await
}

/// One agreement.
pub async fn get(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GetAgreementRequest,
) -> Result<pb::Agreement, Error> {
    store::get(tx, CustomerAgreementId::of(caller, "name", &request.name)?).await?.to_proto(&intake.host.library, tx)
}

/// A page of agreements, the latest first.
pub async fn list(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ListAgreementsRequest,
) -> Result<pb::ListAgreementsResponse, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let wanted = CustomerId::optional(caller, "customer", &request.customer)?;
    let of = format!("{} {}", request.parent, request.customer);
    let page = Page::of(&request, request.page_size, &request.page_token, &of)?;
    let (found, next_page_token) = page.finish(store::page(tx, &page, wanted).await?, |last| last.id.uuid())?;
    let agreements = found.iter().map(|agreement| agreement.to_proto(&intake.host.library, tx));
    Ok(pb::ListAgreementsResponse { agreements: agreements.collect::<Result<_, _>>()?, next_page_token })
}

/// A limit is near its end or ran out: tells of it.
///
/// # Errors
/// Those of the limits, and [`Error::Internal`] when a statement fails.
pub async fn follow_limits(intake: &Intake, tx: &mut TenantTx, id: CustomerAgreementId) -> Result<(), Error> {
    let mut agreement = store::lock(tx, id).await?;
    follow(intake, tx, &mut agreement)?;
    store::save(tx, &mut agreement).await
}

/// Writes a new agreement and tells of it.
async fn begin(
    intake: &Intake,
    tx: &mut TenantTx,
    mut agreement: Agreement,
    at: Timestamp,
) -> Result<pb::Agreement, Error> {
    agreement.standing.happened(Event::Agreed, at);
    follow(intake, tx, &mut agreement)?;
    store::insert(tx, &agreement).await?;
    tell(intake, tx, &agreement, at)
}

/// Writes an agreement that was locked and tells of it.
async fn keep(
    intake: &Intake,
    tx: &mut TenantTx,
    mut agreement: Agreement,
    at: Timestamp,
) -> Result<pb::Agreement, Error> {
    follow(intake, tx, &mut agreement)?;
    store::save(tx, &mut agreement).await?;
    tell(intake, tx, &agreement, at)
}

fn follow(intake: &Intake, tx: &mut TenantTx, agreement: &mut Agreement) -> Result<(), Error> {
    let mut subject = agreement.subject(&intake.host.library, tx.organization_id())?;
    match agreement.state {
        State::InForce => limits::follow(tx, &mut subject).map(drop)?,
        State::Renewed { .. } => limits::end(tx, &mut subject)?,
    }
    agreement.standing.told = subject.standing.told;
    agreement.standing.retractions = subject.standing.retractions;
    Ok(())
}

fn tell(intake: &Intake, tx: &mut TenantTx, agreement: &Agreement, at: Timestamp) -> Result<pb::Agreement, Error> {
    let answer = agreement.to_proto(&intake.host.library, tx)?;
    events::append(tx, &answer.name, &pb::AgreementChanged { agreement: Some(answer.clone()) }, at);
    tx.audit_as(answer.name.clone(), at);
    Ok(answer)
}
