//! The periods of an agreement: scored, signed in order, paid, and corrected afterwards.

use callout_contract::evaluation::v1::{
    self as pb, settlement::State, settlement_line::Kind, settlements_server::Settlements as _,
};
use callout_kit::parse;
use tonic::{Code, Status};

use crate::{
    contractor::{
        BUSINESS, CHAIN, LEADER, OFFICE, SAFETY, SUPERVISOR, TERRITORY, agree, agreement, enter, incident, machine,
        month, office, score, settle, sign, wanted,
    },
    support::{Bench, at, by, new_request_id, reason, rules, shown},
};

async fn give_back(bench: &Bench, (subject, role): (&str, &str), settlement: &str) -> Result<pb::Settlement, Status> {
    let request = pb::ReturnSettlementRequest {
        name: settlement.to_owned(),
        reason: "the rescue times are not counted".to_owned(),
        request_id: new_request_id(),
        ..pb::ReturnSettlementRequest::default()
    };
    Ok(bench.evaluation.return_settlement(by(subject, role, request)).await?.into_inner())
}

#[tokio::test]
async fn a_month_is_paid_after_the_whole_chain_and_each_wrong_step_is_refused() {
    let bench = office("2024-07-25 23:59:59").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let july = month(&bench, &made.name, "2024-07").await;
    assert_eq!((july.state(), july.owner.as_str()), (State::Open, "territorial_department"));
    assert_eq!(reason(&sign(&bench, SAFETY, &july.name, "review").await.unwrap_err()), "STATE_WRONG");
    assert_eq!(rules(&score(&bench, SAFETY, &july.name, "95").await.unwrap_err()), ["R22-18"]);

    let scored = score(&bench, TERRITORY, &july.name, "95").await.unwrap();
    let given = scored.score.as_ref().unwrap();
    assert_eq!((given.result.as_str(), given.late_days, given.scored_by.as_str()), ("95", 0, "tang"));
    assert_eq!((scored.next_signoff.as_str(), scored.owner.as_str()), ("review", "safety_quality"));
    assert_eq!((scored.payment.as_str(), scored.settled_at), ("30000.00", None), "what would be paid");
    assert_eq!(reason(&score(&bench, TERRITORY, &july.name, "96").await.unwrap_err()), "STATE_WRONG");

    bench.advance("2024-07-26 09:00:00").await;
    for (by, signoff, refusals) in [
        (BUSINESS, "settlement", &["R22-18", "R22-18"][..]),
        (LEADER, "approval", &["R22-18"]),
        (LEADER, "review", &["R22-18"]),
    ] {
        assert_eq!(rules(&sign(&bench, by, &july.name, signoff).await.unwrap_err()), refusals, "{signoff}");
    }
    sign(&bench, SAFETY, &july.name, "review").await.unwrap();
    assert_eq!(sign(&bench, SAFETY, &july.name, "review").await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(rules(&sign(&bench, BUSINESS, &july.name, "settlement").await.unwrap_err()), ["R22-18"]);
    let approved = sign(&bench, LEADER, &july.name, "approval").await.unwrap();
    assert_eq!((approved.state(), approved.owner.as_str()), (State::Scored, "business_management"));
    let paid = sign(&bench, BUSINESS, &july.name, "settlement").await.unwrap();
    assert_eq!((paid.state(), paid.payment.as_str(), paid.owner.as_str()), (State::Settled, "30000.00", ""));
    assert_eq!(shown(paid.settled_at), "2024-07-26 09:00:00");
    assert_eq!(paid.signatures.iter().map(|it| it.signed_by.as_str()).collect::<Vec<_>>(), ["an", "ling", "jing"]);
    assert_eq!(reason(&sign(&bench, BUSINESS, &july.name, "settlement").await.unwrap_err()), "STATE_WRONG");
    let told = bench.told::<pb::SettlementProgressed>().await;
    let of_july = told.into_iter().map(|(it, _)| it).filter(|it| it.settlement.as_ref().unwrap().name == july.name);
    assert_eq!(of_july.map(|it| it.event).collect::<Vec<_>>(), ["scored", "review", "approval", "settlement"]);
}

#[tokio::test]
async fn a_score_of_the_26th_is_late_by_a_day_and_that_is_told_when_the_25th_is_over() {
    let bench = office("2024-08-01 09:00:00").await;
    let made = agree(&bench, OFFICE, pb::Agreement { starts_on: "2024-08-01".to_owned(), ..wanted() }).await.unwrap();
    let august = month(&bench, &made.name, "2024-08").await;
    bench.advance("2024-08-25 23:59:59").await;
    assert_eq!(bench.told::<pb::SettlementProgressed>().await.len(), 0);
    bench.advance("2024-08-26 00:00:00").await;
    let told = bench.told::<pb::SettlementProgressed>().await;
    assert_eq!((told.len(), told[0].0.event.as_str()), (1, "overdue"));
    let scored = score(&bench, TERRITORY, &august.name, "95").await.unwrap();
    assert_eq!(scored.score.unwrap().late_days, 1);
    assert_eq!(
        score(&bench, TERRITORY, &month(&bench, &made.name, "2024-09").await.name, "95").await.unwrap_err().code(),
        Code::InvalidArgument,
        "a month that is yet to begin"
    );
}

#[tokio::test]
async fn whoever_signs_next_may_return_the_score_and_nobody_else() {
    let bench = office("2024-07-25 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let july = month(&bench, &made.name, "2024-07").await.name;
    assert_eq!(reason(&give_back(&bench, SAFETY, &july).await.unwrap_err()), "STATE_WRONG");
    score(&bench, TERRITORY, &july, "95").await.unwrap();
    sign(&bench, SAFETY, &july, "review").await.unwrap();
    assert_eq!(rules(&give_back(&bench, SAFETY, &july).await.unwrap_err()), ["R22-18"]);
    let returned = give_back(&bench, LEADER, &july).await.unwrap();
    assert_eq!((returned.state(), returned.score, returned.signatures.len()), (State::Open, None, 0));
    let again = score(&bench, TERRITORY, &july, "89").await.unwrap();
    assert_eq!((again.payment.as_str(), again.next_signoff.as_str()), ("28500.00", "review"));
}

#[tokio::test]
async fn the_lines_say_what_is_deducted_by_which_rule_for_which_incidents() {
    let bench = office("2024-07-25 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let (third, ninth) =
        (machine(&bench, 3, "2024-07-25 09:00:00").await, machine(&bench, 9, "2024-07-25 09:00:00").await);
    let repair = |product: &str, cause: &str| pb::Incident {
        product: product.to_owned(),
        cause: cause.to_owned(),
        ..incident(&made.name, "repair")
    };
    for day in ["2024-07-02 09:00:00", "2024-07-03 09:00:00", "2024-07-04 09:00:00"] {
        enter(&bench, SUPERVISOR, repair(&third, "door contact"), day).await.unwrap();
    }
    for day in ["2024-07-02 10:00:00", "2024-07-03 10:00:00"] {
        enter(&bench, SUPERVISOR, repair(&ninth, "relay"), day).await.unwrap();
    }
    let rescue = pb::Incident { product: third.clone(), ..incident(&made.name, "late_rescue") };
    enter(&bench, SUPERVISOR, rescue, "2024-07-05 03:30:01").await.unwrap();
    let missing =
        enter(&bench, SUPERVISOR, incident(&made.name, "record_missing"), "2024-07-06 09:00:00").await.unwrap();
    let settled = settle(&bench, &made.name, "2024-07", "88.5").await;
    assert_eq!((settled.deducted.as_str(), settled.payment.as_str()), ("1650.00", "26850.00"));
    let lines: Vec<_> =
        settled.lines.iter().map(|line| (line.kind(), line.of.as_str(), line.amount.as_str())).collect();
    assert_eq!(
        lines,
        [
            (Kind::Fee, "", "30000.00"),
            (Kind::Tier, "", "28500.00"),
            (Kind::Deduction, "repeat_repair", "-600.00"),
            (Kind::Deduction, "repeat_repair", "-300.00"),
            (Kind::Deduction, "late_rescue", "-600.00"),
            (Kind::Deduction, "records_missing", "-150.00"),
        ]
    );
    assert_eq!(settled.lines[2].incidents.len(), 3);
    assert_eq!(settled.lines[5].incidents, [missing.name]);
    assert_eq!(settled.lines[5].explanation.as_ref().unwrap().rule, "R22-25");
}

#[tokio::test]
async fn what_becomes_known_after_the_settlement_stays_with_its_month_and_is_corrected_with_the_next() {
    let bench = office("2024-07-25 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let lift = machine(&bench, 1, "2024-07-25 09:00:00").await;
    let rescue = || pb::Incident { product: lift.clone(), ..incident(&made.name, "late_rescue") };
    enter(&bench, SUPERVISOR, rescue(), "2024-07-06 03:30:01").await.unwrap();
    let july = settle(&bench, &made.name, "2024-07", "95").await;
    assert_eq!(july.payment, "29400.00");

    bench.advance("2024-08-02 09:00:00").await;
    enter(&bench, SUPERVISOR, rescue(), "2024-07-30 03:30:01").await.unwrap();
    let failed =
        pb::Incident { product: lift.clone(), cost: "600".to_owned(), ..incident(&made.name, "inspection_failed") };
    enter(&bench, SAFETY, failed, "2024-07-31 09:00:00").await.unwrap();
    assert_eq!(month(&bench, &made.name, "2024-07").await, july, "what is settled stays");
    assert_eq!(agreement(&bench, &made.name).await.balance, "-1500.00");

    bench.advance("2024-08-25 09:00:00").await;
    let august = settle(&bench, &made.name, "2024-08", "92").await;
    let correction = august.lines.last().unwrap();
    assert_eq!((correction.kind(), correction.of.as_str()), (Kind::Correction, "2024-07"));
    assert_eq!((correction.amount.as_str(), august.due.as_str()), ("-1500.00", "30000.00"));
    assert_eq!((august.payment.as_str(), august.passed_on_total.as_str()), ("28500.00", "600.00"));
    assert_eq!(agreement(&bench, &made.name).await.balance, "0.00");

    bench.advance("2024-09-25 09:00:00").await;
    let september = settle(&bench, &made.name, "2024-09", "92").await;
    assert_eq!((september.payment.as_str(), september.passed_on_total.as_str()), ("30000.00", "0.00"));
}

#[tokio::test]
async fn a_settled_month_is_frozen_in_the_table_itself() {
    let bench = office("2024-07-25 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    settle(&bench, &made.name, "2024-07", "95").await;
    for statement in [
        "update evaluation.settlement set payment = 1 where state = 'SETTLED'",
        "update evaluation.settlement set document = '{}' where state = 'SETTLED'",
    ] {
        let error = sqlx::query(statement).execute(&bench.superuser).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "23001", "{statement}");
    }
}

#[tokio::test]
async fn what_happened_is_told_in_its_order_and_not_before_what_it_follows() {
    let bench = office("2024-07-25 09:00:00").await;
    let made = agree(&bench, OFFICE, wanted()).await.unwrap();
    let july = month(&bench, &made.name, "2024-07").await;
    score(&bench, TERRITORY, &july.name, "95").await.unwrap();
    let (signoff, (subject, role)) = CHAIN[0];
    let request = pb::SignSettlementRequest {
        name: july.name.clone(),
        signoff: signoff.to_owned(),
        occurred_at: Some(parse::to_timestamp(at("2024-07-25 08:59:59"))),
        request_id: new_request_id(),
        ..pb::SignSettlementRequest::default()
    };
    let refused = bench.evaluation.sign_settlement(by(subject, role, request)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let stale = pb::SignSettlementRequest {
        name: july.name.clone(),
        signoff: signoff.to_owned(),
        etag: july.etag,
        request_id: new_request_id(),
        ..pb::SignSettlementRequest::default()
    };
    let refused = bench.evaluation.sign_settlement(by(subject, role, stale)).await.unwrap_err();
    assert_eq!(reason(&refused), "ETAG_STALE");
}
