use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use callout_contract::types::v1::Record;
use callout_journal::{DatabaseResult as _, Journal, TenantTx};
use callout_kit::{
    Error, Refusal, attributes,
    metrics::{Counter, Gauge, Histogram, Observation},
    telemetry::{Measured, MeasuredValue, MetricCollector},
};
use jiff::Timestamp;

use crate::support::*;

/// Intake, and what it measures.
fn measured(suite: &Suite) -> (Journal, MetricCollector) {
    let collector = MetricCollector::default();
    (suite.intake.clone().measured_by(&collector.meter()), collector)
}

/// The values of a metric: its attributes, without the service, and what it stands at.
fn values(collector: &MetricCollector, name: &str) -> Vec<(Vec<(String, String)>, MeasuredValue)> {
    let collected = collector.collect().unwrap();
    let mut values: Vec<_> = collected
        .into_iter()
        .filter(|it| it.name == name)
        .map(|Measured { mut attributes, value, .. }| {
            assert_eq!(attributes.remove(attributes::SERVICE).as_deref(), Some("intake"));
            (attributes.into_iter().collect::<Vec<_>>(), value)
        })
        .collect();
    values.sort_by(|(one, _), (other, _)| one.cmp(other));
    values
}

fn of<const N: usize>(attributes: [(&str, &str); N], value: MeasuredValue) -> (Vec<(String, String)>, MeasuredValue) {
    (attributes.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), value)
}

async fn refused_with(journal: &Journal, organization: &str, error: impl Fn() -> Error + Send + Sync) {
    let refuse = async |tx: &mut TenantTx| -> Result<Record, Error> {
        tell(tx, "never").await?;
        Err(error())
    };
    let id = new_request_id();
    journal.command(&caller(organization), command(organization, &id), &request(""), refuse).await.unwrap_err();
}

#[tokio::test]
async fn events_are_counted_by_their_type_when_they_are_committed_and_not_before() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    record(&intake, ACME, "one").await;
    record(&intake, ACME, "two").await;
    record(&intake, LAB, "three").await;
    refused_with(&intake, ACME, || Error::DeadlineExceeded).await;
    let milestone = ("callout.event.type", "callout.types.v1.Milestone");
    assert_eq!(
        values(&collector, Counter::EventsAppended.definition().name),
        [
            of([milestone, ("callout.mode", "live")], MeasuredValue::Count(2)),
            of([milestone, ("callout.mode", "sandbox")], MeasuredValue::Count(1)),
        ]
    );
}

#[tokio::test]
async fn what_runs_again_because_of_a_conflict_is_counted_once() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let runs = Arc::new(AtomicU32::new(0));
    let counted = runs.clone();
    let run = async move |tx: &mut TenantTx| {
        let answer = record_visit(tx, "arrived").await?;
        if counted.fetch_add(1, Ordering::SeqCst) == 0 {
            let conflict = "do $$ begin raise exception using errcode = 'serialization_failure'; end $$";
            sqlx::raw_sql(conflict).execute(tx.conn()).await.db()?;
        }
        Ok(answer)
    };
    intake.command(&caller(ACME), command(ACME, &new_request_id()), &request("arrived"), run).await.unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 2);
    let counts: Vec<_> = values(&collector, "callout.events.appended").into_iter().map(|(_, value)| value).collect();
    assert_eq!(counts, [MeasuredValue::Count(1)]);
}

#[tokio::test]
async fn a_repeated_request_that_gets_its_first_answer_is_counted_and_one_that_is_refused_is_not() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let id = new_request_id();
    for note in ["arrived", "arrived", "arrived", "left"] {
        let sent = request(note);
        let run = async move |tx: &mut TenantTx| record_visit(tx, note).await;
        let _ = intake.command(&caller(ACME), command(ACME, &id), &sent, run).await;
    }
    let method = ("rpc.method", "callout.test.v1.Visits/RecordVisit");
    let replayed = of([("callout.mode", "live"), method], MeasuredValue::Count(2));
    assert_eq!(values(&collector, Counter::RequestsReplayed.definition().name), [replayed]);
}

#[tokio::test]
async fn a_refusal_is_counted_for_each_rule_that_refused_and_without_a_word_of_what_was_asked_for() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let refusal = |rule: &str| Refusal {
        rule: rule.to_owned(),
        subject: "organizations/acme/cases/7".to_owned(),
        message: "No service before payment.".into(),
        lifted_by: Vec::new(),
    };
    for _ in 0..2 {
        refused_with(&intake, ACME, || Error::Refused(vec![refusal("R01-34"), refusal("R01-35")])).await;
    }
    refused_with(&intake, ACME, || Error::Refused(vec![refusal("")])).await;
    let of_rule = |rule, count| {
        let method = ("rpc.method", "callout.test.v1.Visits/RecordVisit");
        of([("callout.mode", "live"), ("callout.rule", rule), method], MeasuredValue::Count(count))
    };
    let wanted = [of_rule("R01-34", 2), of_rule("R01-35", 2), of_rule("none", 1)];
    assert_eq!(values(&collector, Counter::RulesRefused.definition().name), wanted);
}

#[tokio::test]
async fn what_was_wanted_twice_is_counted_by_what_it_was() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let booked = || Error::EngineerBooked {
        engineer: "organizations/acme/engineers/7".to_owned(),
        start_at: Timestamp::UNIX_EPOCH,
        end_at: Timestamp::UNIX_EPOCH,
    };
    refused_with(&intake, LAB, booked).await;
    refused_with(&intake, LAB, || Error::OrderActive { case: "organizations/lab/cases/7".to_owned() }).await;
    refused_with(&intake, LAB, || Error::Stale { name: "organizations/lab/cases/7".to_owned() }).await;
    let of_kind = |kind| of([("callout.conflict", kind), ("callout.mode", "sandbox")], MeasuredValue::Count(1));
    let wanted = [of_kind("engineer_booked"), of_kind("order_active")];
    assert_eq!(values(&collector, Counter::ConflictsRefused.definition().name), wanted);
}

#[tokio::test]
async fn a_time_is_measured_when_it_is_committed() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    for outcome in [true, false] {
        let run = async move |tx: &mut TenantTx| {
            tx.time(Histogram::CaseAcceptance, seconds(90), [(attributes::CASE_KIND, "repair".into())]);
            if outcome { Ok(Record::default()) } else { Err(Error::DeadlineExceeded) }
        };
        let _ = intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), run).await;
    }
    let took = MeasuredValue::Times { count: 1, sum_s: 90.0 };
    let wanted = [of([("callout.case.kind", "repair"), ("callout.mode", "live")], took)];
    assert_eq!(values(&collector, Histogram::CaseAcceptance.definition().name), wanted);
}

#[tokio::test]
async fn a_journal_that_is_closed_has_no_gauges() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let due = Observation { gauge: Gauge::TimersDue, value: 7, attributes: Vec::new() };
    intake.metrics().observe(vec![due]);
    assert_eq!(values(&collector, "callout.timers.due"), [of([], MeasuredValue::Gauge(7))]);
    intake.close().await;
    assert_eq!(values(&collector, "callout.timers.due"), []);
}
