//! What customers ticked for a person.

use std::collections::BTreeMap;

use callout_contract::evaluation::v1::DegreeCount;
use callout_regulation::pack::Survey;

use super::Answer;

/// How often each degree was ticked, in the order of the criteria, the best first.
pub fn count<'a>(survey: &Survey, answers: impl Iterator<Item = &'a Answer>) -> Vec<DegreeCount> {
    let mut ticked: BTreeMap<(usize, u32), i32> = BTreeMap::new();
    for (criterion, degree) in answers.flat_map(|answer| &answer.degrees) {
        if let Some(place) = survey.criteria.get_index_of(criterion) {
            *ticked.entry((place, *degree)).or_default() += 1;
        }
    }
    let counted = |((place, degree), count): ((usize, u32), i32)| {
        let (criterion, entry) = survey.criteria.get_index(place)?;
        Some(DegreeCount {
            criterion: criterion.clone(),
            degree: i32::try_from(degree).unwrap_or(i32::MAX),
            count,
            rule: entry.rule.clone(),
        })
    };
    ticked.into_iter().filter_map(counted).collect()
}
