//! A claim from the papers handed in to the copies filed, as in scenario S9 of R01.

use callout_contract::{
    evaluation::v1::{self as pb, claims_server::Claims as _, ledger_entries_server::LedgerEntries as _},
    events::v1::{LimitMissed, LimitNearing},
    types::v1 as types,
};
use callout_kit::parse;
use rust_decimal::Decimal;
use tonic::{Code, Status};

use crate::support::{
    Bench, ORGANIZATION, REVISION, at, by, handed_in, local, name, new_request_id, reason, rules, shown,
};

const HANDED_IN: &str = "2026-03-18 16:00:00";

async fn opened(bench: &Bench, records: Vec<types::Record>) -> pb::Claim {
    bench.tell(&handed_in(1, records), HANDED_IN).await;
    let claims = list(bench).await;
    assert_eq!(claims.len(), 1);
    claims.into_iter().next().unwrap()
}

async fn list(bench: &Bench) -> Vec<pb::Claim> {
    let request = pb::ListClaimsRequest {
        parent: ORGANIZATION.to_owned(),
        work_order: name("workOrders", 1),
        ..pb::ListClaimsRequest::default()
    };
    bench.evaluation.list_claims(by("zhao", "service_administrator", request)).await.unwrap().into_inner().claims
}

async fn verify(bench: &Bench, claim: &pb::Claim) -> Result<pb::Claim, Status> {
    let request = pb::VerifyClaimRequest {
        name: claim.name.clone(),
        customer_rating: "satisfied".to_owned(),
        request_id: new_request_id(),
        ..pb::VerifyClaimRequest::default()
    };
    Ok(bench.evaluation.verify_claim(by("zhao", "service_administrator", request)).await?.into_inner())
}

async fn audit(bench: &Bench, claim: &pb::Claim) -> Result<pb::Claim, Status> {
    let request = pb::AuditClaimRequest {
        name: claim.name.clone(),
        request_id: new_request_id(),
        ..pb::AuditClaimRequest::default()
    };
    Ok(bench.evaluation.audit_claim(by("zhao", "service_administrator", request)).await?.into_inner())
}

async fn file(bench: &Bench, claim: &pb::Claim) -> Result<pb::Claim, Status> {
    let request = pb::FileClaimRequest {
        name: claim.name.clone(),
        request_id: new_request_id(),
        ..pb::FileClaimRequest::default()
    };
    Ok(bench.evaluation.file_claim(by("zhao", "service_administrator", request)).await?.into_inner())
}

async fn record(bench: &Bench, role: &str, claim: &pb::Claim, record: types::Record) -> Result<pb::Claim, Status> {
    let request =
        pb::CreateClaimRecordRequest { parent: claim.name.clone(), record: Some(record), request_id: new_request_id() };
    Ok(bench.evaluation.create_claim_record(by("gao", role, request)).await?.into_inner())
}

fn of_kind(kind: &str) -> types::Record {
    types::Record { kind: kind.to_owned(), ..types::Record::default() }
}

async fn entries(bench: &Bench, subject: &str) -> Vec<pb::LedgerEntry> {
    let request = pb::ListLedgerEntriesRequest {
        parent: ORGANIZATION.to_owned(),
        subject: subject.to_owned(),
        ..pb::ListLedgerEntriesRequest::default()
    };
    let entries = bench.evaluation.list_ledger_entries(by("lin", "quality_office", request)).await.unwrap();
    entries.into_inner().ledger_entries
}

