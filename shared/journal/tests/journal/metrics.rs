use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use callout_contract::types::v1::Record;
use callout_journal::{DatabaseResult as _, Journal, TenantTx};
use callout_kit::{
    Error, attributes,
    metrics::{Counter, Gauge, Histogram, Observation},
    telemetry::{Measured, MeasuredValue, MetricCollector},
};

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

#[tokio::test]
async fn events_are_counted_by_their_type_when_they_are_committed_and_not_before() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    record(&intake, ACME, "one").await;
    record(&intake, ACME, "two").await;
    record(&intake, LAB, "three").await;
    let fail = async |tx: &mut TenantTx| -> Result<Record, Error> {
        tell(tx, "never");
        Err(Error::DeadlineExceeded)
    };
    intake.command(&caller(ACME), command(ACME, &new_request_id()), &request(""), fail).await.unwrap_err();
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
async fn what_ends_a_command_is_counted_although_nothing_is_committed() {
    let suite = Suite::start().await;
    let (intake, collector) = measured(&suite);
    let refuse = async |tx: &mut TenantTx| -> Result<Record, Error> {
        tx.count_now(Counter::ConflictsRefused, [(attributes::CONFLICT, "order_active".into())]);
        Err(Error::DeadlineExceeded)
    };
    intake.command(&caller(LAB), command(LAB, &new_request_id()), &request(""), refuse).await.unwrap_err();
    let wanted = of([("callout.conflict", "order_active"), ("callout.mode", "sandbox")], MeasuredValue::Count(1));
    assert_eq!(values(&collector, Counter::ConflictsRefused.definition().name), [wanted]);
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
