//! Cards that a person is shown for his conduct.

use super::{refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    pack::{CardPart, Cards},
    refusal::Refusal,
};

impl Regulation {
    /// Whether a card of this kind, with this reason and issuer, may be entered by this actor.
    ///
    /// # Errors
    /// Every refusal at once: a pack without cards, an unknown kind, another role, each part that is missing.
    pub fn admit_card(&self, kind: &str, reason: &str, issuer: &str, actor: &Actor) -> Result<&Cards, Vec<Refusal>> {
        let Some(cards) = &self.pack.cards else {
            let (en, zh) = ("the regulation has no cards".to_owned(), "规章未规定黄牌、红牌".to_owned());
            return Err(vec![refusal("", "cards", en, zh, Vec::new())]);
        };
        let mut refusals: Vec<_> = self.refuse_role(&cards.rule, "cards", actor, &cards.by).into_iter().collect();
        if !cards.kinds.contains_key(kind) {
            refusals.push(unknown(&cards.rule, "cards", ("card", "牌"), kind, cards.kinds.keys()));
        }
        for part in &cards.needs {
            let (value, en, zh, lifted_by) = match part {
                CardPart::Reason => (reason, "a card needs a reason", "须注明事由", "field:reason"),
                CardPart::Issuer => (issuer, "a card needs an issuer", "须注明出牌人", "field:issuer"),
            };
            if value.trim().is_empty() {
                let lifted_by = vec![lifted_by.to_owned()];
                refusals.push(refusal(&cards.rule, "cards", en.to_owned(), zh.to_owned(), lifted_by));
            }
        }
        if refusals.is_empty() { Ok(cards) } else { Err(refusals) }
    }
}
