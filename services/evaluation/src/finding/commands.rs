//! A finding is entered, and what follows from it.

use callout_casework::{
    ids::{self, FindingId, Id as _},
    occurred_at, refused,
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::{
    Actor, Facts, Regulation,
    pack::Consequence,
    vocabulary::{Trigger, words},
};
use jiff::Timestamp;
use rust_decimal::Decimal;

use super::{Finding, store};
use crate::{
    Evaluation,
    concern::Concern,
    decode,
    ledger::{self, Breach, LedgerEntry},
};

/// Characters that a note may have.
const LONGEST_NOTE: usize = 2_000;

/// Enters a finding about a case or an order.
///
/// # Errors
/// What the service that owns the subject refuses with, and those of [`enter`].
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateFindingRequest,
) -> Result<pb::Finding, Error> {
    ids::organization(caller, "parent", &request.parent)?;
    let asked = request.finding.unwrap_or_default();
    let amounts = Amounts::decode(&asked)?;
    let concern = Concern::of(evaluation, caller, "finding.subject", &asked.subject).await?;
    let at = occurred_at("occurred_at", request.occurred_at, tx.now(), concern.began_at)?;
    if let Some(finding) = concern.regulation.pack().findings.get(&asked.kind) {
        let proved = concern.regulation.prove_finding(finding, &asked.kind, &concern.on_record);
        proved.map_err(|refusals| refused(&asked.subject, refusals))?;
    }
    enter(tx, caller, &concern.regulation, asked, amounts, at).await
}

/// Writes a finding, and in the ledger what the regulation of its subject says follows.
///
/// # Errors
/// [`Error::Invalid`] for a kind that the regulation does not know and for an amount where it leaves none to propose;
/// [`Error::Refused`] from a role that may not make the finding, and for an amount outside its band.
pub async fn enter(
    tx: &mut TenantTx,
    caller: &Caller,
    regulation: &Regulation,
    asked: pb::Finding,
    amounts: Amounts,
    at: Timestamp,
) -> Result<pb::Finding, Error> {
    let trigger = Trigger::Finding(asked.kind.clone());
    known_to(regulation, &trigger, &asked.kind, amounts)?;
    let actor = Actor::of(caller.roles.iter().cloned());
    let refuse = |refusals| refused(&asked.subject, refusals);
    regulation.admit_finding(&asked.kind, &actor).map_err(refuse)?;
    let mut facts = Facts::default()
        .with(words::FINDING_EXTRA_COST, amounts.extra_cost)
        .with(words::FINDING_BASE_NUMBER, amounts.base_number);
    if let Some(month_bonus) = amounts.month_bonus {
        facts.set(words::FINDING_MONTH_BONUS, month_bonus);
    }
    let sanctions = regulation.consequences(&trigger, &facts, amounts.proposed, &actor).map_err(refuse)?;

    let finding = Finding {
        id: FindingId::new(tx.now()),
        kind: asked.kind,
        person: asked.person,
        subject: asked.subject,
        note: asked.note,
        extra_cost: amounts.extra_cost,
        proposed_amount: amounts.proposed,
        base_number: amounts.base_number,
        month_bonus: amounts.month_bonus,
        occurred_at: at,
        created_at: tx.now(),
    };
    store::insert(tx, &finding).await?;
    let breach = Breach {
        finding: Some(finding.id),
        trigger: &trigger,
        retractions: 0,
        responsible: &finding.person,
        subject: &finding.subject,
        occurred_at: at,
    };
    let mut entries = Vec::new();
    for sanction in sanctions {
        let entry = LedgerEntry::new(breach, sanction, regulation, tx.now());
        entries.extend(ledger::enter(tx, &entry).await?);
    }
    let answer = finding.to_proto(tx.organization_id(), entries);
    tx.audit_as(answer.name.clone(), at);
    events::append(tx, &answer.name, &pb::FindingMade { finding: Some(answer.clone()) }, at);
    Ok(answer)
}

/// The amounts of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amounts {
    /// The additional cost that it caused.
    pub extra_cost: Decimal,
    /// The amount proposed, where the pack leaves bounds.
    pub proposed: Option<Decimal>,
    /// The base number of the person.
    pub base_number: Decimal,
    /// The whole bonus of the person in the month, where it matters.
    pub month_bonus: Option<Decimal>,
}

impl Amounts {
    /// Reads them from a request, of which everything else that needs no regulation is checked too.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every field that is wrong.
    pub fn decode(asked: &pb::Finding) -> Result<Self, Error> {
        let mut violations = Violations::default();
        violations.at_most("finding.person", &asked.person, decode::LONGEST_PERSON);
        violations.at_most("finding.note", &asked.note, LONGEST_NOTE);
        let amount = |value: &str| if value.is_empty() { Ok(None) } else { parse::amount(value).map(Some) };
        let extra_cost = violations.take("finding.extra_cost", amount(&asked.extra_cost)).flatten();
        let proposed = violations.take("finding.proposed_amount", amount(&asked.proposed_amount)).flatten();
        let base_number = violations.take("finding.base_number", amount(&asked.base_number)).flatten();
        let month_bonus = violations.take("finding.month_bonus", amount(&asked.month_bonus)).flatten();
        violations.finish()?;
        let base_number = base_number.unwrap_or(Decimal::ONE);
        Ok(Self { extra_cost: extra_cost.unwrap_or_default(), proposed, base_number, month_bonus })
    }
}

/// Checks the words of the request that only a pack can know, and that an amount is proposed only where it leaves a band.
fn known_to(regulation: &Regulation, trigger: &Trigger, kind: &str, amounts: Amounts) -> Result<(), Error> {
    let pack = regulation.pack();
    if !pack.findings.contains_key(kind) {
        let known = pack.findings.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let fault = Text::new(format!("must be a kind of finding: {known}"), format!("必须是考核事项：{known}"));
        return Err(Error::invalid("finding.kind", fault));
    }
    let leaves_bounds = |it: &Consequence| it.band.is_some() || it.proposal.is_some();
    let has_band = pack.consequences.values().any(|it| it.on.contains(trigger) && leaves_bounds(it));
    if amounts.proposed.is_some() && !has_band {
        let fault = Text::new("must be empty: the regulation sets the amount", "必须为空：金额由制度规定");
        return Err(Error::invalid("finding.proposed_amount", fault));
    }
    Ok(())
}
