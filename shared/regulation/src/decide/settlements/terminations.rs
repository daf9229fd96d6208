//! When an agreement ends, or may be ended, before its term.

use std::collections::BTreeSet;

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{
    super::{refusal, unknown},
    AgreementIncident, entry,
};
use crate::{
    Regulation,
    calendar::CalendarPeriod,
    dossier::Actor,
    expression::Inputs,
    pack::{Id, LowScores, Settlement, TerminationEffect, TooMany},
    refusal::Refusal,
};

/// The score of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScoredPeriod {
    /// The period.
    pub period: CalendarPeriod,
    /// Its score.
    pub score: Decimal,
}

/// A ground on which an agreement ends, or may be ended.
#[derive(Clone, Debug, PartialEq)]
pub struct TerminationGround {
    /// Its id, of the settlement's `terminations`.
    pub ground: Id,
    /// What follows from it.
    pub effect: TerminationEffect,
    /// Why.
    pub explanation: Explanation,
}

/// What a ground rests on, for people and for a machine.
struct Proof {
    inputs: Inputs,
    computation: String,
}

impl Regulation {
    /// The grounds on which an agreement ends, or may be ended, by the scores of its periods, in their order, and by what
    /// happened under it. What came before the agreement does not count.
    #[must_use]
    pub fn terminations(
        &self,
        kind: &str,
        settlement: &Settlement,
        scores: &[ScoredPeriod],
        incidents: &[AgreementIncident],
    ) -> Vec<TerminationGround> {
        let grounds = settlement.terminations.iter().filter_map(|(id, termination)| {
            let proof = match (&termination.scores, &termination.incidents) {
                (Some(low), _) => low_scores(*low, scores)?,
                (None, Some(many)) => self.too_many(many, settlement, incidents)?,
                (None, None) => return None,
            };
            let entry = format!("{}.terminations.{id}", entry(kind));
            Some(TerminationGround {
                ground: id.clone(),
                effect: termination.effect,
                explanation: self.explain(&termination.rule, entry, proof.inputs, proof.computation),
            })
        });
        grounds.collect()
    }

    /// Whether this actor may end an agreement on a ground, when those of `holding` hold.
    ///
    /// # Errors
    /// Every refusal at once: an unknown ground, another role, a ground that does not hold.
    pub fn admit_termination(
        &self,
        kind: &str,
        ground: &str,
        actor: &Actor,
        holding: &[TerminationGround],
    ) -> Result<(), Vec<Refusal>> {
        let settlement = self.settlement(kind)?;
        let entry = format!("{}.terminations.{ground}", entry(kind));
        let Some(termination) = settlement.terminations.get(ground) else {
            let what = ("ground of termination", "解除事由");
            return Err(vec![unknown(&settlement.rule, &entry, what, ground, settlement.terminations.keys())]);
        };
        let mut refusals: Vec<_> =
            self.refuse_role(&settlement.rule, &entry, actor, &settlement.by).into_iter().collect();
        if !holding.iter().any(|held| held.ground == ground) {
            let (en, zh) = (format!("{} does not hold", termination.en), format!("不存在“{}”的情形", termination.zh));
            refusals.push(refusal(&termination.rule, &entry, en, zh, vec![format!("ground:{ground}")]));
        }
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    fn too_many(&self, many: &TooMany, settlement: &Settlement, incidents: &[AgreementIncident]) -> Option<Proof> {
        let counted: Vec<_> = incidents.iter().filter(|incident| many.of.contains(&incident.kind)).collect();
        let proof = |count: usize, within: &str| {
            let reached = u32::try_from(count).unwrap_or(u32::MAX) >= many.min;
            reached.then(|| Proof {
                inputs: Inputs::from([("incidents".to_owned(), count.to_string())]),
                computation: format!("{count} x {} {within} >= {}", many.of.join(" or "), many.min),
            })
        };
        if !many.in_period {
            return proof(counted.len(), "under the agreement");
        }
        let periods = counted.iter().filter_map(|incident| settlement.period.containing(self.day(incident)).ok());
        let periods: BTreeSet<_> = periods.map(|period| (period.first_on(), period.to_string())).collect();
        periods.into_iter().find_map(|(first, period)| {
            let of_period = counted
                .iter()
                .filter(|incident| {
                    settlement.period.containing(self.day(incident)).is_ok_and(|other| other.first_on() == first)
                })
                .count();
            proof(of_period, &format!("in {period}"))
        })
    }
}

fn low_scores(low: LowScores, scores: &[ScoredPeriod]) -> Option<Proof> {
    let is_low = |scored: &ScoredPeriod| scored.score < low.below.0;
    let proof = |periods: &[ScoredPeriod], how: String| {
        let said = periods.iter().map(|it| format!("{}: {}", it.period, it.score)).collect::<Vec<_>>();
        Proof {
            inputs: periods.iter().map(|it| (format!("score.{}", it.period), it.score.to_string())).collect(),
            computation: format!("{} below {}: {how}", said.join(", "), low.below),
        }
    };
    if let Some(wanted) = low.consecutive {
        let wanted = wanted as usize;
        let adjacent = |pair: &[ScoredPeriod]| {
            pair[0].period.next().is_ok_and(|next| next.first_on() == pair[1].period.first_on())
        };
        let run = scores
            .windows(wanted.max(1))
            .find(|window| window.iter().all(is_low) && window.windows(2).all(adjacent))?;
        return Some(proof(run, format!("{wanted} one after the other")));
    }
    let total = low.total? as usize;
    let lows: Vec<ScoredPeriod> = scores.iter().copied().filter(is_low).collect();
    (lows.len() >= total).then(|| proof(&lows, format!("{} in all", lows.len())))
}
