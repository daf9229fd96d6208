//! People who are rated by figures and marks, graded, and paid by their grades, as the weighted evaluation asks for it.

use callout_contract::{
    evaluation::v1::{
        self as pb, annual_incomes_server::AnnualIncomes as _, cards_server::Cards as _,
        figure_entries_server::FigureEntries as _, scorecards_server::Scorecards as _,
    },
    events::v1 as events,
    regulation::v1::limit,
};
use callout_journal::violates;
use tonic::Code;

use crate::{
    enterprise::*,
    support::{Bench, ORGANIZATION, by, new_request_id, reason, rules, shown},
};

#[tokio::test]
async fn a_quarter_is_scored_from_its_figures_and_marks_and_can_be_read_again() {
    let (bench, scorecard) = scored().await;
    assert_eq!((scorecard.result.as_str(), scorecard.period_start_on.as_str()), ("88.2", "2026-01-01"));
    let blocks: Vec<_> = scorecard.blocks.iter().map(|it| (it.block.as_str(), it.value.as_str())).collect();
    assert_eq!(blocks, [("result", "92"), ("attitude", "85"), ("ability", "80")]);
    assert_eq!(scorecard.grade.as_ref().map(|grade| (grade.grade.as_str(), grade.failed)), Some(("b", false)));
    let limits: Vec<_> = scorecard.limits.iter().map(|it| (it.limit.as_str(), shown(it.due_at), it.state())).collect();
    assert_eq!(
        limits,
        [
            ("summing_up", "2026-04-05 23:59:59".to_owned(), limit::State::Met),
            ("payment", "2026-04-15 23:59:59".to_owned(), limit::State::Running),
        ]
    );
    let get = pb::GetScorecardRequest { name: scorecard.name.clone() };
    let got = bench.evaluation.get_scorecard(by("hu", "human_resources", get)).await.unwrap().into_inner();
    assert_eq!(got, scorecard);
}

#[tokio::test]
async fn once_a_quarter_was_scored_nothing_that_it_was_scored_by_changes() {
    let (bench, scorecard) = scored().await;
    let again = score(&bench, "quarterly", "2026-02-01", &GIVEN).await.unwrap_err();
    assert_eq!(
        (again.code(), again.message()),
        (Code::AlreadyExists, format!("{} exists already.", scorecard.name).as_str())
    );
    for refused in [
        agree(&bench, "luo", "20000").await.unwrap_err(),
        enter(&bench, "2026-02-28", &[("plan_done", "1")]).await.unwrap_err(),
    ] {
        assert_eq!(reason(&refused), "STATE_WRONG");
        assert!(refused.message().contains(&scorecard.name), "{refused:?}");
    }
    let list = pb::ListFigureEntriesRequest { parent: ORGANIZATION.to_owned(), ..Default::default() };
    let entries = bench.evaluation.list_figure_entries(by("ke", "customer_service", list)).await.unwrap().into_inner();
    let withdraw = pb::WithdrawFigureEntryRequest {
        name: entries.figure_entries[0].name.clone(),
        reason: "Typed wrong".to_owned(),
        etag: String::new(),
        request_id: new_request_id(),
    };
    let refused = bench.evaluation.withdraw_figure_entry(by("ke", "customer_service", withdraw)).await.unwrap_err();
    assert_eq!(reason(&refused), "STATE_WRONG");
}

#[tokio::test]
async fn what_was_entered_on_another_day_counts_once_it_was_approved_and_what_was_taken_back_may_be_entered_anew() {
    let bench = enterprise().await;
    let february = enter(&bench, "2026-02-10", &[("visited", "0"), ("to_visit", "50")]).await.unwrap();
    assert_eq!((february.in_window, february.counts), (false, false));
    let march = all_figures(&bench).await;
    assert!(march.in_window && march.counts);
    let twice = enter(&bench, "2026-03-05", &[("visited", "1")]).await.unwrap_err();
    assert_eq!((twice.code(), reason(&twice).as_str()), (Code::AlreadyExists, "RESOURCE_EXISTS"));
    assert!(twice.message().contains(&march.name), "{twice:?}");
    assert_eq!(bench.count("select count(*) from evaluation.figure_entry").await, 2, "nothing of it was kept");
    bench.advance("2026-04-01 09:00:00").await;
    assert!(review(&bench, &february).await.unwrap().counts);
    let withdraw = pb::WithdrawFigureEntryRequest {
        name: march.name.clone(),
        reason: "Typed wrong".to_owned(),
        etag: march.etag.clone(),
        request_id: new_request_id(),
    };
    let withdrawn = bench.evaluation.withdraw_figure_entry(by("ke", "customer_service", withdraw)).await.unwrap();
    assert_eq!(withdrawn.into_inner().withdrawn_because, "Typed wrong");
    let anew = all_figures(&bench).await;
    review(&bench, &anew).await.unwrap();
    let scorecard = score(&bench, "quarterly", "2026-03-31", &GIVEN).await.unwrap();
    let visits = scorecard.indicators.iter().find(|it| it.indicator == "return_visit_rate").unwrap();
    assert_eq!(visits.score, "50", "0 of 50 in February, 50 of 50 in March");
    let stale = review(&bench, &march).await.unwrap_err();
    assert_eq!(reason(&stale), "STATE_WRONG");
}

