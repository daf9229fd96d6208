//! How the story looks in a terminal: a column for the time, one for what a line is about, and text beside them.

use std::{borrow::Cow, io};

use textwrap::{Options, WordSplitter};

use super::facts::Topic;
use crate::terminal::{Colour, Style};

/// Longer lines are hard to read, however wide the terminal is.
const WIDEST: usize = 100;
/// Columns for the time.
const TIME: usize = 8;
/// Columns for what a line is about.
const TOPIC: usize = 11;

/// Writes the story.
pub struct Page<W> {
    out: W,
    style: Style,
}

impl<W: io::Write> Page<W> {
    pub fn new(out: W, style: Style) -> Self {
        Self { out, style: Style { width: style.width.clamp(TIME + TOPIC + 20, WIDEST), ..style } }
    }

    /// A line across the page.
    pub fn heading(&mut self, text: &str) -> io::Result<()> {
        let rest = self.style.width.saturating_sub(text.chars().count() + 4);
        writeln!(self.out)?;
        writeln!(
            self.out,
            "{} {} {}",
            self.style.paint(Colour::Faint, "──"),
            self.style.paint(Colour::Bold, text),
            self.style.paint(Colour::Faint, &"─".repeat(rest))
        )
    }

    /// Text across the page.
    pub fn paragraph(&mut self, text: &str) -> io::Result<()> {
        for line in wrapped(text, self.style.width) {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// What happens, in the words of the scenario.
    pub fn note(&mut self, time: &str, text: &str) -> io::Result<()> {
        writeln!(self.out)?;
        let time = format!(" {time:width$}", width = TIME - 1);
        self.beside(&self.style.paint(Colour::Bold, &time), TIME, None, text)
    }

    /// Who calls what.
    pub fn call(&mut self, person: &str, service: &str, method: &str) -> io::Result<()> {
        let line = format!("{person} → {service} {method}");
        self.beside(&" ".repeat(TIME), TIME, Some(Colour::Faint), &line)
    }

    /// One thing that came of it.
    pub fn fact(&mut self, topic: Topic, text: &str) -> io::Result<()> {
        let label = format!("{}{:width$}", " ".repeat(TIME), topic.label(), width = TOPIC);
        self.beside(&self.style.paint(topic.colour(), &label), TIME + TOPIC, None, text)
    }

    /// More about it.
    pub fn aside(&mut self, text: &str) -> io::Result<()> {
        self.beside(&" ".repeat(TIME + TOPIC), TIME + TOPIC, None, text)
    }

    /// What the rule says by which it came.
    pub fn rule(&mut self, id: &str, text: &str) -> io::Result<()> {
        let indent = " ".repeat(TIME + TOPIC);
        self.beside(&indent, TIME + TOPIC, Some(Colour::Faint), &format!("{id}: {text}"))
    }

    /// `text` beside what stands in the columns before it, `indent` wide.
    fn beside(&mut self, before: &str, indent: usize, colour: Option<Colour>, text: &str) -> io::Result<()> {
        let blank = " ".repeat(indent);
        for (number, line) in wrapped(text, self.style.width - indent).iter().enumerate() {
            let line = colour.map_or_else(|| line.to_string(), |colour| self.style.paint(colour, line));
            writeln!(self.out, "{}{line}", if number == 0 { before } else { &blank })?;
        }
        Ok(())
    }
}

/// Not broken at hyphens: a revision such as `R01-aerial-platforms@1` is one word.
fn wrapped(text: &str, width: usize) -> Vec<Cow<'_, str>> {
    textwrap::wrap(text, Options::new(width).word_splitter(WordSplitter::NoHyphenation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(width: usize, write: impl FnOnce(&mut Page<&mut Vec<u8>>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut Page::new(&mut out, Style { width, colour: false })).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_stays_in_its_column() {
        let page = written(60, |page| {
            page.note("09:00", "The harbour telephones: the boom of its platform does not extend.")?;
            page.fact(Topic::Due, "arrival until Sun 12 Apr, 09:00: 48 hours from received (engineer)")
        });
        insta::assert_snapshot!(page, @r"

         09:00  The harbour telephones: the boom of its platform
                does not extend.
                due        arrival until Sun 12 Apr, 09:00: 48 hours
                           from received (engineer)
        ");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_or_than_is_easy_to_read() {
        for (width, widest) in [(60, 60), (100, 100), (250, 100)] {
            let page = written(width, |page| {
                page.heading("Friday, 10 April 2026")?;
                page.rule("R01-06", &"a word and ".repeat(40))
            });
            let longest = page.lines().map(|line| line.chars().count()).max();
            assert!(longest.is_some_and(|longest| longest <= widest), "{page}");
        }
    }
}
