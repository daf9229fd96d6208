//! What both drawings share: short names and short figures.

use callout_kit::telemetry::{FinishedSpan, SpanStatus};

/// The name of a call without its package, `WorkOrders/CompleteWorkOrder`; other names as they are.
pub(super) fn short_name(span: &FinishedSpan) -> &str {
    match span.name.rsplit_once('/') {
        Some((service, _)) if !service.contains(' ') => {
            span.name.get(service.rfind('.').map_or(0, |dot| dot + 1)..).unwrap_or(&span.name)
        }
        _ => &span.name,
    }
}

/// How long it took, in nanoseconds.
pub(super) fn length(span: &FinishedSpan) -> u64 {
    span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano)
}

pub(super) fn failed(span: &FinishedSpan) -> bool {
    match span.status {
        SpanStatus::Error { .. } => true,
        SpanStatus::Unset | SpanStatus::Ok => false,
    }
}

/// A span of time with about three figures: `820 µs`, `12.3 ms`, `1.23 s`, `61.0 s`.
pub(super) fn duration(nanos: u64) -> String {
    match nanos {
        0..1_000_000 => format!("{} µs", nanos / 1_000),
        1_000_000..1_000_000_000 => {
            let tenths = nanos / 100_000;
            format!("{}.{} ms", tenths / 10, tenths % 10)
        }
        1_000_000_000..10_000_000_000 => {
            let hundredths = nanos / 10_000_000;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        10_000_000_000.. => {
            let tenths = nanos / 100_000_000;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
    }
}

/// The part of `whole` that `part` is, in `steps` of it, rounded down.
pub(super) fn share(part: u64, whole: u64, steps: usize) -> usize {
    let steps = u128::try_from(steps).unwrap_or(0);
    usize::try_from(u128::from(part) * steps / u128::from(whole.max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_about_three_figures() {
        for (nanos, shown) in
            [(820_400, "820 µs"), (12_345_678, "12.3 ms"), (1_234_567_890, "1.23 s"), (61_000_000_000, "61.0 s")]
        {
            assert_eq!(duration(nanos), shown);
        }
    }
}
