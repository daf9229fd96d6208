//! Scorecards and pay with mistakes, in a pack that is right otherwise.

use callout_regulation::{BUILT_IN, Source, load};

/// A pack that changes the weighted evaluation in one place.
fn patch(change: &str) -> Vec<String> {
    let text = format!("pack: R26-changed\nextends: R26-weighted-grades\n{change}");
    match load(Source { file: "pack.yaml", text: &text }, BUILT_IN) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn an_empty_change_is_none() {
    assert_eq!(patch(""), [""; 0]);
}

#[test]
fn what_does_not_add_up_is_found() {
    for (change, problem) in [
        (
            "scorecards: {quarterly: {blocks: {result: {weight: 59.99}}}}\n",
            "scorecards.quarterly.blocks: the weights make 99.99 together; they must make exactly 100",
        ),
        (
            "performance_pay: {shares: {quarter: {percent: 23}}}\n",
            "performance_pay.shares: the shares of a year make 98 together; they must make exactly 100",
        ),
        ("performance_pay: {ratios: {fixed: {d: null}}}\n", "performance_pay.ratios: grade `d` has no ratio"),
        (
            "performance_pay: {ratios: {fixed: {c: {rule: R26-28, ratio: 50}}}}\n",
            "performance_pay.ratios: grade `c` has its ratio twice",
        ),
        (
            "tables: {attitude_weights: {columns: {charm: {en: charm, zh: 魅力}}}}\n",
            "scorecards.quarterly.blocks.attitude.weights.table: column `charm` of `attitude_weights` is no indicator",
        ),
    ] {
        let found = patch(change);
        assert!(found.iter().any(|it| it.ends_with(problem)), "{problem}\n{found:#?}");
    }
}

#[test]
fn what_cannot_be_decided_is_found() {
    for (change, problem) in [
        (
            "scorecards: {quarterly: {indicators: {charm: {en: charm, zh: 魅力}}}}\n",
            "scorecards.quarterly: rates by `indicators`, by `blocks` or by `made_of`; give one",
        ),
        (
            "scorecards: {quarterly: {collection: null}}\n",
            "scorecards.quarterly.collection: its figures are never collected",
        ),
        (
            "scorecards: {quarterly: {collection: {from_day: 31, to_day: 27}}}\n",
            "scorecards.quarterly.collection: `from_day` must not be after `to_day`",
        ),
        (
            "scorecards: {year_end: {made_of: {scorecard: year_end}}}\n",
            "scorecards.year_end.made_of.scorecard: `year_end` must rate a shorter period, by itself",
        ),
        (
            "scorecards: {quarterly: {grades: {by: ten_point}}}\n",
            "scorecards.quarterly.grades.by: unknown scale `ten_point`; declared are five_point",
        ),
        (
            "scorecards: {quarterly: {grades: {ladder: [{id: a, from: 4, en: a, zh: a}, {id: b, from: 4, en: b, zh: b}, {id: c, en: c, zh: c}]}}}\n",
            "scorecards.quarterly.grades.ladder[1]: 4 is not below the grade before it",
        ),
        (
            "scorecards: {quarterly: {grades: {ladder: [{id: a, en: a, zh: a}, {id: b, from: 4, en: b, zh: b}]}}}\n",
            "scorecards.quarterly.grades.ladder[1]: the last grade has no `from`: it is for all the rest",
        ),
        (
            "scorecards: {quarterly: {blocks: {attitude: {indicators: {initiative: {score: \"figure.visited\"}}}}}}\n",
            "scorecards.quarterly.blocks.attitude.indicators.initiative.score: unknown fact `figure.visited`; known in \
             scorecards.indicators are goal.budget, person.leads, person.post, person.standing, person.unit",
        ),
        (
            "scorecards: {year_end: {cancelled: {cards: {when: \"card.green >= 1\"}}}}\n",
            "scorecards.year_end.cancelled.cards.when: unknown fact `card.green`; did you mean `card.red`?",
        ),
        (
            "records: {result_reviewed: {not_by: [engineer]}}\n",
            "records.result_reviewed.not_by[0]: unknown role `engineer`; declared are customer_service, \
             customer_service_supervisor, next_level, human_resources, human_resources_supervisor, after_sales_person",
        ),
    ] {
        let found = patch(change);
        assert!(found.iter().any(|it| it.ends_with(problem)), "{problem}\n{found:#?}");
    }
}
