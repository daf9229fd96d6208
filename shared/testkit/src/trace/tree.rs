//! The spans of one case as a tree, and whether it is whole.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
};

use callout_kit::{
    attributes,
    telemetry::{FinishedSpan, SpanKind},
};

/// Spans that belong together, each below the one that caused it.
#[derive(Clone, Debug)]
pub struct Trace {
    spans: Vec<FinishedSpan>,
    /// By span, those below it, the earliest first.
    children: Vec<Vec<usize>>,
    /// Spans below nothing, the earliest first.
    roots: Vec<usize>,
    faults: Vec<Fault>,
}

/// Why the spans of a case are not one whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Work on the case was done in several traces.
    SeveralTraces(Vec<String>),
    /// A span says that it ran within another one, which is not there.
    Orphan {
        /// The span's id.
        span_id: String,
        /// Its name.
        name: String,
        /// The one that is missing.
        parent_span_id: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SeveralTraces(ids) => write!(f, "{} traces instead of one: {}", ids.len(), ids.join(", ")),
            Self::Orphan { span_id, name, parent_span_id } => {
                write!(f, "orphan: {name} ({span_id}) ran within {parent_span_id}, which is missing")
            }
        }
    }
}

/// One line of a drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'t> {
    pub(super) index: usize,
    pub(super) span: &'t FinishedSpan,
    /// How many spans it is within.
    pub(super) depth: usize,
}

impl Trace {
    /// The spans of every trace in which something is said of `case`, its resource name or the last part of it; none
    /// when no span does. A span says so by any of its attributes.
    #[must_use]
    pub fn of_case(spans: &[FinishedSpan], case: &str) -> Option<Self> {
        let traces: BTreeSet<&str> =
            spans.iter().filter(|span| tells_of(span, case)).map(|span| span.trace_id.as_str()).collect();
        Self::of(spans, &traces)
    }

    /// The spans of the trace `trace_id`; none when there are none.
    #[must_use]
    pub fn of_id(spans: &[FinishedSpan], trace_id: &str) -> Option<Self> {
        Self::of(spans, &BTreeSet::from([trace_id]))
    }

    fn of(spans: &[FinishedSpan], traces: &BTreeSet<&str>) -> Option<Self> {
        let mut spans: Vec<FinishedSpan> =
            spans.iter().filter(|span| traces.contains(span.trace_id.as_str())).cloned().collect();
        if spans.is_empty() {
            return None;
        }
        // Of spans that begin together the longer one is the outer one.
        spans.sort_by_key(|span| (span.start_time_unix_nano, std::cmp::Reverse(span.end_time_unix_nano)));
        let places: HashMap<(&str, &str), usize> = spans
            .iter()
            .enumerate()
            .map(|(place, span)| ((span.trace_id.as_str(), span.span_id.as_str()), place))
            .collect();

        let mut children = vec![Vec::new(); spans.len()];
        let mut roots = Vec::new();
        let mut without_parent = Vec::new();
        for (place, span) in spans.iter().enumerate() {
            let within = span.parent_span_id.as_ref().and_then(|id| places.get(&(span.trace_id.as_str(), id.as_str())));
            let caused_by =
                || span.links.iter().find_map(|link| places.get(&(link.trace_id.as_str(), link.span_id.as_str())));
            if let Some(above) = within.or_else(caused_by).filter(|above| **above != place) {
                children[*above].push(place);
                continue;
            }
            roots.push(place);
            if span.parent_span_id.is_some() {
                without_parent.push(place);
            }
        }
        let mut faults = Vec::new();
        if traces.len() > 1 {
            faults.push(Fault::SeveralTraces(traces.iter().map(|id| (*id).to_owned()).collect()));
        }
        if !called_by_one_stranger(&spans, &roots) {
            faults.extend(without_parent.into_iter().map(|place| Fault::orphan(&spans[place])));
        }
        Some(Self { spans, children, roots, faults })
    }

    /// Why this is not one whole; nothing when it is.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The spans, in the order in which they began.
    #[must_use]
    pub fn spans(&self) -> &[FinishedSpan] {
        &self.spans
    }

