//! What happens to a case, each in one transaction.

use callout_casework::{
    day_of,
    ids::{CaseId, CustomerId, Id as _, ProductId},
    regulation_named,
};
use callout_contract::intake::v1 as pb;
use callout_journal::TenantTx;
use callout_kit::{Caller, Error, Text, Violations};
use callout_regulation::vocabulary::{Event, Transition, words};

pub use super::create::create;
use super::{
    Analysis, Case, Cause, Granted, Kind, LONGEST_TEXT, Solution, State, Step, change::Change,
    create::require_known_words, pace, store,
};
use crate::{Intake, agreement, customer, product};

/// The fields that an update may name.
const UPDATABLE: [&str; 8] = ["product", "customer", "contact", "fault", "region", "severity", "part", "previous"];

/// What the caller said is changed; what the case is entitled to is decided anew.
pub async fn update(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::UpdateCaseRequest,
) -> Result<pb::Case, Error> {
    let asked = request.case.clone().unwrap_or_default();
    let paths = request.update_mask.clone().unwrap_or_default().paths;
    let all = paths == ["*"];
    if paths.is_empty() || !(all || paths.iter().all(|path| UPDATABLE.contains(&path.as_str()))) {
        let known = UPDATABLE.join(", ");
        let fault = Text::new(format!("must name some of {known}, or *"), format!("只能包含 {known} 或 *"));
        return Err(Error::invalid("update_mask", fault));
    }
    let named = |path: &str| all || paths.iter().any(|named| named == path);
    if named("fault") {
        require_short("case.fault", &asked.fault)?;
    }
    let mut change = Change::of(tx, caller, &request, &request.etag, None).await?;
    change.require_open("update")?;
    if named("product") {
        change.case.product = ProductId::optional(caller, "case.product", &asked.product)?;
    }
    if named("customer") {
        change.case.customer = CustomerId::optional(caller, "case.customer", &asked.customer)?;
        customer::store::require(tx, change.case.customer).await?;
    }
    if named("previous") {
        change.case.previous = CaseId::optional(caller, "case.previous", &asked.previous)?;
        if change.case.previous == Some(change.case.id) {
            return Err(Error::invalid("case.previous", Text::new("must be another case", "必须是另一请求")));
        }
        store::require(tx, change.case.previous).await?;
    }
    if named("contact") {
        change.case.contact = asked.contact;
    }
    if named("fault") {
        change.case.fault = asked.fault;
    }
    let case = &mut change.case;
    let stated = |path: &str, asked: String, before: &str| if named(path) { asked } else { before.to_owned() };
    case.region = stated("region", asked.region, &case.region);
    case.severity = stated("severity", asked.severity, &case.severity);
    case.part = stated("part", asked.part, &case.part);
    let words = pb::Case {
        region: case.region.clone(),
        severity: case.severity.clone(),
        part: case.part.clone(),
        ..pb::Case::default()
    };
    let regulation = change.case.subject(&intake.host.library, tx.organization_id())?.regulation;
    require_known_words(&regulation, &words)?;
    change.case.know(intake, tx).await?;
    change.commit(intake, tx, "updated").await
}

/// A remedy that the customer asks for is granted.
pub async fn grant(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::GrantRemedyRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
    change.require_open("grant a remedy of")?;
    change.gate(intake, tx, Transition::Grant, caller)?;
    let subject = change.case.subject(&intake.host.library, tx.organization_id())?;
    let mut dossier = subject.dossier(tx)?;
    dossier.records.retain(|record| record.occurred_at <= change.at);
    let verdict = subject.regulation.verdict(&dossier);
    let granted = subject
        .regulation
        .grant(&request.remedy, &dossier, &verdict)
        .map_err(|refusals| callout_casework::refused(&request.name, refusals))?;
    change.case.standing.facts.set(words::CASE_REMEDY, request.remedy.as_str());
    change.case.granted.push(Granted {
        remedy: request.remedy,
        at: change.at,
        by: caller.subject.clone(),
        explanation: granted.explanation.unwrap_or_default(),
    });
    change.happened(Event::Granted);
    change.commit(intake, tx, Event::Granted.word()).await
}

/// The case reached the desk.
pub async fn pass(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::PassCaseRequest,
) -> Result<pb::Case, Error> {
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
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
    pace::accepted(tx, change.case.kind, change.at.duration_since(change.case.received_at));
    change.commit(intake, tx, Event::PassedOn.word()).await
}

