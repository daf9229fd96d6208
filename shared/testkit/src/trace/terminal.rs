//! Draws a trace as a waterfall in a terminal.

use std::fmt::Write as _;

use super::{
    draw::{duration, failed, length, share, short_name},
    tree::{Row, Trace, is_sql, service},
};

/// How a waterfall is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// How many columns there are.
    pub width: usize,
    /// Whether services are told apart by colour.
    pub colour: bool,
    /// Whether statements in the database have lines of their own; else they are counted where they ran.
    pub sql: bool,
}

/// Columns for the length of a span, `12.3 ms` with a mark before it.
const FIGURES: usize = 10;
/// Columns for the statements that are folded, `  12 sql`.
const FOLDED: usize = 8;
/// A bar shorter than this shows nothing.
const NARROWEST_BAR: usize = 12;
const RESET: &str = "\x1b[0m";
const RED: &str = "\x1b[31m";
const FAINT: &str = "\x1b[2m";

/// The trace as text: a line a span, indented below what caused it, and at the end whatever is wrong with the trace.
#[must_use]
pub fn waterfall(trace: &Trace, view: View) -> String {
    let mut rows = Vec::new();
    collect(trace, None, view, &mut rows);
    let services = trace.services();
    let service_width = services.iter().map(|service| service.chars().count()).max().unwrap_or(0);
    let longest_name = rows.iter().map(|line| 2 * line.row.depth + short_name(line.row.span).chars().count()).max();
    let room = view.width.saturating_sub(service_width + FIGURES + FOLDED + 4);
    let name_width = longest_name.unwrap_or(0).min(room.saturating_sub(NARROWEST_BAR).max(room / 2));
    let layout = Layout { view, service_width, name_width, bar_width: room.saturating_sub(name_width) };

    let mut out = String::new();
    for line in &rows {
        out.push_str(&layout.line(trace, line));
        out.push('\n');
    }
    let ids: Vec<&str> = trace.spans().first().map(|span| span.trace_id.as_str()).into_iter().collect();
    let (spans, took) = (trace.spans().len(), duration(trace.length()));
    let summary = format!("trace {}: {spans} spans, {took}, {}", ids.join(", "), services.join(", "));
    out.push_str(&layout.painted(FAINT, &summary));
    out.push('\n');
    for fault in trace.faults() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", layout.painted(RED, &fault.to_string()));
    }
    out
}

struct Line<'t> {
    row: Row<'t>,
    /// How many statements right below it are not drawn.
    folded: usize,
}

fn collect<'t>(trace: &'t Trace, above: Option<Row<'t>>, view: View, lines: &mut Vec<Line<'t>>) {
    for row in trace.below(above) {
        if !view.sql && is_sql(row.span) {
            // What was called within a transaction is drawn in its place.
            collect(trace, Some(Row { depth: row.depth.saturating_sub(1), ..row }), view, lines);
            continue;
        }
        let folded =
            if view.sql { 0 } else { trace.below(Some(row)).iter().filter(|below| is_sql(below.span)).count() };
        lines.push(Line { row, folded });
        collect(trace, Some(row), view, lines);
    }
}

struct Layout {
    view: View,
    service_width: usize,
    name_width: usize,
    bar_width: usize,
}

