//! The result on further scales, and the grade that it reaches.

use rust_decimal::Decimal;

use super::{BlockScore, GradeReached, ScaleValue, round, shown};
use crate::{
    Regulation,
    expression::Inputs,
    facts::Facts,
    pack::{Grades, Scorecard},
    refusal::Refusal,
    source::member,
    vocabulary::words,
};

impl Regulation {
    /// The scales and the grade of a result.
    ///
    /// # Errors
    /// A scale that cannot be computed, because a block that it reads was left out.
    pub(super) fn graded(
        &self,
        card: &Scorecard,
        entry: &str,
        result: Decimal,
        blocks: &[BlockScore],
    ) -> Result<(Vec<ScaleValue>, Option<GradeReached>), Vec<Refusal>> {
        let mut facts = Facts::default().with(words::SCORE_TOTAL, result);
        for block in blocks {
            if let Some(value) = block.value {
                facts.set_block_score(&block.block, value);
            }
        }
        let mut scales = Vec::new();
        let mut refusals = Vec::new();
        for (id, scale) in self.pack.scales_of(card) {
            let path = member(&member(entry, "scales"), id);
            match scale.value.compute(&facts) {
                Ok(computed) => {
                    let value = round(scale.rounding, computed.value);
                    let computation = format!("{} = {} = {value}", scale.value, shown(computed.value));
                    let explanation = self.explain(&scale.rule, path, computed.inputs, computation);
                    scales.push(ScaleValue { scale: id.clone(), value, explanation });
                }
                Err(undecided) => refusals.push(undecided.refusal(&scale.rule, &path)),
            }
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        let grade = self.pack.grades_of(card).and_then(|grades| self.grade(grades, entry, result, &scales));
        Ok((scales, grade))
    }

    fn grade(&self, grades: &Grades, entry: &str, result: Decimal, scales: &[ScaleValue]) -> Option<GradeReached> {
        let (word, value) = match &grades.by {
            None => ("score.total".to_owned(), result),
            Some(scale) => (format!("score.{scale}"), scales.iter().find(|it| it.scale == *scale)?.value),
        };
        let reached = |from: Option<crate::pack::Number>| from.is_none_or(|from| from.0 <= value);
        let grade = grades.ladder.iter().find(|grade| reached(grade.from))?;
        let computation = match grade.from {
            Some(from) => format!("{value} >= {from}: {}", grade.id),
            None => format!("{value} is below the others: {}", grade.id),
        };
        let inputs = Inputs::from([(word, value.to_string())]);
        Some(GradeReached {
            grade: grade.id.clone(),
            failed: grade.failed,
            explanation: self.explain(&grades.rule, member(entry, "grades"), inputs, computation),
        })
    }
}
