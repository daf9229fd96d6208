//! The span file: one finished span a line.

use std::{fs, io, io::Write as _, path::Path};

use callout_kit::telemetry::FinishedSpan;

/// Reads the spans of a file.
///
/// # Errors
/// When the file cannot be read, or a line of it is no span; the error names the line. A last line without its end is
/// left out: somebody is still writing it.
pub fn read(path: &Path) -> io::Result<Vec<FinishedSpan>> {
    parse(&fs::read_to_string(path)?)
}

fn parse(text: &str) -> io::Result<Vec<FinishedSpan>> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let lines = whole.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let spans = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| {
            io::Error::new(io::ErrorKind::InvalidData, format!("line {}: no span: {error}", number + 1))
        })
    });
    spans.collect()
}

/// Adds spans to a file, which other processes may be adding to as well.
///
/// # Errors
/// When the file cannot be written.
pub fn append(path: &Path, spans: &[FinishedSpan]) -> io::Result<()> {
    let mut lines = Vec::new();
    for span in spans {
        serde_json::to_writer(&mut lines, span)?;
        lines.push(b'\n');
    }
    // One write for whole lines, so that they are not mixed with those of others.
    fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(&lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::made_up;

    #[test]
    fn what_was_written_is_read_again_and_a_line_still_being_written_is_left_out() {
        let line = serde_json::to_string(&made_up::case()[0]).unwrap();
        let spans = parse(&format!("{line}\n\n{line}\n{}", &line[..20])).unwrap();
        assert_eq!(spans, [made_up::case()[0].clone(), made_up::case()[0].clone()]);
    }

    #[test]
    fn a_line_that_is_no_span_is_named() {
        assert!(parse("{}\n").unwrap_err().to_string().starts_with("line 1: no span"));
    }
}