    /// When the first span began, in nanoseconds since 1970.
    pub(super) fn begin(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.start_time_unix_nano)
    }

    /// How long it all took, in nanoseconds; at least one.
    pub(super) fn length(&self) -> u64 {
        let end = self.spans.iter().map(|span| span.end_time_unix_nano).max().unwrap_or(0);
        end.saturating_sub(self.begin()).max(1)
    }

    /// The services that took part, in the order in which they came in.
    pub(super) fn services(&self) -> Vec<&str> {
        let mut services: Vec<&str> = Vec::new();
        for service in self.spans.iter().map(service) {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        services
    }

    /// What is drawn below `row`, or at the top. The caller's side of a call is not drawn where the called side is: the
    /// two say the same twice.
    pub(super) fn below(&self, row: Option<Row<'_>>) -> Vec<Row<'_>> {
        let (places, depth) = row.map_or((&self.roots, 0), |row| (&self.children[row.index], row.depth + 1));
        places.iter().map(|place| self.row(*place, depth)).collect()
    }

    fn row(&self, place: usize, depth: usize) -> Row<'_> {
        let span = &self.spans[place];
        match (span.kind, self.children[place].as_slice()) {
            (SpanKind::Client, [called])
                if self.spans[*called].kind == SpanKind::Server && self.spans[*called].name == span.name =>
            {
                Row { index: *called, span: &self.spans[*called], depth }
            }
            _ => Row { index: place, span, depth },
        }
    }
}

impl Fault {
    fn orphan(span: &FinishedSpan) -> Self {
        Self::Orphan {
            span_id: span.span_id.clone(),
            name: span.name.clone(),
            parent_span_id: span.parent_span_id.clone().unwrap_or_default(),
        }
    }
}

/// Whether everything at the top was called from within one and the same span that is not ours to see: that of a
/// client which keeps its spans to itself.
fn called_by_one_stranger(spans: &[FinishedSpan], roots: &[usize]) -> bool {
    let callers: BTreeSet<_> =
        roots.iter().map(|root| (&spans[*root].trace_id, &spans[*root].parent_span_id)).collect();
    callers.len() == 1 && roots.iter().all(|root| spans[*root].kind == SpanKind::Server)
}

fn tells_of(span: &FinishedSpan, case: &str) -> bool {
    let is_it = |value: &str| value.strip_suffix(case).is_some_and(|before| before.is_empty() || before.ends_with('/'));
    !case.is_empty() && span.attributes.values().filter_map(serde_json::Value::as_str).any(is_it)
}

/// Whether it is a statement in the database.
pub(super) fn is_sql(span: &FinishedSpan) -> bool {
    span.attributes.contains_key(attributes::DB_SYSTEM_NAME)
}

/// Whose work it is.
pub(super) fn service(span: &FinishedSpan) -> &str {
    span.service.as_deref().unwrap_or("caller")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::made_up;

    #[test]
    fn the_trace_of_a_case_is_found_by_its_name_or_the_last_part_of_it() {
        let spans = made_up::case();
        for case in ["organizations/acme/cases/c1", "c1"] {
            assert_eq!(Trace::of_case(&spans, case).unwrap().spans().len(), spans.len(), "{case}");
        }
        assert!(Trace::of_case(&spans, "1").is_none());
    }

    #[test]
    fn a_whole_trace_has_no_fault() {
        assert_eq!(Trace::of_id(&made_up::case(), made_up::TRACE).unwrap().faults(), []);
    }

    #[test]
    fn a_span_whose_parent_is_missing_is_an_orphan() {
        let mut spans = made_up::case();
        let parent = spans.iter().position(|span| span.name.ends_with("CreateWorkOrder")).unwrap();
        let lost = spans.remove(parent);
        let trace = Trace::of_id(&spans, made_up::TRACE).unwrap();
        let [Fault::Orphan { parent_span_id, .. }] = trace.faults() else { panic!("{:?}", trace.faults()) };
        assert_eq!(*parent_span_id, lost.span_id);
    }

    #[test]
    fn calls_of_one_client_that_keeps_its_span_are_no_orphans() {
        let spans = made_up::case()[2..7].to_vec();
        assert_eq!(Trace::of_id(&spans, made_up::TRACE).unwrap().faults(), []);
    }

    #[test]
    fn work_in_another_trace_is_told_and_drawn_below_what_caused_it() {
        let mut spans = made_up::case();
        spans.push(made_up::linked());
        let trace = Trace::of_case(&spans, "c1").unwrap();
        assert_eq!(trace.below(None).len(), 1);
        assert!(matches!(trace.faults(), [Fault::SeveralTraces(ids)] if ids.len() == 2), "{:?}", trace.faults());
    }
}
