//! Findings and the entries that follow, as in scenario S7 of R01. The regulation of the case is given: asking intake for
//! it is proved with the whole suite.

use std::sync::Mutex;

use callout_contract::evaluation::v1::{
    self as pb, findings_server::Findings as _, ledger_entries_server::LedgerEntries as _,
};
use callout_evaluation::finding::commands::{self, Amounts};
use callout_journal::TenantTx;
use callout_kit::{Caller, Error};
use callout_regulation::Library;
use tonic::{Code, Request, Status};

use crate::support::{Bench, ORGANIZATION, REVISION, at, by, name, rules};

const NOW: &str = "2026-03-13 20:00:00";

fn finding(kind: &str, person: &str, extra_cost: &str, proposed_amount: &str) -> pb::Finding {
    pb::Finding {
        kind: kind.to_owned(),
        person: person.to_owned(),
        subject: name("workOrders", 1),
        extra_cost: extra_cost.to_owned(),
        proposed_amount: proposed_amount.to_owned(),
        ..pb::Finding::default()
    }
}

async fn enter(bench: &Bench, role: &str, asked: pb::Finding) -> Result<pb::Finding, Status> {
    let caller = by("lin", role, ()).extensions().get::<Caller>().unwrap().clone();
    let regulation = Library::built_in().unwrap().named(REVISION).unwrap();
    let made = Mutex::new(None);
    let enter = async |tx: &mut TenantTx| {
        let amounts = Amounts::decode(&asked)?;
        let finding = commands::enter(tx, &caller, regulation, asked.clone(), amounts, at(NOW)).await?;
        *made.lock().unwrap() = Some(finding);
        Ok::<(), Error>(())
    };
    bench.write(enter).await?;
    Ok(made.into_inner().unwrap().unwrap())
}

async fn list(bench: &Bench) -> Vec<pb::Finding> {
    let request = pb::ListFindingsRequest { parent: ORGANIZATION.to_owned(), ..pb::ListFindingsRequest::default() };
    let findings = bench.evaluation.list_findings(by("lin", "quality_office", request)).await.unwrap();
    findings.into_inner().findings
}

fn amounts(finding: &pb::Finding) -> Vec<&str> {
    finding.entries.iter().map(|entry| entry.amount.as_str()).collect()
}

#[tokio::test]
async fn a_poor_record_costs_fifty_when_it_caused_extra_cost_and_is_recorded_with_zero_otherwise() {
    let bench = Bench::start(NOW).await;
    let costly = enter(&bench, "quality_office", finding("poor_record", "chen", "640", "")).await.unwrap();
    assert_eq!(amounts(&costly), ["50.00"]);
    let entry = &costly.entries[0];
    assert_eq!((entry.person.as_str(), entry.trigger.as_str()), ("chen", "finding:poor_record"));
    let harmless = enter(&bench, "quality_office", finding("poor_record", "ma", "", "")).await.unwrap();
    assert_eq!((amounts(&harmless).as_slice(), harmless.extra_cost.as_str()), (&["0.00"][..], "0.00"));
    // The same again is another record that was found wanting.
    enter(&bench, "quality_office", finding("poor_record", "chen", "640", "")).await.unwrap();

    let listed = list(&bench).await;
    assert_eq!(listed.len(), 3);
    assert!(listed.contains(&costly) && listed.contains(&harmless));
    let get = pb::GetFindingRequest { name: costly.name.clone() };
    assert_eq!(bench.evaluation.get_finding(by("lin", "quality_office", get)).await.unwrap().into_inner(), costly);
    let of_chen = pb::ListLedgerEntriesRequest {
        parent: ORGANIZATION.to_owned(),
        person: "chen".to_owned(),
        ..pb::ListLedgerEntriesRequest::default()
    };
    let of_chen: Request<_> = by("lin", "quality_office", of_chen);
    assert_eq!(bench.evaluation.list_ledger_entries(of_chen).await.unwrap().into_inner().ledger_entries.len(), 2);
    assert_eq!(bench.told::<pb::FindingMade>().await.len(), 3);
    assert_eq!(bench.told::<pb::LedgerEntryMade>().await.len(), 3);
}

#[tokio::test]
async fn an_amount_outside_the_band_is_refused_and_leaves_nothing() {
    let bench = Bench::start(NOW).await;
    for proposed in ["30", "49.99", "500.01", "520", ""] {
        let refused = enter(&bench, "quality_office", finding("return_without_consent", "wang", "300", proposed)).await;
        assert_eq!(rules(&refused.unwrap_err()), ["R01-37"], "{proposed}");
    }
    assert_eq!(list(&bench).await, []);
    for proposed in ["50", "200", "500"] {
        let made = enter(&bench, "quality_office", finding("return_without_consent", "wang", "300", proposed)).await;
        assert_eq!(amounts(&made.unwrap()), [format!("{proposed}.00")]);
    }
    let free = enter(&bench, "quality_office", finding("return_without_consent", "sun", "", "")).await.unwrap();
    assert_eq!(amounts(&free), ["0.00"]);
}

#[tokio::test]
async fn a_finding_is_refused_from_a_role_that_may_not_make_it() {
    let bench = Bench::start(NOW).await;
    let refused = enter(&bench, "engineer", finding("poor_record", "chen", "640", "")).await.unwrap_err();
    assert_eq!(rules(&refused), ["R01-28"]);
}

#[tokio::test]
async fn a_kind_that_the_regulation_does_not_know_and_amounts_it_does_not_ask_for_are_invalid() {
    let bench = Bench::start(NOW).await;
    for (asked, field) in [
        (finding("bad_manners", "chen", "", ""), "finding.kind"),
        (finding("poor_record", "chen", "640", "70"), "finding.proposed_amount"),
        (finding("poor_record", "chen", "-1", ""), "finding.extra_cost"),
        (finding("poor_record", &"x".repeat(201), "", ""), "finding.person"),
    ] {
        let refused = enter(&bench, "quality_office", asked).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{field}");
        assert!(refused.message().contains(field), "{}", refused.message());
    }
}
