//! A month is judged by another regulation before anybody adopts it: what would come out otherwise is said, and nothing
//! else.

use callout_testkit::scenario::Refusal;
use serde_json::{Value, json};

use crate::{
    grades,
    journey::{self, Left},
    papers,
    stage::Stage,
    world::World,
};

const PACKAGES: [&str; 4] = ["intake", "dispatch", "inventory", "evaluation"];

/// Half the time to pass information on and a dearer fine, more time for audits, consent to travel, and grades.
const DRAFT: &str = r#"
pack: draft
revision: 1
extends: R01-aerial-platforms
effective_from: 2027-01-01
limits:
  pass_on: {amount: 2wh}
  audit: {amount: 7wd}
consequences:
  not_passed_on: {amount: "80"}
expenses:
  travel: {rule: R01-47, needs_before: entertainment_consent, en: travel expense, zh: 差旅费用}
scorecards:
  engineer_service:
    grades:
      rule: R01-59
      ladder:
        - {id: good, from: 90, en: good, zh: 良好}
        - {id: poor, failed: true, en: poor, zh: 较差}
"#;

/// Of the time that the draft leaves to pass information on, the organisation says how much: it has not.
const NEEDS_A_SETTING: &str = r#"
pack: draft
revision: 1
extends: R01-aerial-platforms
effective_from: 2027-01-01
settings:
  passed_on_by_hand: {rule: R01-25, en: whether information is passed on by hand, zh: 信息是否人工传递}
limits:
  pass_on: {when: "setting.passed_on_by_hand > 0"}
"#;

/// A ladder of which nobody leaves the last rung.
const OUT_OF_REACH: &str = r#"
pack: draft
revision: 1
extends: R26-weighted-grades
effective_from: 2027-01-01
scorecards:
  quarterly:
    grades:
      ladder:
        - {id: a, from: 99, en: excellent or good, zh: 超过标准或达标}
        - {id: b, from: 98, en: average, zh: 基本达到标准要求}
        - {id: c, from: 97, en: pass, zh: 接近标准要求或相差不多}
        - {id: d, failed: true, en: "poor, to improve", zh: 远低于要求标准}
"#;

/// March 2026 as R01 counts it.
const MARCH: [&str; 2] = ["2026-02-28T16:00:00Z", "2026-03-31T16:00:00Z"];

/// The year as R26 counts it.
const YEAR: [&str; 2] = ["2025-12-31T16:00:00Z", "2026-12-31T16:00:00Z"];

/// Asks how March would be by a `revision` or a `pack`.
pub fn march(organization: &str, by: Value) -> Value {
    of_period(organization, MARCH, by)
}

fn of_period(organization: &str, [from, to]: [&str; 2], mut request: Value) -> Value {
    request["organization"] = json!(organization);
    request["from"] = json!(from);
    request["to"] = json!(to);
    request
}

/// What happened in the month.
struct Month {
    early: String,
    late: String,
    later: String,
}

/// Three questions that reached the desk after 1, 3 and 5 working hours, a visit with its claim, a rating and a finding.
async fn live(world: &mut World<'_>) -> Month {
    journey::found(world).await;
    world.hire("ma", "employee");
    world.hire("dong", "general_manager");
    let stock = journey::stock(world).await;
    let people = journey::people(world, &mut Left::default()).await;
    let machines = journey::machines(world).await;
    let mut questions = Vec::new();
    for _ in 0..3 {
        let question = json!({"kind": "KIND_ENQUIRY", "contact": "Mr Li", "fault": "Which gear oil?"});
        let request = json!({"parent": world.sandbox, "case": question});
        questions.push(world.make("ma", "intake/Cases/CreateCase", request).await);
    }
    let order = journey::paid_visit(world, &people, &machines, &stock).await;
    for (question, at) in questions.iter().zip(["2026-03-11T01:00:00Z", "2026-03-11T03:00:00Z", "2026-03-11T06:00:00Z"])
    {
        world.call("ma", "intake/Cases/PassCase", json!({"name": question, "occurredAt": at})).await;
    }
    papers::bring_back(world, &order, &stock).await;
    papers::evaluate(world, &order).await;
    let [early, late, later] = <[String; 3]>::try_from(questions).expect("three questions");
    Month { early, late, later }
}

/// The differences that all four services find, and how much they looked at.
async fn rehearse(world: &mut World<'_>, period: [&str; 2], by: Value) -> (Vec<Value>, Value) {
    let (mut differences, mut looked_at) = (Vec::new(), json!({}));
    for package in PACKAGES {
        let request = of_period(&world.sandbox, period, by.clone());
        let said = world.call("dong", &format!("{package}/Rehearsals/Rehearse"), request).await;
        let mut said = said.as_array().expect("a stream").clone();
        let sum = said.pop().expect("a sum at the end");
        let sum = sum["sum"]["lookedAt"].as_object().expect("the sum is the last message").clone();
        for (kind, count) in sum {
            looked_at[kind] = count;
        }
        differences.extend(said.into_iter().map(|said| said["difference"].clone()));
    }
    (differences, looked_at)
}

