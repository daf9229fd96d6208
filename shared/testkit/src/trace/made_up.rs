//! A small trace for tests.

use callout_kit::telemetry::{FinishedSpan, SpanKind, SpanLink, SpanStatus};

pub(super) const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const MILLISECOND: u64 = 1_000_000;

fn span(id: &str, parent: &str, name: &str, kind: SpanKind, service: &str, from_ms: u64, to_ms: u64) -> FinishedSpan {
    FinishedSpan {
        trace_id: TRACE.to_owned(),
        span_id: format!("{id:0>16}"),
        parent_span_id: (!parent.is_empty()).then(|| format!("{parent:0>16}")),
        name: name.to_owned(),
        kind,
        service: (!service.is_empty()).then(|| service.to_owned()),
        start_time_unix_nano: 1_772_784_600_000_000_000 + from_ms * MILLISECOND,
        end_time_unix_nano: 1_772_784_600_000_000_000 + to_ms * MILLISECOND,
        attributes: [].into(),
        links: Vec::new(),
        status: SpanStatus::Unset,
    }
}

fn with(mut span: FinishedSpan, attributes: &[(&str, &str)]) -> FinishedSpan {
    span.attributes = attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    span
}

/// A case that is dispatched; one call of it fails.
pub(super) fn case() -> Vec<FinishedSpan> {
    use SpanKind::{Client, Consumer, Internal, Server};
    let case = ("case.id", "organizations/acme/cases/c1");
    let sql = ("db.system.name", "postgresql");
    let mut failed = span("8", "1", "callout.inventory.v1.LoanSlips/IssueLoanSlip", Server, "inventory", 70, 80);
    failed.status = SpanStatus::Error { message: "<stock>".to_owned() };
    vec![
        span("1", "", "R01-S1 A case", Internal, "", 0, 100),
        span("2", "1", "callout.intake.v1.Cases/DispatchCase", Client, "", 0, 62),
        with(span("3", "2", "callout.intake.v1.Cases/DispatchCase", Server, "intake", 1, 60), &[case]),
        with(span("4", "3", "SELECT intake.case", Client, "intake", 2, 5), &[sql]),
        span("5", "3", "callout.dispatch.v1.WorkOrders/CreateWorkOrder", Server, "dispatch", 10, 50),
        with(span("6", "5", "INSERT dispatch.work_order", Client, "dispatch", 20, 41), &[sql]),
        with(span("7", "3", "UPDATE intake.case", Client, "intake", 52, 55), &[sql]),
        failed,
        span("9", "1", "evaluation.on_work_order_created", Consumer, "evaluation", 90, 100),
    ]
}

/// Work on the same case that a timer did later, in a trace of its own.
pub(super) fn linked() -> FinishedSpan {
    let mut span = span("a", "", "intake.timer.arrival", SpanKind::Internal, "intake", 95, 99);
    span.trace_id = "1af7651916cd43dd8448eb211c80319c".to_owned();
    span.links = vec![SpanLink { trace_id: TRACE.to_owned(), span_id: format!("{:0>16}", "3") }];
    with(span, &[("case.id", "organizations/acme/cases/c1")])
}
