//! Agreements with a contractor, from the tender to their end.

use callout_contract::evaluation::v1::{
    self as pb, agreement::State, agreements_server::Agreements as _, settlement, termination_notice::Effect,
};
use callout_journal::violates;
use tonic::Code;

use crate::{
    contractor::{
        OFFICE, SAFETY, SUPERVISOR, agree, agreement, enter, incident, machine, office, settle, settlements, terminate,
        wanted,
    },
    support::{ORGANIZATION, by, name, reason, rules, shown},
};

#[tokio::test]
async fn an_agreement_opens_a_settlement_for_each_month_of_its_year() {
    let bench = office("2024-01-02 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    assert_eq!((made.ends_on.as_str(), made.state(), made.currency.as_str()), ("2024-12-31", State::InForce, "CNY"));
    assert_eq!((made.annual_fee.as_str(), made.balance.as_str()), ("360000.00", "0.00"));
    assert_eq!(made.regulation, "R22-elevator-outsourcing@1");
    let months = settlements(&bench, &made.name).await;
    assert_eq!(months.len(), 12);
    assert_eq!((months[1].period.as_str(), shown(months[1].score_due_at).as_str()), ("2024-02", "2024-02-25 23:59:59"));
    assert_eq!((months[1].owner.as_str(), months[1].payment.as_str()), ("territorial_department", ""));
    assert_eq!(months[1].due_explanation.as_ref().unwrap().rule, "R22-18");
    let list = pb::ListAgreementsRequest { parent: ORGANIZATION.to_owned(), ..pb::ListAgreementsRequest::default() };
    let list = bench.evaluation.list_agreements(by("he", "service_office", list)).await.unwrap().into_inner();
    assert_eq!(list.agreements, [agreement(&bench, &made.name).await]);
    assert_eq!(bench.told::<pb::AgreementProgressed>().await[0].0.event, "agreed");
}

#[tokio::test]
async fn its_days_decide_whether_it_is_yet_to_begin_runs_or_is_over() {
    let bench = office("2024-01-02 09:00:00").await;
    let next = pb::Agreement { starts_on: "2024-03-01".to_owned(), ..wanted() };
    let made = agree(&bench, OFFICE, next).await.unwrap();
    assert_eq!(made.state(), State::Agreed);
    bench.advance("2024-03-01 00:00:00").await;
    assert_eq!(agreement(&bench, &made.name).await.state(), State::InForce);
    bench.advance("2025-03-01 00:00:00").await;
    assert_eq!(agreement(&bench, &made.name).await.state(), State::Expired);
}

#[tokio::test]
async fn whoever_makes_one_says_how_the_contractor_was_chosen_and_why_he_has_too_few_people() {
    let bench = office("2024-01-02 09:00:00").await;
    let chosen = pb::Agreement { selection: "friendship".to_owned(), machines: 91, persons: 3, ..wanted() };
    let refused = agree(&bench, SAFETY, chosen).await.unwrap_err();
    assert_eq!(rules(&refused), ["R22-02", "R22-02", "R22-04"]);
    let few =
        pb::Agreement { machines: 91, persons: 3, workload_reason: "two of them stand still".to_owned(), ..wanted() };
    assert!(agree(&bench, OFFICE, few).await.is_ok());
}

#[tokio::test]
async fn a_fee_a_day_and_numbers_that_cannot_be_read_are_all_named() {
    let bench = office("2024-01-02 09:00:00").await;
    let wrong = pb::Agreement { starts_on: "January".to_owned(), annual_fee: "-1".to_owned(), persons: -1, ..wanted() };
    let refused = agree(&bench, OFFICE, wrong).await.unwrap_err();
    for field in ["agreement.starts_on", "agreement.annual_fee", "agreement.persons"] {
        assert!(refused.message().contains(field), "{field}: {refused:?}");
    }
    for (field, wrong) in [
        ("agreement.starts_on", pb::Agreement { starts_on: "2024-01-02".to_owned(), ..wanted() }),
        ("agreement.contractor", pb::Agreement { contractor: "somebody".to_owned(), ..wanted() }),
        (
            "agreement.machines",
            pb::Agreement { machines: 1, products: vec![name("products", 1), name("products", 2)], ..wanted() },
        ),
    ] {
        let refused = agree(&bench, OFFICE, wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        assert!(refused.message().contains(field), "{field}: {refused:?}");
    }
}

#[tokio::test]
async fn a_contractor_has_one_agreement_at_a_time_and_a_machine_is_covered_by_one() {
    let bench = office("2024-01-02 09:00:00").await;
    agree(&bench, OFFICE, wanted()).await.unwrap();
    let again = pb::Agreement { starts_on: "2024-12-01".to_owned(), ..wanted() };
    let refused = agree(&bench, OFFICE, again).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FIELD_INVALID"));
    agree(&bench, OFFICE, pb::Agreement { starts_on: "2025-01-01".to_owned(), ..wanted() }).await.unwrap();

    let lift = machine(&bench, 1, "2024-01-02 09:00:00").await;
    let of = |contractor: &str| pb::Agreement {
        contractor: contractor.to_owned(),
        products: vec![lift.clone()],
        starts_on: "2026-01-01".to_owned(),
        ..wanted()
    };
    agree(&bench, OFFICE, of("maintenance_contractor")).await.unwrap();
    let refused = agree(&bench, OFFICE, of("manufacturer")).await.unwrap_err();
    assert!(refused.message().contains("agreement.products"), "{refused:?}");
}

#[tokio::test]
async fn three_late_rescues_give_the_right_to_end_it_and_nobody_has_to() {
    let bench = office("2024-07-20 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let lift = machine(&bench, 1, "2024-07-20 09:00:00").await;
    let rescue = || pb::Incident { product: lift.clone(), ..incident(&made.name, "late_rescue") };
    for day in ["2024-07-06 03:30:01", "2024-07-08 03:30:01"] {
        enter(&bench, SUPERVISOR, rescue(), day).await.unwrap();
    }
    assert_eq!(agreement(&bench, &made.name).await.notices, []);
    assert_eq!(rules(&terminate(&bench, OFFICE, &made.name, "late_rescues").await.unwrap_err()), ["R22-23"]);
    enter(&bench, SUPERVISOR, rescue(), "2024-07-09 03:30:01").await.unwrap();
    let noticed = agreement(&bench, &made.name).await;
    assert_eq!(noticed.notices.len(), 1);
    assert_eq!((noticed.notices[0].ground.as_str(), noticed.notices[0].effect()), ("late_rescues", Effect::Optional));
    assert_eq!(noticed.state(), State::InForce);
    assert_eq!(bench.told::<pb::TerminationNoticed>().await.len(), 1);

    let by_another = terminate(&bench, SAFETY, &made.name, "late_rescues").await.unwrap_err();
    assert_eq!(rules(&by_another), ["R22-02"]);
    let ended = terminate(&bench, OFFICE, &made.name, "late_rescues").await.unwrap();
    assert_eq!((ended.state(), ended.ends_on.as_str()), (State::Terminated, "2024-07-20"));
    assert_eq!(ended.terminated_for, "late_rescues");
    let again = terminate(&bench, OFFICE, &made.name, "late_rescues").await.unwrap_err();
    assert_eq!(reason(&again), "STATE_WRONG");
    // July is settled yet; the months after it are void.
    let states: Vec<_> = settlements(&bench, &made.name).await.iter().map(pb::Settlement::state).collect();
    assert_eq!(states[6], settlement::State::Open);
    assert!(states[7..].iter().all(|state| *state == settlement::State::Void), "{states:?}");
    assert_eq!(bench.count("select count(*) from evaluation.timer where kind = 'settlement_overdue'").await, 7);
}

#[tokio::test]
async fn a_forged_record_ends_it_at_once() {
    let bench = office("2024-07-20 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    enter(&bench, SAFETY, incident(&made.name, "forged_record"), "2024-07-19 10:00:00").await.unwrap();
    let ended = agreement(&bench, &made.name).await;
    assert_eq!((ended.state(), ended.terminated_for.as_str()), (State::Terminated, "forged_record"));
    assert_eq!((shown(ended.terminated_at).as_str(), ended.ends_on.as_str()), ("2024-07-19 10:00:00", "2024-07-19"));
    assert_eq!(ended.notices[0].effect(), Effect::AtOnce);
    let events: Vec<_> = bench.told::<pb::AgreementProgressed>().await.into_iter().map(|(it, _)| it.event).collect();
    assert_eq!(events, ["agreed", "terminated"]);
}

#[tokio::test]
async fn low_scores_end_it_when_they_are_signed_to_the_end_and_each_agreement_counts_anew() {
    let bench = office("2024-12-31 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    settle(&bench, &made.name, "2024-12", "65").await;
    assert_eq!(agreement(&bench, &made.name).await.notices, []);
    let next = agree(&bench, OFFICE, pb::Agreement { starts_on: "2025-01-01".to_owned(), ..wanted() }).await.unwrap();
    bench.advance("2025-02-28 09:00:00").await;
    settle(&bench, &next.name, "2025-01", "65").await;
    assert_eq!(agreement(&bench, &next.name).await.notices, []);
    settle(&bench, &next.name, "2025-02", "69.99").await;
    let notices = agreement(&bench, &next.name).await.notices;
    assert_eq!((notices[0].ground.as_str(), notices[0].effect()), ("two_consecutive", Effect::Mandatory));
    let ended = terminate(&bench, OFFICE, &next.name, "two_consecutive").await.unwrap();
    assert_eq!(ended.state(), State::Terminated);
}

#[tokio::test]
async fn the_tables_keep_two_agreements_of_a_contractor_apart_whatever_the_code_does() {
    let bench = office("2024-01-02 09:00:00").await;
    agree(&bench, OFFICE, wanted()).await.unwrap();
    for (statement, constraint) in [
        (
            "insert into evaluation.agreement select organization, gen_random_uuid(), kind, contractor, ends_on,
                    ends_on + 30, covers_all, state, document, version from evaluation.agreement",
            "agreement_of_contractor",
        ),
        ("update evaluation.agreement set ends_on = starts_on - 1", "agreement_term"),
        (
            "insert into evaluation.settlement select organization, gen_random_uuid(), agreement_id, period_start_on,
                    period_end_on, state, owner, score_due_at, score, payment, document, version
               from evaluation.settlement limit 1",
            "settlement_of_period",
        ),
        ("update evaluation.settlement set owner = null", "settlement_is_kept"),
        ("update evaluation.settlement set state = 'SCORED'", "settlement_is_scored"),
        ("update evaluation.settlement set payment = 1", "settlement_is_paid"),
    ] {
        let error = sqlx::query(statement).execute(&bench.superuser).await.unwrap_err();
        assert!(violates(&error, constraint), "{statement}: {error}");
    }
}