#[tokio::test]
async fn papers_handed_in_open_one_claim_however_often_it_is_told() {
    let bench = Bench::start(HANDED_IN).await;
    bench.tell(&handed_in(1, Vec::new()), HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;
    assert_eq!(claim.state(), pb::claim::State::HandedIn);
    assert_eq!((claim.claimed.as_str(), claim.passed.as_str(), claim.engineer.as_str()), ("1860.00", "", "wang"));
    assert_eq!(claim.regulation, REVISION);
    assert_eq!(claim.owner, "quality_office");
    assert_eq!(shown(claim.next_due_at), "2026-03-25 23:59:59");
    let [audit] = claim.limits.as_slice() else { panic!("one limit, not {:?}", claim.limits) };
    assert_eq!((audit.limit.as_str(), audit.amount.as_str()), ("audit", "5wd"));
    assert_eq!(shown(audit.started_at), HANDED_IN);
    assert_eq!(bench.told::<pb::ClaimProgressed>().await.len(), 1);
}

#[tokio::test]
async fn an_audit_two_days_late_refuses_the_dinner_and_costs_the_auditor_twenty() {
    let bench = Bench::start(HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;

    bench.advance("2026-03-20 10:00:00").await;
    assert_eq!(rules(&audit(&bench, &claim).await.unwrap_err()), ["R01-40"]);
    assert_eq!(list(&bench).await[0].state(), pb::claim::State::HandedIn);

    bench.advance("2026-03-26 09:00:00").await;
    let verified = verify(&bench, &claim).await.unwrap();
    assert_eq!((verified.state(), verified.customer_rating.as_str()), (pb::claim::State::Verified, "satisfied"));
    assert_eq!(verified.limits[0].late_days, 1);
    assert_eq!(entries(&bench, &claim.name).await, []);

    bench.advance("2026-03-27 10:00:00").await;
    let audited = audit(&bench, &claim).await.unwrap();
    assert_eq!((audited.passed.as_str(), audited.refused.as_str()), ("1600.00", "260.00"));
    let lines: Vec<(bool, &str)> = audited.lines.iter().map(|line| (line.passed, line.refused_by.as_str())).collect();
    assert_eq!(lines, [(true, ""), (true, ""), (false, "R01-47")]);

    bench.advance("2026-03-27 10:00:00").await;
    let [fine] = entries(&bench, &claim.name).await.try_into().expect("one entry, however often the limit is told");
    assert_eq!(
        (fine.consequence.as_str(), fine.person.as_str(), fine.amount.as_str()),
        ("audit_late", "zhao", "20.00")
    );
    assert_eq!((fine.trigger.as_str(), fine.currency.as_str()), ("limit:audit", "CNY"));
    assert_eq!(fine.explanation.unwrap().rule, "R01-42");
    let missed = bench.told::<LimitMissed>().await;
    let responsible: Vec<&str> = missed.iter().map(|(missed, _)| missed.responsible.as_str()).collect();
    assert_eq!(responsible, ["service_administrator", "zhao"]);

    assert_eq!(rules(&file(&bench, &claim).await.unwrap_err()), ["R01-43", "R01-43"]);
    record(&bench, "service_administrator", &claim, of_kind("archive_copy")).await.unwrap();
    record(&bench, "service_administrator", &claim, of_kind("finance_copy")).await.unwrap();
    let filed = file(&bench, &claim).await.unwrap();
    assert_eq!((filed.state(), filed.owner.as_str(), filed.next_due_at), (pb::claim::State::Filed, "", None));
    let refused = record(&bench, "service_administrator", &claim, of_kind("archive_copy")).await.unwrap_err();
    assert_eq!(reason(&refused), "STATE_WRONG");
    assert_eq!(bench.count("select count(*) from evaluation.timer where kind = 'limit'").await, 0);
}

#[tokio::test]
async fn a_consent_on_the_order_before_the_dinner_lets_it_pass() {
    let bench = Bench::start(HANDED_IN).await;
    let consent = |instant: &str| types::Record {
        kind: "entertainment_consent".to_owned(),
        role: "after_sales_lead".to_owned(),
        occurred_at: Some(parse::to_timestamp(at(instant))),
        ..types::Record::default()
    };
    let claim = opened(&bench, vec![consent("2026-03-12 10:00:00")]).await;
    verify(&bench, &claim).await.unwrap();
    let audited = audit(&bench, &claim).await.unwrap();
    assert_eq!((audited.passed.as_str(), audited.refused.as_str()), ("1860.00", "0.00"));

    let late = Bench::start(HANDED_IN).await;
    let claim = opened(&late, vec![consent("2026-03-12 20:00:00")]).await;
    verify(&late, &claim).await.unwrap();
    assert_eq!(audit(&late, &claim).await.unwrap().refused, "260.00");
}

#[tokio::test]
async fn an_approved_application_moves_the_audit_and_only_the_general_manager_approves_it() {
    let bench = Bench::start(HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;
    bench.advance("2026-03-25 09:00:00").await;
    let fields = [("until", "2026-03-27"), ("reason", "receipts from two sites")];
    let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned()));
    let application = types::Record { fields: fields.into_iter().collect(), ..of_kind("audit_extension") };
    let refused = record(&bench, "service_administrator", &claim, application.clone()).await.unwrap_err();
    assert_eq!(rules(&refused), ["R01-42"]);
    let extended = record(&bench, "general_manager", &claim, application).await.unwrap();
    assert_eq!(shown(extended.next_due_at), "2026-03-27 23:59:59");

    bench.advance("2026-03-27 10:00:00").await;
    verify(&bench, &claim).await.unwrap();
    audit(&bench, &claim).await.unwrap();
    bench.advance("2026-03-30 10:00:00").await;
    assert_eq!(entries(&bench, &claim.name).await, []);
    let warned = bench.told::<LimitNearing>().await;
    let warned: Vec<_> = warned.iter().map(|(nearing, at)| (shown(nearing.due_at), local(*at))).collect();
    let [first, second] = &warned[..] else { panic!("a due time that moved is told anew: {warned:?}") };
    assert_eq!((first.0.as_str(), first.1.as_str()), ("2026-03-25 23:59:59", "2026-03-24 23:59:59"));
    assert_eq!((second.0.as_str(), second.1.as_str()), ("2026-03-27 23:59:59", "2026-03-26 23:59:59"));
}

#[tokio::test]
async fn an_application_that_is_entered_after_a_late_audit_takes_its_fine_back() {
    let bench = Bench::start(HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;
    bench.advance("2026-03-27 10:00:00").await;
    verify(&bench, &claim).await.unwrap();
    audit(&bench, &claim).await.unwrap();
    bench.advance("2026-03-27 11:00:00").await;
    let amounts = async || {
        let entries = entries(&bench, &claim.name).await.into_iter();
        let mut amounts: Vec<Decimal> = entries.map(|entry| entry.amount.parse().unwrap()).collect();
        amounts.sort();
        amounts
    };
    let cny = Decimal::from;
    assert_eq!(amounts().await, [cny(20)]);
    let until = async |day: &str| {
        let fields = [("until", day), ("reason", "receipts from two sites")];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned()));
        let application = types::Record { fields: fields.into_iter().collect(), ..of_kind("audit_extension") };
        record(&bench, "general_manager", &claim, application).await.unwrap();
    };
    until("2026-03-26").await;
    bench.advance("2026-03-27 12:00:00").await;
    assert_eq!(amounts().await, [cny(-20), cny(10), cny(20)], "a day late now, not two");
    until("2026-03-27").await;
    bench.advance("2026-03-27 13:00:00").await;
    assert_eq!(amounts().await, [cny(-20), cny(-10), cny(10), cny(20)]);
}