impl Layout {
    fn line(&self, trace: &Trace, Line { row, folded }: &Line<'_>) -> String {
        let span = row.span;
        let colour = colour(service(span));
        let name = cut(&format!("{:indent$}{}", "", short_name(span), indent = 2 * row.depth), self.name_width);
        let service = format!("{:width$}", service(span), width = self.service_width);
        let offset = share(span.start_time_unix_nano - trace.begin(), trace.length(), self.bar_width);
        let offset = offset.min(self.bar_width.saturating_sub(1));
        let cells =
            share(length(span), trace.length(), self.bar_width).clamp(1, self.bar_width.saturating_sub(offset).max(1));
        let bar = format!(
            "{}{}",
            if is_sql(span) { "─" } else { "█" }.repeat(cells),
            " ".repeat(self.bar_width.saturating_sub(offset + cells))
        );
        let mark = if failed(span) { self.painted(RED, "✗ ") } else { "  ".to_owned() };
        let figure = duration(length(span));
        let folded = if *folded > 0 { format!("  {folded} sql") } else { String::new() };
        let line = format!(
            "{} {name:name_width$} {:offset$}{} {mark}{figure:>figures$}{}",
            self.painted(colour, &service),
            "",
            self.painted(colour, &bar),
            self.painted(FAINT, &folded),
            name_width = self.name_width,
            figures = FIGURES - 2,
        );
        line.trim_end().to_owned()
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.view.colour && !text.is_empty() { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

fn colour(service: &str) -> &'static str {
    match service {
        "intake" => "\x1b[36m",
        "dispatch" => "\x1b[33m",
        "inventory" => "\x1b[32m",
        "evaluation" => "\x1b[35m",
        _ => "\x1b[90m",
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::made_up;

    fn drawn(view: View) -> String {
        waterfall(&Trace::of_case(&made_up::case(), "c1").unwrap(), view)
    }

    const PLAIN: View = View { width: 100, colour: false, sql: false };

    #[test]
    fn a_waterfall_shows_who_did_what_when_and_counts_the_statements() {
        insta::assert_snapshot!(drawn(PLAIN), @"
        caller     R01-S1 A case                      ██████████████████████████████████   100.0 ms
        intake       Cases/DispatchCase               ████████████████████                  59.0 ms  2 sql
        dispatch       WorkOrders/CreateWorkOrder        █████████████                      40.0 ms  1 sql
        inventory    LoanSlips/IssueLoanSlip                                 ███         ✗  10.0 ms
        evaluation   evaluation.on_work_order_created                               ███     10.0 ms
        trace 0af7651916cd43dd8448eb211c80319c: 9 spans, 100.0 ms, caller, intake, dispatch, inventory, evaluation
        ");
    }

    #[test]
    fn statements_have_their_lines_when_asked_for() {
        insta::assert_snapshot!(drawn(View { sql: true, ..PLAIN }), @"
        caller     R01-S1 A case                      ██████████████████████████████████   100.0 ms
        intake       Cases/DispatchCase               ████████████████████                  59.0 ms
        intake         SELECT intake.case             ─                                      3.0 ms
        dispatch       WorkOrders/CreateWorkOrder        █████████████                      40.0 ms
        dispatch         INSERT dispatch.work_order         ───────                         21.0 ms
        intake         UPDATE intake.case                              ─                     3.0 ms
        inventory    LoanSlips/IssueLoanSlip                                 ███         ✗  10.0 ms
        evaluation   evaluation.on_work_order_created                               ███     10.0 ms
        trace 0af7651916cd43dd8448eb211c80319c: 9 spans, 100.0 ms, caller, intake, dispatch, inventory, evaluation
        ");
    }

    #[test]
    fn a_call_made_within_a_transaction_is_drawn_in_its_place() {
        let mut spans = made_up::case();
        let transaction = spans[3].span_id.clone();
        let called = spans.iter_mut().find(|span| span.name.ends_with("CreateWorkOrder")).unwrap();
        called.parent_span_id = Some(transaction);
        let drawn = waterfall(&Trace::of_id(&spans, made_up::TRACE).unwrap(), PLAIN);
        assert!(drawn.contains("dispatch       WorkOrders/CreateWorkOrder "), "{drawn}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in [60, 80, 100, 200] {
            let drawn = drawn(View { width, ..PLAIN });
            let widest = drawn.lines().take_while(|line| !line.starts_with("trace ")).map(|line| line.chars().count());
            assert!(widest.max().unwrap() <= width, "{width}:\n{drawn}");
        }
    }

    #[test]
    fn a_terminal_that_is_far_too_narrow_is_no_reason_to_fail() {
        for width in 0..40 {
            assert!(!drawn(View { width, ..PLAIN }).is_empty());
        }
    }

    #[test]
    fn services_are_told_apart_by_colour() {
        let coloured = drawn(View { colour: true, ..PLAIN });
        assert!(coloured.contains("\x1b[36mintake") && coloured.contains("\x1b[33mdispatch"), "{coloured}");
    }

    #[test]
    fn what_is_wrong_with_the_trace_is_told_below_it() {
        let mut spans = made_up::case();
        spans.remove(4);
        let drawn = waterfall(&Trace::of_id(&spans, made_up::TRACE).unwrap(), PLAIN);
        assert!(drawn.lines().last().unwrap().starts_with("orphan: INSERT dispatch.work_order"), "{drawn}");
    }
}