#[tokio::test]
async fn the_result_goes_from_review_over_the_data_to_the_approval_and_nobody_passes_his_own() {
    let (bench, scorecard) = scored().await;
    let supervisor = ("qian", "customer_service_supervisor");
    for (kind, who, refusals) in [
        ("data_handed_over", ("ke", "customer_service"), 1),
        ("payment_approved", ("shen", "human_resources_supervisor"), 2),
        ("result_reviewed", ("ke", "customer_service"), 1),
        ("result_reviewed", ("luo", "customer_service_supervisor"), 1),
    ] {
        let refused = put(&bench, &scorecard, kind, who).await.unwrap_err();
        assert_eq!(rules(&refused), vec!["R26-34"; refusals], "{kind} by {who:?}");
    }
    let due = compute(&bench, "quarter", "2026-03-31").await.unwrap();
    assert_eq!((due.amount.as_str(), due.state()), ("5640.00", pb::performance_pay::State::Due));
    assert_eq!(rules(&pay(&bench, &due, None).await.unwrap_err()), ["R26-34"; 3]);
    put(&bench, &scorecard, "result_reviewed", supervisor).await.unwrap();
    put(&bench, &scorecard, "data_handed_over", ("ke", "customer_service")).await.unwrap();
    assert_eq!(rules(&pay(&bench, &due, None).await.unwrap_err()), ["R26-34"]);
    let approved = put(&bench, &scorecard, "payment_approved", ("shen", "human_resources_supervisor")).await.unwrap();
    assert!(approved.chains[0].passed);
    bench.advance("2026-04-15 23:59:59").await;
    let paid = pay(&bench, &due, None).await.unwrap();
    assert_eq!((paid.state(), paid.paid_by.as_str()), (pb::performance_pay::State::Paid, "hu"));
    assert_eq!(paid.limit.as_ref().map(callout_contract::regulation::v1::Limit::state), Some(limit::State::Met));
    assert_eq!(reason(&pay(&bench, &paid, None).await.unwrap_err()), "STATE_WRONG");
    assert_eq!(bench.told::<events::LimitMissed>().await.len(), 0);
}

#[tokio::test]
async fn a_payment_that_comes_too_late_is_told_when_its_time_runs_out_and_when_it_comes() {
    let (bench, scorecard) = scored().await;
    let due = compute(&bench, "quarter", "2026-03-31").await.unwrap();
    put(&bench, &scorecard, "result_reviewed", ("qian", "customer_service_supervisor")).await.unwrap();
    put(&bench, &scorecard, "data_handed_over", ("ke", "customer_service")).await.unwrap();
    put(&bench, &scorecard, "payment_approved", ("shen", "human_resources_supervisor")).await.unwrap();
    bench.advance("2026-04-16 10:00:00").await;
    let late = pay(&bench, &due, None).await.unwrap().limit.unwrap();
    assert_eq!((late.state(), late.late_days), (limit::State::MetLate, 1));
    let told = bench.told::<events::LimitMissed>().await;
    let states: Vec<_> = told.iter().map(|(missed, _)| missed.limit.as_ref().unwrap().state()).collect();
    assert_eq!(states, [limit::State::Overdue, limit::State::MetLate]);
    assert!(told.iter().all(|(missed, _)| missed.subject == scorecard.name && missed.responsible == "human_resources"));
}