#[tokio::test]
async fn a_step_is_refused_before_the_one_that_it_follows_in_the_future_and_on_a_stale_etag() {
    let bench = Bench::start(HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;
    bench.advance("2026-03-20 10:00:00").await;
    let verify_at = async |instant: Option<&str>, etag: &str| {
        let request = pb::VerifyClaimRequest {
            name: claim.name.clone(),
            customer_rating: "satisfied".to_owned(),
            etag: etag.to_owned(),
            occurred_at: instant.map(|instant| parse::to_timestamp(at(instant))),
            request_id: new_request_id(),
        };
        bench.evaluation.verify_claim(by("zhao", "service_administrator", request)).await
    };
    for instant in ["2026-03-18 15:59:59", "2026-03-20 10:00:01"] {
        assert_eq!(verify_at(Some(instant), "").await.unwrap_err().code(), Code::InvalidArgument, "{instant}");
    }
    assert_eq!(verify_at(None, "\"99\"").await.unwrap_err().code(), Code::Aborted);
    let reported_late = verify_at(Some("2026-03-19 09:00:00"), &claim.etag).await.unwrap().into_inner();
    let verified = reported_late.milestones.iter().find(|milestone| milestone.event == "verified").unwrap();
    assert_eq!(shown(verified.occurred_at), "2026-03-19 09:00:00");
}

#[tokio::test]
async fn a_request_sent_again_gets_the_same_answer_and_changes_nothing() {
    let bench = Bench::start(HANDED_IN).await;
    let claim = opened(&bench, Vec::new()).await;
    let request = pb::VerifyClaimRequest {
        name: claim.name.clone(),
        customer_rating: "satisfied".to_owned(),
        request_id: new_request_id(),
        ..pb::VerifyClaimRequest::default()
    };
    let first = bench.evaluation.verify_claim(by("zhao", "service_administrator", request.clone())).await.unwrap();
    bench.advance("2026-03-19 10:00:00").await;
    let second = bench.evaluation.verify_claim(by("zhao", "service_administrator", request)).await.unwrap();
    assert_eq!(first.into_inner(), second.into_inner());
    assert_eq!(bench.told::<pb::ClaimProgressed>().await.len(), 2);
}
