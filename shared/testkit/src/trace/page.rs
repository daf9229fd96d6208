//! Draws a trace as one HTML page that loads nothing and runs no script.

use std::fmt::Write as _;

use callout_kit::telemetry::{FinishedSpan, SpanStatus};

use super::{
    draw::{duration, failed, length, share, short_name},
    tree::{Row, Trace, is_sql, service},
};

const TEMPLATE: &str = include_str!("page.html");

/// Parts of the width that bars are placed by; 10,000 makes a hundredth of a percent.
const STEPS: usize = 10_000;

/// The trace as a page: bars in the colour of their service, details under the pointer, branches that fold.
#[must_use]
pub fn page(trace: &Trace, title: &str) -> String {
    let spans = trace.spans();
    let id = spans.first().map_or("", |span| span.trace_id.as_str());
    let about = format!("trace {id} · {} spans · {}", spans.len(), duration(trace.length()));
    let faults = trace.faults().iter().map(|fault| format!(r#"<p class="fault">{}</p>"#, escaped(&fault.to_string())));
    let legend = trace.services().into_iter().map(|name| {
        let count = spans.iter().filter(|span| service(span) == name).count();
        format!(r#"<span class="{}"><i></i>{} · {count}</span>"#, class(name), escaped(name))
    });
    let axis = (0..4).map(|quarter| format!("<span>{}</span>", duration(trace.length() / 4 * quarter)));
    let mut rows = String::new();
    draw(trace, None, &mut rows);
    filled(&[
        ("{{title}}", escaped(title)),
        ("{{about}}", escaped(&about)),
        ("{{faults}}", faults.collect()),
        ("{{legend}}", legend.collect()),
        ("{{axis}}", axis.collect()),
        ("{{rows}}", rows),
    ])
}

/// The template with its gaps filled, in the order in which they stand in it. Text that was put in is not looked at
/// again: a span may be named like a gap.
fn filled(parts: &[(&str, String); 6]) -> String {
    let mut page = String::new();
    let mut rest = TEMPLATE;
    for (gap, text) in parts.iter().flat_map(|(gap, text)| TEMPLATE.matches(gap).map(move |gap| (gap, text))) {
        if let Some((before, after)) = rest.split_once(gap) {
            page.push_str(before);
            page.push_str(text);
            rest = after;
        }
    }
    page.push_str(rest);
    page
}

fn draw(trace: &Trace, above: Option<Row<'_>>, out: &mut String) {
    for row in trace.below(above) {
        let line = line(trace, row);
        let classes = classes(row.span);
        // Writing to a String cannot fail.
        if trace.below(Some(row)).is_empty() {
            let _ = writeln!(out, r#"<div class="row {classes}" style="--depth:{}">{line}</div>"#, row.depth);
        } else {
            let _ = writeln!(
                out,
                r#"<details open><summary class="row {classes}" style="--depth:{}">{line}</summary>"#,
                row.depth
            );
            draw(trace, Some(row), out);
            out.push_str("</details>\n");
        }
    }
}

fn line(trace: &Trace, row: Row<'_>) -> String {
    let span = row.span;
    let offset = span.start_time_unix_nano.saturating_sub(trace.begin());
    format!(
        r#"<span class="name">{}<small>{}</small></span><span class="track"><i style="left:{};width:{}"></i></span><span class="took">{}</span>{}"#,
        escaped(short_name(span)),
        escaped(service(span)),
        percent(share(offset, trace.length(), STEPS)),
        percent(share(length(span), trace.length(), STEPS)),
        duration(length(span)),
        card(span, offset),
    )
}

/// What is shown under the pointer.
fn card(span: &FinishedSpan, offset: u64) -> String {
    let mut facts = vec![("began after".to_owned(), duration(offset)), ("took".to_owned(), duration(length(span)))];
    if let SpanStatus::Error { message } = &span.status {
        facts.push(("failed".to_owned(), message.clone()));
    }
    let texts = span.attributes.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), text)
    });
    facts.extend(texts);
    facts.push(("span".to_owned(), span.span_id.clone()));
    let facts = facts.iter().map(|(name, text)| format!("<dt>{}</dt><dd>{}</dd>", escaped(name), escaped(text)));
    format!(r#"<span class="card"><b>{}</b><dl>{}</dl></span>"#, escaped(&span.name), facts.collect::<String>())
}

fn classes(span: &FinishedSpan) -> String {
    let mut classes = class(service(span)).to_owned();
    if is_sql(span) {
        classes.push_str(" sql");
    }
    if failed(span) {
        classes.push_str(" failed");
    }
    classes
}

/// The style of a service's colour.
fn class(service: &str) -> &str {
    match service {
        "intake" | "dispatch" | "inventory" | "evaluation" => service,
        _ => "other",
    }
}

/// `12.34%`
fn percent(steps: usize) -> String {
    format!("{}.{:02}%", steps / 100, steps % 100)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::made_up;

    fn drawn() -> String {
        page(&Trace::of_case(&made_up::case(), "c1").unwrap(), "R01-S1 & a case")
    }

    #[test]
    fn a_page_loads_nothing_and_runs_nothing() {
        let page = drawn();
        for foreign in ["<script", "<link", "src=", "http:", "https:", "@import", "url("] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_bar_stands_where_and_as_long_as_its_span_ran() {
        let page = drawn();
        let row = page.lines().find(|line| line.contains("CreateWorkOrder")).unwrap();
        assert!(row.contains("left:10.00%;width:40.00%") && row.contains(r#"class="row dispatch""#), "{row}");
    }

    #[test]
    fn every_gap_is_filled_and_every_text_escaped() {
        let page = drawn();
        assert!(!page.contains("{{"), "{page}");
        assert!(page.contains("R01-S1 &amp; a case") && page.contains("&lt;stock&gt;") && !page.contains("<stock>"));
    }

    #[test]
    fn branches_fold_and_leaves_do_not() {
        let page = drawn();
        assert_eq!(page.matches("<details open>").count(), page.matches("</details>").count());
        assert_eq!(page.matches("<details open>").count(), 3, "the scenario, the dispatch and the order");
    }
}
