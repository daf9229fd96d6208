//! What a result was made from, as it is kept with it.

use callout_casework::money;
use callout_contract::evaluation::v1 as pb;
use callout_regulation::Score;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::explanation::Explanation;

/// Everything that a result was made from, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// Each indicator.
    pub indicators: Vec<Indicator>,
    /// Each block.
    pub blocks: Vec<Block>,
    /// The result on other scales.
    pub scales: Vec<Scale>,
    /// The grade that it reaches.
    pub grade: Option<GradeReached>,
    /// What took it away.
    pub cancelled: Vec<Explanation>,
}

/// The score of an indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Indicator {
    /// The block that it belongs to; empty for none.
    pub block: String,
    /// The indicator.
    pub indicator: String,
    /// Its score; none when it was left out.
    pub score: Option<Decimal>,
    /// How it was made.
    pub explanation: Explanation,
}

/// The value of a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// The block.
    pub block: String,
    /// Its weight in per cent.
    pub weight: Decimal,
    /// Its value; none when it was left out.
    pub value: Option<Decimal>,
    /// How it was made.
    pub explanation: Explanation,
}

/// A result on another scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// The scale.
    pub scale: String,
    /// The value.
    pub value: Decimal,
    /// How it was made.
    pub explanation: Explanation,
}

/// A grade that was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradeReached {
    /// The grade.
    pub grade: String,
    /// Whether the period counts as failed.
    pub failed: bool,
    /// Why this one.
    pub explanation: Explanation,
}

impl From<Score> for Scores {
    fn from(score: Score) -> Self {
        let Score { indicators, blocks, scales, grade, cancelled, result: _, explanation: _ } = score;
        let indicator = |it: callout_regulation::IndicatorScore| Indicator {
            block: it.block,
            indicator: it.indicator,
            score: it.score,
            explanation: it.explanation.into(),
        };
        let block = |it: callout_regulation::BlockScore| Block {
            block: it.block,
            weight: it.weight,
            value: it.value,
            explanation: it.explanation.into(),
        };
        let scale = |it: callout_regulation::ScaleValue| Scale {
            scale: it.scale,
            value: it.value,
            explanation: it.explanation.into(),
        };
        Self {
            indicators: indicators.into_iter().map(indicator).collect(),
            blocks: blocks.into_iter().map(block).collect(),
            scales: scales.into_iter().map(scale).collect(),
            grade: grade.map(|it| GradeReached {
                grade: it.grade,
                failed: it.failed,
                explanation: it.explanation.into(),
            }),
            cancelled: cancelled.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&Indicator> for pb::IndicatorScore {
    fn from(it: &Indicator) -> Self {
        Self {
            block: it.block.clone(),
            indicator: it.indicator.clone(),
            score: it.score.map(money::plain).unwrap_or_default(),
            explanation: Some(it.explanation.clone().into()),
        }
    }
}

impl From<&Block> for pb::BlockScore {
    fn from(it: &Block) -> Self {
        Self {
            block: it.block.clone(),
            weight: money::plain(it.weight),
            value: it.value.map(money::plain).unwrap_or_default(),
            explanation: Some(it.explanation.clone().into()),
        }
    }
}

impl From<&Scale> for pb::ScaleValue {
    fn from(it: &Scale) -> Self {
        Self { scale: it.scale.clone(), value: it.value.to_string(), explanation: Some(it.explanation.clone().into()) }
    }
}

impl From<&GradeReached> for pb::GradeReached {
    fn from(it: &GradeReached) -> Self {
        Self { grade: it.grade.clone(), failed: it.failed, explanation: Some(it.explanation.clone().into()) }
    }
}