/// `KIND entry of subject by person: before -> after`, with the collection alone where the subject is not one of `names`.
fn line(difference: &Value, names: &[(&str, &str)]) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shown = |judgement: &Value| {
        let words = ["outcome", "amount", "currency", "dueAt"].map(|field| text(&judgement[field]));
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let subject = text(&difference["subject"]);
    let named = names.iter().find(|(name, _)| *name == subject).map(|(_, known)| (*known).to_owned());
    let collection = subject.split('/').nth(2).unwrap_or_default().to_owned();
    format!(
        "{} {} of {} by {}: {} -> {}",
        text(&difference["kind"]).trim_start_matches("KIND_"),
        text(&difference["entry"]),
        named.unwrap_or(collection),
        text(&difference["person"]),
        shown(&difference["before"]),
        shown(&difference["after"]),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_says_exactly_who_would_be_late_fined_paid_and_graded_otherwise() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    let month = live(&mut world).await;
    let names = [(month.early.as_str(), "early"), (month.late.as_str(), "late"), (month.later.as_str(), "later")];
    let (found, looked_at) = rehearse(&mut world, MARCH, json!({"pack": DRAFT})).await;
    let mut lines: Vec<String> = found.iter().map(|difference| line(difference, &names)).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            // R01-47 as the draft has it: the consent to travel was not on record when the money was spent.
            "CLAIM expenses.travel for line 1 of claims by wang: PASSED 1000.00 CNY -> REFUSED 1000.00 CNY",
            "GRADE scorecards.engineer_service of scorecards by wang: RATED 92 -> good 92",
            // Handed in on Friday the 13th, audited on the 30th: 5 working days end on the 20th, 7 on the 24th.
            "LIMIT limits.audit of claims by zhao: MET_LATE 2026-03-20T15:59:59Z -> MET_LATE 2026-03-24T15:59:59Z",
            // The repair was taken in at the desk, at 8:30.
            "LIMIT limits.pass_on of cases by lin: MET 2026-03-11T05:30:00Z -> MET 2026-03-11T02:30:00Z",
            // Received at 8:00, passed on at 9:00, 11:00 and 14:00; from 12:00 to 13:00 nobody works.
            "LIMIT limits.pass_on of early by ma: MET 2026-03-11T04:00:00Z -> MET 2026-03-11T02:00:00Z",
            "LIMIT limits.pass_on of late by ma: MET 2026-03-11T04:00:00Z -> MET_LATE 2026-03-11T02:00:00Z",
            "LIMIT limits.pass_on of later by ma: MET_LATE 2026-03-11T04:00:00Z -> MET_LATE 2026-03-11T02:00:00Z",
            // 10 a day: from the 20th to the 30th, and from the 24th.
            "SANCTION consequences.audit_late for audit of claims by zhao: DUE 100.00 CNY -> DUE 60.00 CNY",
            // What was withheld is fined alike, by a finding.
            "SANCTION consequences.not_passed_on for information_withheld of findings by chen: DUE 50.00 CNY -> DUE 80.00 CNY",
            "SANCTION consequences.not_passed_on for pass_on of late by ma: NONE -> DUE 80.00 CNY",
            "SANCTION consequences.not_passed_on for pass_on of later by ma: DUE 50.00 CNY -> DUE 80.00 CNY",
        ]
    );
    let counts = [
        ("case", 4),
        ("product", 2),
        ("work_order", 1),
        ("claim", 1),
        ("finding", 1),
        ("scorecard", 1),
        ("loan_slip", 0),
    ];
    for (kind, count) in counts {
        assert_eq!(looked_at[kind], count, "{kind}");
    }
    // What is said is explained by both.
    let fined = found.iter().find(|found| found["entry"] == "consequences.audit_late for audit").expect("it is there");
    assert_eq!(fined["before"]["explanation"]["computation"], "limit.late_days * 10 = 100");
    assert_eq!(fined["after"]["explanation"]["revision"], "draft@1");
    assert_eq!(fined["after"]["explanation"]["rule"], "R01-42");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_was_judged_by_finds_nothing_and_nothing_is_written() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    journey::live(&mut world).await;
    world.hire("dong", "general_manager");
    let told = told(&mut world).await;
    let (found, looked_at) = rehearse(&mut world, MARCH, json!({"revision": "R01-aerial-platforms@1"})).await;
    assert_eq!(found, Vec::<Value>::new());
    for kind in ["case", "work_order", "loan_slip", "claim", "finding", "scorecard"] {
        assert!(looked_at[kind].as_i64() >= Some(1), "{kind}: {looked_at}");
    }

    let (found, _) = rehearse(&mut world, MARCH, json!({"revision": "R01-agent-sales@1"})).await;
    let verdicts: Vec<String> =
        found.iter().filter(|found| found["kind"] == "KIND_VERDICT").map(|found| line(found, &[])).collect();
    // A partner's machine is in no class where agents sell: refused, whatever else is known of it.
    let refused = "VERDICT coverage of cases by : FREE, payer company -> REFUSED";
    assert!(!verdicts.is_empty() && verdicts.iter().all(|verdict| verdict == refused), "{verdicts:#?}");
    let charges: Vec<String> =
        found.iter().filter(|found| found["kind"] == "KIND_CHARGE").map(|found| line(found, &[])).collect();
    // Nor is there a partner who could be charged.
    assert_eq!(charges, ["CHARGE charges for korean_partner of workOrders by korean_partner: DUE 300.00 CNY -> NONE"]);
    assert_eq!(told, self::told(&mut world).await, "a rehearsal told something");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn results_by_figures_and_of_a_year_are_made_again_from_what_they_were_made_from() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    world.sandbox = grades::live(&mut world).await;
    world.hire("dong", "customer_service_supervisor");
    let (found, looked_at) = rehearse(&mut world, YEAR, json!({"revision": "R26-weighted-grades@1"})).await;
    assert_eq!(found, Vec::<Value>::new());
    assert_eq!(looked_at["scorecard"], 2);

    // Whatever the quarter was worth, nothing reaches this; the year goes by the ladder of its quarters.
    let (found, _) = rehearse(&mut world, YEAR, json!({"pack": OUT_OF_REACH})).await;
    let entries: Vec<&str> = found.iter().filter_map(|found| found["entry"].as_str()).collect();
    assert_eq!(entries, ["scorecards.quarterly", "scorecards.year_end"]);
    for grade in &found {
        assert_eq!((&grade["kind"], &grade["person"]), (&json!("KIND_GRADE"), &json!("luo")));
        assert_eq!(grade["before"]["amount"], grade["after"]["amount"]);
        assert_eq!((&grade["before"]["outcome"], &grade["after"]["outcome"]), (&json!("b"), &json!("d")));
    }
    stage.stop().await;
}

