//! The calls of a story in its trace.

use std::collections::{BTreeSet, HashMap};

use callout_kit::telemetry::FinishedSpan;
use callout_testkit::trace::Trace;

/// The package-qualified service whose calls belong to the sandbox and not to the story: it moves the clock.
const SANDBOXES: &str = "callout.intake.v1.Sandboxes/";

/// The spans of a scenario's trace, by the call of the scenario within which they ran.
pub struct Calls<'s> {
    /// The scenario itself.
    root: Vec<&'s FinishedSpan>,
    /// What each call caused, the call first, in the order of the story.
    calls: Vec<Vec<&'s FinishedSpan>>,
}

impl<'s> Calls<'s> {
    /// Those of the trace `trace_id`, without what only moved the sandbox's clock.
    pub fn of(spans: &'s [FinishedSpan], trace_id: &str) -> Self {
        let mut below: HashMap<Option<&str>, Vec<&FinishedSpan>> = HashMap::new();
        for span in spans.iter().filter(|span| span.trace_id == trace_id) {
            below.entry(span.parent_span_id.as_deref()).or_default().push(span);
        }
        let root = below.remove(&None).unwrap_or_default();
        let mut calls: Vec<&FinishedSpan> = Vec::new();
        for scenario in &root {
            let children = below.get(&Some(scenario.span_id.as_str())).into_iter().flatten();
            calls.extend(children.filter(|call| !call.name.starts_with(SANDBOXES)));
        }
        calls.sort_by_key(|call| call.start_time_unix_nano);
        let calls = calls.into_iter().map(|call| with_all_below(call, &below)).collect();
        Self { root, calls }
    }

    /// All of them, with the scenario at the top.
    pub fn trace(&self, trace_id: &str) -> Option<Trace> {
        let spans: Vec<FinishedSpan> =
            self.root.iter().chain(self.calls.iter().flatten()).map(|span| (*span).clone()).collect();
        Trace::of_id(&spans, trace_id)
    }

    /// As few calls as show every service: the one that reached most of them, then each that adds one, in the order of
    /// the story.
    pub fn across_services(&self, trace_id: &str) -> Vec<Trace> {
        let mut shown: BTreeSet<&str> = BTreeSet::new();
        let mut chosen: BTreeSet<usize> = BTreeSet::new();
        loop {
            let gain = |call: &usize| services(&self.calls[*call]).difference(&shown).count();
            // Of those that add as much, the one that reached most, and then the one that caused most, tells most.
            let worth = |call: &usize| (gain(call), services(&self.calls[*call]).len(), self.calls[*call].len());
            let best = (0..self.calls.len()).max_by_key(worth);
            let Some(best) = best.filter(|best| gain(best) > 0) else { break };
            shown.extend(services(&self.calls[best]));
            chosen.insert(best);
        }
        chosen.into_iter().filter_map(|call| Trace::of_id(&alone(&self.calls[call]), trace_id)).collect()
    }
}

fn with_all_below<'s>(
    span: &'s FinishedSpan,
    below: &HashMap<Option<&str>, Vec<&'s FinishedSpan>>,
) -> Vec<&'s FinishedSpan> {
    let children = below.get(&Some(span.span_id.as_str())).into_iter().flatten();
    let mut spans = vec![span];
    spans.extend(children.flat_map(|child| with_all_below(child, below)));
    spans
}

fn services<'s>(spans: &[&'s FinishedSpan]) -> BTreeSet<&'s str> {
    spans.iter().filter_map(|span| span.service.as_deref()).collect()
}

/// A call without the scenario around it.
fn alone(spans: &[&FinishedSpan]) -> Vec<FinishedSpan> {
    let mut spans: Vec<FinishedSpan> = spans.iter().map(|span| (*span).clone()).collect();
    if let Some(call) = spans.first_mut() {
        call.parent_span_id = None;
    }
    spans
}

#[cfg(test)]
mod tests {
    use callout_kit::telemetry::{SpanKind, SpanStatus};

    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn span(id: u64, parent: u64, name: &str, service: &str) -> FinishedSpan {
        FinishedSpan {
            trace_id: TRACE.to_owned(),
            span_id: format!("{id:016x}"),
            parent_span_id: (parent > 0).then(|| format!("{parent:016x}")),
            name: name.to_owned(),
            kind: SpanKind::Server,
            service: (!service.is_empty()).then(|| service.to_owned()),
            start_time_unix_nano: id,
            end_time_unix_nano: id + 1,
            attributes: [].into(),
            links: Vec::new(),
            status: SpanStatus::Unset,
        }
    }

    fn story() -> Vec<FinishedSpan> {
        vec![
            span(1, 0, "A story", ""),
            span(2, 1, "callout.intake.v1.Sandboxes/AdvanceClock", "intake"),
            span(3, 2, "callout.evaluation.v1.TestClock/SetClock", "evaluation"),
            span(4, 1, "callout.intake.v1.Cases/CreateCase", "intake"),
            span(5, 1, "callout.intake.v1.Cases/DispatchCase", "intake"),
            span(6, 5, "callout.dispatch.v1.WorkOrders/CreateWorkOrder", "dispatch"),
            span(7, 1, "callout.inventory.v1.Items/CreateItem", "inventory"),
        ]
    }

    fn names(trace: &Trace) -> Vec<&str> {
        trace.spans().iter().map(|span| span.name.rsplit('/').next().unwrap_or_default()).collect()
    }

    #[test]
    fn the_moving_of_the_clock_is_no_part_of_the_story() {
        let spans = story();
        let trace = Calls::of(&spans, TRACE).trace(TRACE).unwrap();
        assert_eq!(names(&trace), ["A story", "CreateCase", "DispatchCase", "CreateWorkOrder", "CreateItem"]);
        assert_eq!(trace.faults(), []);
    }

    #[test]
    fn as_few_calls_as_show_every_service_are_drawn_each_on_its_own() {
        let spans = story();
        let drawn = Calls::of(&spans, TRACE).across_services(TRACE);
        assert_eq!(
            drawn.iter().map(names).collect::<Vec<_>>(),
            [vec!["DispatchCase", "CreateWorkOrder"], vec!["CreateItem"]]
        );
        assert!(drawn.iter().all(|trace| trace.faults().is_empty()));
    }
}
