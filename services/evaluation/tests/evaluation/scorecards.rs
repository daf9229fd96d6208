//! Ratings, as the regulation of aerial platforms asks for them each quarter.

use callout_contract::evaluation::v1::{self as pb, scorecards_server::Scorecards as _};
use tonic::{Code, Status};

use crate::support::{Bench, ORGANIZATION, by, new_request_id, reason, rules};

async fn rate(bench: &Bench, role: &str, day: &str, marks: &[(&str, &str)]) -> Result<pb::Scorecard, Status> {
    let marks = marks.iter().map(|(indicator, mark)| ((*indicator).to_owned(), (*mark).to_owned())).collect();
    let scorecard = pb::Scorecard {
        scorecard: "administrator_work".to_owned(),
        person: "zhao".to_owned(),
        day: day.to_owned(),
        marks,
        ..pb::Scorecard::default()
    };
    let request = pb::CreateScorecardRequest {
        parent: ORGANIZATION.to_owned(),
        scorecard: Some(scorecard),
        request_id: new_request_id(),
    };
    Ok(bench.evaluation.create_scorecard(by("tang", role, request)).await?.into_inner())
}

const BOTH: &[(&str, &str)] = &[("timeliness", "90"), ("service_quality", "85")];

#[tokio::test]
async fn the_result_is_the_mean_of_the_marks_and_can_be_read_again() {
    let bench = Bench::start("2026-04-10 09:00:00").await;
    let rated = rate(&bench, "technical_director", "2026-03-31", BOTH).await.unwrap();
    assert_eq!((rated.result.as_str(), rated.rated_by.as_str()), ("87.5", "tang"));
    assert_eq!(rated.explanation.as_ref().unwrap().rule, "R01-63");
    assert_eq!(bench.told::<pb::PersonRated>().await.len(), 1);
    let get = pb::GetScorecardRequest { name: rated.name.clone() };
    let got = bench.evaluation.get_scorecard(by("lin", "quality_office", get)).await.unwrap().into_inner();
    assert_eq!(got, rated);
    for (person, ratings) in [("zhao", 1), ("wang", 0)] {
        let list = pb::ListScorecardsRequest {
            parent: ORGANIZATION.to_owned(),
            person: person.to_owned(),
            ..pb::ListScorecardsRequest::default()
        };
        let list = bench.evaluation.list_scorecards(by("lin", "quality_office", list)).await.unwrap().into_inner();
        assert_eq!(list.scorecards.len(), ratings, "{person}");
    }
}

#[tokio::test]
async fn a_rating_is_refused_from_another_role_and_with_a_mark_missing_or_out_of_range() {
    let bench = Bench::start("2026-04-10 09:00:00").await;
    assert_eq!(rules(&rate(&bench, "service_administrator", "2026-03-31", BOTH).await.unwrap_err()), ["R01-63"]);
    for marks in [&[("timeliness", "90")][..], &[("timeliness", "90"), ("service_quality", "100.5")]] {
        let refused = rate(&bench, "technical_director", "2026-03-31", marks).await.unwrap_err();
        assert_eq!(rules(&refused), ["R01-63"], "{marks:?}");
    }
    assert_eq!(bench.count("select count(*) from evaluation.scorecard").await, 0);
}

#[tokio::test]
async fn a_day_and_marks_that_cannot_be_read_are_all_named() {
    let bench = Bench::start("2026-04-10 09:00:00").await;
    let wrong = [("timeliness", "ninety"), ("service_quality", "85")];
    let refused = rate(&bench, "technical_director", "31 March", &wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert!(refused.message().contains("scorecard.day") && refused.message().contains("scorecard.marks.timeliness"));
}

#[tokio::test]
async fn a_day_before_any_regulation_was_adopted_cannot_be_rated() {
    let bench = Bench::start("2026-04-10 09:00:00").await;
    assert!(rate(&bench, "technical_director", "2026-01-01", BOTH).await.is_ok());
    let refused = rate(&bench, "technical_director", "2025-12-30", BOTH).await.unwrap_err();
    assert_eq!(reason(&refused), "SETTING_MISSING");
}

#[tokio::test]
async fn a_quarter_can_be_rated_as_soon_as_it_has_begun() {
    let bench = Bench::start("2026-03-31 23:59:59").await;
    assert!(rate(&bench, "technical_director", "2026-03-31", BOTH).await.is_ok());
    let next = rate(&bench, "technical_director", "2026-04-01", BOTH).await.unwrap_err();
    assert_eq!(next.code(), Code::InvalidArgument);
    bench.advance("2026-04-01 00:00:00").await;
    assert!(rate(&bench, "technical_director", "2026-06-30", BOTH).await.is_ok());
}