#[tokio::test]
async fn the_year_is_made_up_once_all_its_shares_were_computed() {
    let (bench, _) = scored().await;
    let income = async |bench: &Bench| {
        let income = pb::AnnualIncome {
            person: "luo".to_owned(),
            day: "2026-06-30".to_owned(),
            profit: "0".to_owned(),
            profit_target: "0".to_owned(),
            ..pb::AnnualIncome::default()
        };
        let request = pb::CreateAnnualIncomeRequest {
            parent: ORGANIZATION.to_owned(),
            annual_income: Some(income),
            request_id: new_request_id(),
        };
        bench.evaluation.create_annual_income(by("hu", "human_resources", request)).await
    };
    assert_eq!(income(&bench).await.unwrap_err().code(), Code::InvalidArgument, "the year is not over");
    bench.advance("2027-01-04 09:00:00").await;
    assert_eq!(rules(&income(&bench).await.unwrap_err()), ["R26-30"], "there is no rate of excess profit");
    compute(&bench, "quarter", "2026-03-31").await.unwrap();
    assert_eq!(compute(&bench, "quarter", "2026-03-31").await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(rules(&compute(&bench, "year_end", "2026-12-31").await.unwrap_err()), ["R26-26"]);
    let year = score(&bench, "year_end", "2026-12-31", &[]).await.unwrap();
    assert_eq!((year.result.as_str(), year.period_end_on.as_str()), ("88.2", "2026-12-31"));
    assert_eq!(compute(&bench, "year_end", "2026-12-31").await.unwrap().amount, "1440.00");
}

#[tokio::test]
async fn a_card_says_why_and_by_whom_and_two_of_them_take_the_year_away() {
    let (bench, _) = scored().await;
    let card = async |reason: &str, issuer: &str, shown_on: &str| {
        let card = pb::Card {
            kind: "yellow".to_owned(),
            person: "luo".to_owned(),
            shown_on: shown_on.to_owned(),
            reason: reason.to_owned(),
            issuer: issuer.to_owned(),
            ..pb::Card::default()
        };
        let request =
            pb::CreateCardRequest { parent: ORGANIZATION.to_owned(), card: Some(card), request_id: new_request_id() };
        bench.evaluation.create_card(by("qian", "customer_service_supervisor", request)).await
    };
    assert_eq!(rules(&card(" ", "", "2026-04-01").await.unwrap_err()), ["R26-39", "R26-39"]);
    assert_eq!(card("Rude", "qian", "2026-04-04").await.unwrap_err().code(), Code::InvalidArgument);
    card("Rude", "qian", "2026-04-02").await.unwrap();
    card("Rude again", "qian", "2026-04-03").await.unwrap();
    bench.advance("2027-01-04 09:00:00").await;
    let year = score(&bench, "year_end", "2026-12-31", &[]).await.unwrap();
    assert_eq!((year.result.as_str(), &year.grade), ("", &None));
    assert_eq!(year.cancelled.iter().map(|it| it.rule.as_str()).collect::<Vec<_>>(), ["R26-38"]);
    let nothing = compute(&bench, "year_end", "2026-12-31").await.unwrap();
    assert_eq!((nothing.amount.as_str(), nothing.explanation.unwrap().rule.as_str()), ("0.00", "R26-38"));
}

#[tokio::test]
async fn the_appointment_on_the_last_day_of_the_period_decides() {
    let bench = Bench::start_with(PACK, "2026-07-02 10:00:00", vec![ratios()]).await;
    employ(&bench, "luo", pb::appointment::Standing::Probation, "2026-04-01").await.unwrap();
    employ(&bench, "luo", pb::appointment::Standing::Regular, "2026-07-01").await.unwrap();
    let twice = employ(&bench, "luo", pb::appointment::Standing::Left, "2026-07-01").await.unwrap_err();
    assert_eq!(twice.code(), Code::AlreadyExists);
    let marks = [("implementation_plan", "82"), ("service_effect", "79")];
    assert_eq!(score(&bench, "probation", "2026-06-15", &marks).await.unwrap().result, "80.5");
    assert_eq!(rules(&score(&bench, "probation", "2026-07-01", &marks).await.unwrap_err()), ["R26-03"]);
    assert_eq!(rules(&compute(&bench, "quarter", "2026-06-30").await.unwrap_err()), ["R26-04"]);
    assert_eq!(rules(&score(&bench, "quarterly", "2026-06-30", &GIVEN).await.unwrap_err()), ["R26-01"]);
}

#[tokio::test]
async fn the_tables_keep_one_result_a_period_and_one_count_of_each_figure() {
    let (bench, _) = scored().await;
    compute(&bench, "quarter", "2026-03-31").await.unwrap();
    for (statement, constraint) in [
        (
            "insert into evaluation.scorecard select organization, gen_random_uuid(), card, person, day, result, document, \
             standing, version, period_start_on from evaluation.scorecard",
            "scorecard_once",
        ),
        (
            "insert into evaluation.figure (organization, figure_entry_id, card, person, month_on, figure, value)
             select organization, figure_entry_id, card, person, month_on, 'visited', 1 from evaluation.figure_entry",
            "figure_pkey",
        ),
        ("update evaluation.figure set value = -1", "figure_value_check"),
        ("update evaluation.figure_entry set month_on = '2026-03-02'", "figure_entry_month_on_check"),
        ("update evaluation.performance_pay set paid_at = now()", "performance_pay_is_paid"),
        ("update evaluation.performance_pay set amount = -1", "performance_pay_amount_check"),
    ] {
        let error = sqlx::query(statement).execute(&bench.superuser).await.unwrap_err();
        assert!(violates(&error, constraint), "{statement}: {error}");
    }
}