/// The desk contacted the user.
pub async fn contact(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::ContactCustomerRequest,
) -> Result<pb::Case, Error> {
    require_short("note", &request.note)?;
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
    change.require_open("contact the customer of")?;
    change.case.contact_note = request.note;
    if change.case.standing.last(Event::Contacted).is_none() {
        pace::contacted(tx, change.case.kind, change.at.duration_since(change.case.received_at));
    }
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
    require_short("answer", &request.answer)?;
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
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
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
    change.require_open("analyse")?;
    let before = change.case.analysis.is_none_or(|analysis| analysis.manual_kept);
    change.case.analysis = Some(Analysis { cause, manual_kept: request.manual_kept.unwrap_or(before) });
    change.case.know(intake, tx).await?;
    change.gate(intake, tx, Transition::Analyse, caller)?;
    change.commit(intake, tx, "analysed").await
}

/// It is fixed how the trouble will be dealt with.
pub async fn fix(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::FixSolutionRequest,
) -> Result<pb::Case, Error> {
    let chosen = request.solution.clone().unwrap_or_default();
    let solution = Solution::decode(&chosen, &request.alternatives)?;
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
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
    require_short("solution", &request.solution)?;
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
    change.step(Step::Solve(request.solution))?;
    change.gate(intake, tx, Transition::Solve, caller)?;
    change.happened(Event::Solved);
    change.commit(intake, tx, Event::Solved.word()).await
}

/// It is withdrawn, or refused for good.
pub async fn cancel(
    intake: &Intake,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CancelCaseRequest,
) -> Result<pb::Case, Error> {
    require_short("reason", &request.reason)?;
    let mut change = Change::of(tx, caller, &request, &request.etag, request.occurred_at).await?;
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
    let mut change = Change::of(tx, caller, &request, "", None).await?;
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

impl Case {
    /// Takes over into the facts what the caller said, what the product's file says, and what the analysis found.
    pub async fn know(&mut self, intake: &Intake, tx: &mut TenantTx) -> Result<(), Error> {
        let organization = tx.organization_id().to_owned();
        let facts = &mut self.standing.facts;
        for (word, said) in [
            (words::CASE_FAULT, &self.fault),
            (words::CASE_CONTACT, &self.contact),
            (words::CASE_REGION, &self.region),
            (words::CASE_SEVERITY, &self.severity),
            (words::CASE_PART, &self.part),
        ] {
            if said.trim().is_empty() {
                facts.forget(word);
            } else {
                facts.set(word, said.as_str());
            }
        }
        match self.previous {
            Some(previous) => facts.set(words::CASE_PREVIOUS, previous.name(&organization)),
            None => facts.forget(words::CASE_PREVIOUS),
        }
        facts.set(words::CASE_CHANNEL, self.channel.word());
        if let Some(Analysis { cause, manual_kept }) = self.analysis {
            facts.set(words::CASE_CAUSE, cause.word());
            facts.set(words::CASE_MANUAL_KEPT, manual_kept);
        }
        // Nothing of another product stays known: who corrects the product corrects what follows from it.
        facts.forget(words::CASE_UNDER_AGREEMENT);
        for word in [words::CASE_PRODUCT, words::PRODUCT_MAKER, words::PRODUCT_SELLER, words::PRODUCT_CATEGORY] {
            facts.forget(word);
        }
        self.standing.warranty_ends_on = None;
        self.standing.product_days.clear();
        self.standing.stated_term = None;
        if let Some(id) = self.product {
            let product = product::store::get(tx, id).await?;
            let facts = &mut self.standing.facts;
            facts.set(words::CASE_PRODUCT, id.name(&organization));
            product.set_facts(facts);
            self.standing.warranty_ends_on = product.warranty_ends_on;
            self.standing.product_days = product.days();
            self.standing.stated_term = product.stated_term;
            let regulation = regulation_named(&intake.host.library, &self.regulation)?;
            let day = day_of(self.received_at, regulation.zone());
            if agreement::store::covers(tx, id, day).await? {
                self.standing.facts.set(words::CASE_UNDER_AGREEMENT, true);
            }
            self.customer = self.customer.or(product.customer);
        }
        Ok(())
    }
}

/// Refuses a text that is longer than the contract lets it be.
fn require_short(field: &str, text: &str) -> Result<(), Error> {
    let mut violations = Violations::default();
    violations.at_most(field, text, LONGEST_TEXT);
    violations.finish()
}
