//! A person is shown a card.

use callout_casework::{
    day_of,
    ids::{self, CardId, Id as _},
};
use callout_contract::evaluation::v1 as pb;
use callout_journal::{TenantTx, events};
use callout_kit::{Caller, Error, Text, Violations, parse};
use callout_regulation::Actor;

use super::{Card, store};
use crate::{Evaluation, decode, in_force};

/// Characters that a reason may have.
const LONGEST_REASON: usize = 2_000;

/// Enters a card.
///
/// # Errors
/// [`Error::Refused`] by the regulation of the day on which it was shown: from a role that may not enter it, and without
/// what it must say. [`Error::Invalid`] for a day in the future.
pub async fn create(
    evaluation: &Evaluation,
    tx: &mut TenantTx,
    caller: &Caller,
    request: pb::CreateCardRequest,
) -> Result<pb::Card, Error> {
    let organization = ids::organization(caller, "parent", &request.parent)?;
    let asked = request.card.unwrap_or_default();
    let mut violations = Violations::default();
    violations.at_most("card.person", &asked.person, decode::LONGEST_PERSON);
    violations.at_most("card.issuer", &asked.issuer, decode::LONGEST_PERSON);
    violations.at_most("card.reason", &asked.reason, LONGEST_REASON);
    let shown_on = violations.take("card.shown_on", parse::date(&asked.shown_on));
    let (Some(shown_on), true) = (shown_on, violations.is_empty()) else { return Err(violations.into_error()) };
    let regulation = in_force::on(evaluation, tx, "card.shown_on", shown_on)?;
    if shown_on > day_of(tx.now(), regulation.zone()) {
        return Err(Error::invalid("card.shown_on", Text::new("must not be in the future", "不能晚于今天")));
    }
    let actor = Actor::of(caller.roles.iter().cloned());
    let cards = regulation
        .admit_card(&asked.kind, &asked.reason, &asked.issuer, &actor)
        .map_err(in_force::refusing(&request.parent))?;
    let card = Card {
        id: CardId::new(tx.now()),
        kind: asked.kind,
        person: asked.person,
        shown_on,
        reason: asked.reason,
        issuer: asked.issuer,
        entered_by: caller.subject.clone(),
        rule: cards.rule.clone(),
        created_at: tx.now(),
    };
    store::insert(tx, &card).await?;
    let answer = card.to_proto(organization);
    let now = tx.now();
    tx.audit_as(answer.name.clone(), now);
    events::append(tx, &answer.name, &pb::CardShown { card: Some(answer.clone()) }, now);
    Ok(answer)
}
