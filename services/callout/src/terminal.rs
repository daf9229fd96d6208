//! The terminal that a person sits at: how wide it is, and whether it shows colour.

use std::io::{self, IsTerminal as _, Write as _};

use terminal_size::{Width, terminal_size};

/// Columns when nobody says how many there are: output that goes to a file.
const USUAL_WIDTH: usize = 100;

/// How standard output is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// How many columns there are.
    pub width: usize,
    /// Whether colour is shown: at a terminal, unless `NO_COLOR` is set (no-color.org).
    pub colour: bool,
}

impl Style {
    /// That of standard output.
    pub fn of_output() -> Self {
        let width = terminal_size().map_or(USUAL_WIDTH, |(Width(columns), _)| usize::from(columns));
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { width, colour: io::stdout().is_terminal() && !refused }
    }

    /// `text` in a colour.
    pub fn paint(self, colour: Colour, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\x1b[{}m{text}\x1b[0m", colour.code()) } else { text.to_owned() }
    }
}

/// What a text stands out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Headings.
    Bold,
    /// What may be passed over.
    Faint,
    /// What was refused, or is late.
    Red,
    /// What is in order.
    Green,
    /// What runs.
    Yellow,
    /// What was decided.
    Cyan,
    /// What was rated, or costs money.
    Magenta,
}

impl Colour {
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Faint => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Magenta => 35,
            Self::Cyan => 36,
        }
    }
}

/// Writes a line to standard output.
///
/// # Errors
/// When nobody reads it any more.
pub fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Says on standard error what is going on, to a person who waits; a file or a pipe is not told.
pub fn progress(line: &str) {
    let mut out = io::stderr();
    if out.is_terminal() {
        // Whoever closed it does not want to know.
        let _ = writeln!(out, "{line}");
    }
}

/// One clear line about what went wrong.
pub fn complain(fault: &anyhow::Error) {
    // There is no other place left to tell it.
    let _ = writeln!(io::stderr(), "callout: {}", told(fault));
}

/// The fault and its causes, but for those that repeat what was said: libraries often put a cause into their own words too.
fn told(fault: &anyhow::Error) -> String {
    let mut told = fault.to_string();
    for cause in fault.chain().skip(1).map(ToString::to_string) {
        // A cause that says it once more, and perhaps says more, takes the place of what was said.
        if let Some((_, said)) = told.rsplit_once(": ").filter(|(_, said)| cause.starts_with(said)) {
            told.truncate(told.len() - said.len());
            told.push_str(&cause);
        } else if !told.ends_with(&cause) {
            told.push_str(": ");
            told.push_str(&cause);
        }
    }
    told
}

/// How this program is called from where the caller is: by its name, unless they said or cargo knows where it lies.
pub fn own_name() -> String {
    let called = std::env::args_os().next().map(|name| name.to_string_lossy().into_owned());
    called.filter(|name| !name.is_empty()).unwrap_or_else(|| "callout".to_owned())
}

/// Whether the fault is that whoever read the output has gone, as with `callout pack schema | head`.
pub fn nobody_reads(fault: &anyhow::Error) -> bool {
    fault
        .chain()
        .any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_painted_only_where_it_is_shown() {
        let plain = Style { width: 80, colour: false };
        assert_eq!(plain.paint(Colour::Red, "late"), "late");
        let coloured = Style { colour: true, ..plain };
        assert_eq!(coloured.paint(Colour::Red, "late"), "\x1b[31mlate\x1b[0m");
        assert_eq!(coloured.paint(Colour::Red, ""), "");
    }

    #[test]
    fn what_went_wrong_is_told_with_its_causes_and_nothing_twice() {
        let told_of = |causes: &[&'static str]| {
            let innermost = anyhow::Error::msg(causes[causes.len() - 1]);
            told(&causes.iter().rev().skip(1).fold(innermost, |fault, cause| fault.context(*cause)))
        };
        assert_eq!(told_of(&["no suite answers", "refused"]), "no suite answers: refused");
        assert_eq!(told_of(&["the database: refused", "refused"]), "the database: refused");
        assert_eq!(
            told_of(&[
                "no suite answers",
                "transport error",
                "tcp connect error",
                "tcp connect error: refused",
                "refused"
            ]),
            "no suite answers: transport error: tcp connect error: refused"
        );
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        let gone = anyhow::Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).context("the schema");
        assert!(nobody_reads(&gone));
        assert!(!nobody_reads(&anyhow::anyhow!("another fault")));
    }
}
