//! How well it was done, by those who may rate.

use std::collections::BTreeMap;

use callout_contract::regulation::v1::Explanation;
use rust_decimal::Decimal;

use super::{refusal, unknown};
use crate::{
    Regulation,
    dossier::Actor,
    pack::{Id, Indicator, ScoreResult, Scorecard},
    refusal::Refusal,
};

/// The result of a scorecard.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// The result, rounded as the scorecard says.
    pub result: Decimal,
    /// Why.
    pub explanation: Explanation,
}

impl Regulation {
    /// The result of a scorecard from the marks that this actor gives, one for each indicator.
    ///
    /// # Errors
    /// Every refusal at once: an unknown scorecard, a rater who may not rate, each mark that is missing, unknown or out of
    /// range.
    pub fn rate(&self, scorecard: &str, actor: &Actor, marks: &BTreeMap<Id, Decimal>) -> Result<Score, Vec<Refusal>> {
        let entry = format!("scorecards.{scorecard}");
        let Some(card) = self.pack.scorecards.get(scorecard) else {
            return Err(vec![unknown("", &entry, ("scorecard", "考核表"), scorecard, self.pack.scorecards.keys())]);
        };
        let mut refusals: Vec<_> = self.refuse_role(&card.rule, &entry, actor, &card.by).into_iter().collect();
        refusals.extend(wrong_marks(card, &entry, marks));
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let (result, computation) = result(card, marks);
        let inputs = marks.iter().map(|(indicator, mark)| (format!("mark.{indicator}"), mark.to_string())).collect();
        Ok(Score { result, explanation: self.explain(&card.rule, entry, inputs, format!("{computation} = {result}")) })
    }
}

fn wrong_marks(card: &Scorecard, entry: &str, marks: &BTreeMap<Id, Decimal>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |indicator: &str, en: String, zh: String| {
        refusals.push(refusal(&card.rule, entry, en, zh, vec![format!("mark:{indicator}")]));
    };
    let (min, max) = (card.marks.min, card.marks.max);
    for (id, indicator) in &card.indicators {
        match marks.get(id) {
            None => refuse(id, format!("{} needs a mark", indicator.en), format!("{}须评分", indicator.zh)),
            Some(mark) if (min.0..=max.0).contains(mark) => {}
            Some(mark) => refuse(
                id,
                format!("{mark} for {} is outside {min} to {max}", indicator.en),
                format!("{}的评分 {mark} 超出 {min}~{max}", indicator.zh),
            ),
        }
    }
    for stray in marks.keys().filter(|id| !card.indicators.contains_key(*id)) {
        refusals.push(unknown(&card.rule, entry, ("indicator", "考核指标"), stray, card.indicators.keys()));
    }
    refusals
}

/// Rounded once, at the end: the quotient of a mean and the products of a weighted sum are kept exact until then.
fn result(card: &Scorecard, marks: &BTreeMap<Id, Decimal>) -> (Decimal, String) {
    let rated = card.indicators.iter().filter_map(|(id, indicator)| Some((indicator, *marks.get(id)?)));
    let rated = rated.collect::<Vec<(&Indicator, Decimal)>>();
    match card.result {
        ScoreResult::Mean => {
            let sum = rated.iter().map(|(_, mark)| *mark).sum::<Decimal>();
            let count = Decimal::from(rated.len().max(1));
            (card.rounding.apply(sum / count), format!("{sum} / {count}"))
        }
        ScoreResult::Weighted => {
            let weighted = |(indicator, mark): &(&Indicator, Decimal)| {
                indicator.weight.map_or(Decimal::ZERO, |weight| weight.0) * mark / Decimal::ONE_HUNDRED
            };
            let sum = rated.iter().map(weighted).sum::<Decimal>();
            let terms = rated.iter().map(|(indicator, mark)| match indicator.weight {
                Some(weight) => format!("{mark} x {weight}%"),
                None => mark.to_string(),
            });
            (card.rounding.apply(sum), terms.collect::<Vec<_>>().join(" + "))
        }
    }
}
