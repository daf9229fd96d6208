//! Rates of a period, and a routine that is done when one is at its target: scenarios S7 and S10 of R31.

use callout_contract::{
    evaluation::v1::{self as pb, duties_server::Duties as _, rate::State, rates_server::Rates as _},
    events::v1::RateCounted,
};
use tonic::{Code, Status};

use crate::support::{Bench, ORGANIZATION, by, name, new_request_id, rules};

const PACK: &str = "R31-power-equipment";

fn counted(rate: &str, case: u128, day: &str, holds: bool) -> RateCounted {
    let subject = name("cases", case);
    RateCounted { subject, rate: rate.to_owned(), day: day.to_owned(), counts: true, holds, ..RateCounted::default() }
}

async fn list(bench: &Bench, day: &str) -> Result<Vec<pb::Rate>, Status> {
    let request = pb::ListRatesRequest { parent: ORGANIZATION.to_owned(), day: day.to_owned(), ..Default::default() };
    Ok(bench.evaluation.list_rates(by("hua", "service_department", request)).await?.into_inner().rates)
}

async fn rate(bench: &Bench, id: &str, day: &str) -> pb::Rate {
    list(bench, day).await.unwrap().into_iter().find(|rate| rate.rate == id).unwrap()
}

#[tokio::test]
async fn each_subject_counts_once_in_the_period_of_its_day_as_it_was_told_last() {
    let bench = Bench::start_under(PACK, "2026-06-30 23:59:59").await;
    for case in 1..=40 {
        bench.tell(&counted("reply", case, "2026-06-28", false), "2026-06-28 16:00:00").await;
    }
    for case in 1..=38 {
        bench.tell(&counted("reply", case, "2026-06-28", true), "2026-06-28 17:00:00").await;
    }
    bench.tell(&counted("reply", 41, "2026-05-31", true), "2026-06-01 08:00:00").await;
    let june = rate(&bench, "reply", "").await;
    assert_eq!((june.counted, june.holding, june.percent.as_str()), (40, 38, "95.00"));
    assert_eq!((june.period_start_on.as_str(), june.period_end_on.as_str()), ("2026-06-01", "2026-06-30"));
    assert_eq!(june.state(), State::Provisional, "its last second");
    assert_eq!(june.missing, [name("cases", 39), name("cases", 40)]);

    bench.advance("2026-07-01 00:00:00").await;
    bench.tell(&RateCounted { counts: false, ..counted("reply", 40, "", false) }, "2026-07-01 00:00:00").await;
    let june = rate(&bench, "reply", "2026-06-01").await;
    assert_eq!((june.counted, june.percent.as_str(), june.state()), (39, "97.44", State::NotMet));
    let may = rate(&bench, "reply", "2026-05-01").await;
    assert_eq!((may.counted, may.percent.as_str(), may.state()), (1, "100.00", State::Met));
    let nothing = rate(&bench, "studied", "2026-06-01").await;
    assert_eq!((nothing.counted, nothing.percent.as_str(), nothing.state()), (0, "", State::Met));
    assert_eq!(list(&bench, "2026-07-02").await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn rates_are_listed_page_by_page() {
    let bench = Bench::start_under(PACK, "2026-06-30 12:00:00").await;
    let mut request = pb::ListRatesRequest { parent: ORGANIZATION.to_owned(), page_size: 2, ..Default::default() };
    let mut found = Vec::new();
    loop {
        let page = bench.evaluation.list_rates(by("hua", "service_department", request.clone())).await.unwrap();
        let page = page.into_inner();
        assert!(page.rates.len() <= 2);
        found.extend(page.rates.into_iter().map(|rate| rate.rate));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    assert_eq!(found, ["correct_reply", "reply", "studied"]);
}

#[tokio::test]
async fn a_month_with_an_item_that_is_not_studied_is_not_closed() {
    let bench = Bench::start_under(PACK, "2026-06-30 12:00:00").await;
    for case in 1..=12 {
        bench.tell(&counted("studied", case, "2026-06-12", case < 12), "2026-06-12 16:00:00").await;
    }
    let request = pb::ListDutiesRequest {
        parent: ORGANIZATION.to_owned(),
        routine: "monthly_study".to_owned(),
        ..pb::ListDutiesRequest::default()
    };
    let duties = bench.evaluation.list_duties(by("hua", "service_department", request)).await.unwrap().into_inner();
    let request = pb::CompleteDutyRequest {
        name: duties.duties[0].name.clone(),
        outcome: "studied by class".to_owned(),
        request_id: new_request_id(),
        ..pb::CompleteDutyRequest::default()
    };
    let complete = async || {
        let request = pb::CompleteDutyRequest { request_id: new_request_id(), ..request.clone() };
        bench.evaluation.complete_duty(by("hua", "service_department", request)).await
    };
    assert_eq!(rules(&complete().await.unwrap_err()), ["R31-26"]);
    // An item of July does not bear on June.
    bench.tell(&counted("studied", 13, "2026-07-01", false), "2026-06-30 12:00:00").await;
    bench.tell(&counted("studied", 12, "2026-06-12", true), "2026-06-30 12:00:00").await;
    assert_eq!(complete().await.unwrap().into_inner().state(), pb::duty::State::Done);
}