/// How much each service has told.
async fn told(world: &mut World<'_>) -> Vec<Value> {
    let mut told = Vec::new();
    for package in PACKAGES {
        let request = json!({"organization": world.sandbox});
        told.push(world.call("intake", &format!("{package}/Clocks/GetNextDue"), request).await);
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_draft_needs_and_nobody_set_is_undecided() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    let month = live(&mut world).await;
    let (found, _) = rehearse(&mut world, MARCH, json!({"pack": NEEDS_A_SETTING})).await;
    let of_late: Vec<&Value> = found.iter().filter(|found| found["subject"] == month.late).collect();
    let [undecided] = of_late.as_slice() else { panic!("{of_late:#?}") };
    assert_eq!(
        line(undecided, &[(&month.late, "late")]),
        "LIMIT limits.pass_on of late by ma: MET 2026-03-11T04:00:00Z -> UNDECIDED"
    );
    let why = &undecided["after"]["explanation"];
    assert_eq!(why["computation"], "`setting.passed_on_by_hand` is not known");
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_broken_drafts_and_periods_that_end_before_they_begin_are_refused() {
    let stage = Stage::start().await;
    let mut world = World::new(&stage, "acme");
    journey::found(&mut world).await;
    world.hire("dong", "general_manager");
    world.hire("ma", "employee");
    let broken = DRAFT.replace("{amount: 2wh}", "{amount: 2 hours}");
    let place = "pack:7:21 limits.pass_on.amount: ";
    for package in PACKAGES {
        let method = format!("{package}/Rehearsals/Rehearse");
        let refusal = async |by: &str, request: Value| {
            Refusal::from(&world.send(&world.prepare(by, &method, request)).await.expect_err(&method))
        };
        let draft = |text: &str| json!({"pack": text});
        let stranger = refusal("dong", march("organizations/globex", draft(&broken))).await;
        assert_eq!((stranger.code.as_str(), stranger.reason.as_str()), ("NOT_FOUND", "RESOURCE_NOT_FOUND"));

        let refused = refusal("dong", march(&world.sandbox, draft(&broken))).await;
        assert_eq!((refused.code.as_str(), refused.reason.as_str()), ("INVALID_ARGUMENT", "FIELD_INVALID"));
        assert!(refused.fields.iter().eq(["pack"]), "{refused:?}");
        assert!(refused.message.contains(place), "{place} is not in {}", refused.message);

        let refused = refusal("dong", march(&world.sandbox, json!({"revision": "R99@1"}))).await;
        assert!(refused.fields.iter().eq(["revision"]), "{refused:?}");
        let mut backwards = march(&world.sandbox, json!({}));
        backwards["to"] = backwards["from"].clone();
        let refused = refusal("dong", backwards).await;
        assert!(refused.fields.iter().eq(["regulation", "to"]), "{refused:?}");

        let refused = refusal("ma", march(&world.sandbox, draft(DRAFT))).await;
        assert_eq!(refused.reason, "PERMISSION_MISSING");
    }
    stage.stop().await;
}
