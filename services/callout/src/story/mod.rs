//! The story of a scenario, told to somebody who sees the suite for the first time.
//!
//! The narrator knows the contract and no regulation: what it tells is in the answers, and what a rule says is in the
//! pack that the answers name.

mod calls;
mod facts;
mod news;
mod page;
mod words;

use std::{collections::BTreeSet, io, sync::Arc};

use callout_regulation::{Library, Regulation};
use callout_testkit::scenario::Exchange;
use jiff::Zoned;

pub use self::calls::Calls;
use self::{facts::Topic, news::News, page::Page};
use crate::terminal::{Colour, Style};

/// Tells a scenario while it is played.
pub struct Narrator<'l, W> {
    page: Page<W>,
    library: &'l Library,
    news: News,
    /// The regulation by which the case is decided, once an answer has named it.
    regulation: Option<Arc<Regulation>>,
    /// Rules whose text the reader has seen.
    rules: BTreeSet<String>,
    /// When the last thing that was told happened.
    last: Option<Zoned>,
    calls: usize,
    refused: usize,
    /// Why nothing more is told: whoever read the story has gone.
    fault: Option<io::Error>,
}

impl<'l, W: io::Write> Narrator<'l, W> {
    /// A narrator who writes to `out`, and reads the texts of rules in `library`.
    pub fn new(out: W, style: Style, library: &'l Library) -> Self {
        Self {
            page: Page::new(out, style),
            library,
            news: News::default(),
            regulation: None,
            rules: BTreeSet::new(),
            last: None,
            calls: 0,
            refused: 0,
            fault: None,
        }
    }

    /// Tells what somebody did and what came of it. What has neither a note nor news is passed over.
    pub fn tell(&mut self, exchange: &Exchange<'_>) {
        self.calls += 1;
        self.refused += usize::from(exchange.answer.is_err());
        if self.fault.is_none() {
            self.fault = self.try_tell(exchange).err();
        }
    }

    /// Ends the story: what it came to.
    ///
    /// # Errors
    /// When the story could not be written to its end.
    pub fn end(mut self) -> io::Result<()> {
        if let Some(fault) = self.fault {
            return Err(fault);
        }
        let (calls, refused, rules) = (self.calls, self.refused, self.rules.len());
        let of_all = self.regulation.as_ref().map_or_else(String::new, |regulation| {
            format!(" of the {} of {}", regulation.pack().rules.len(), regulation.revision())
        });
        self.page.heading("What it came to")?;
        self.page.paragraph(&format!(
            "{calls} calls; {refused} of them were refused and said what would lift it. {rules} rules{of_all} were named. \
             Each is an entry of a file and none is code: another company brings another file."
        ))
    }

    fn try_tell(&mut self, exchange: &Exchange<'_>) -> io::Result<()> {
        let facts = self.news.of(exchange);
        if let Some(revision) = self.news.revision() {
            self.regulation = self.library.named(revision).cloned();
        }
        if exchange.note.is_empty() && facts.is_empty() {
            return Ok(());
        }
        let last = self.last.replace(exchange.at.clone());
        if last.as_ref().is_none_or(|last| last.date() != exchange.at.date()) {
            self.page.heading(&exchange.at.strftime("%A, %-d %B %Y").to_string())?;
        }
        if !exchange.note.is_empty() {
            let time = exchange.at.strftime("%H:%M").to_string();
            // A time that was told is not told again.
            let is_told = last.is_some_and(|last| last == exchange.at);
            self.page.note(if is_told { "" } else { &time }, exchange.note)?;
            let service = words::service(exchange.method.parent_service().package_name());
            let method = format!("{}/{}", exchange.method.parent_service().name(), exchange.method.name());
            self.page.call(&words::person(exchange), service, &method)?;
        }
        for fact in facts {
            let known = fact.rules.iter().filter(|rule| self.rules.contains(*rule)).cloned().collect::<Vec<_>>();
            let text = if known.is_empty() { fact.text } else { format!("{} ({})", fact.text, known.join(", ")) };
            self.page.fact(fact.topic, &text)?;
            for more in &fact.more {
                self.page.aside(more)?;
            }
            for rule in &fact.rules {
                self.rule(rule)?;
            }
        }
        if exchange.repeated && exchange.answer.is_ok() {
            self.page
                .fact(Topic::State, "the same request once more gets the same answer, and nothing is done twice")?;
        }
        Ok(())
    }

    /// What a rule says, the first time that it decides something.
    fn rule(&mut self, id: &str) -> io::Result<()> {
        let Some(regulation) = &self.regulation else { return Ok(()) };
        let Some(rule) = regulation.pack().rules.get(id) else { return Ok(()) };
        if self.rules.insert(id.to_owned()) {
            self.page.rule(id, &rule.text.en)?;
        }
        Ok(())
    }
}

impl Topic {
    fn label(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Decided => "decided",
            Self::State => "state",
            Self::OnRecord => "on record",
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Near => "soon due",
            Self::InTime => "in time",
            Self::Late => "late",
            Self::Lifted => "lifted",
            Self::Parts => "parts",
            Self::Money => "money",
            Self::Score => "score",
        }
    }

    fn colour(self) -> Colour {
        match self {
            Self::Refused | Self::Late => Colour::Red,
            Self::Decided => Colour::Cyan,
            Self::State | Self::OnRecord | Self::Planned | Self::Parts => Colour::Faint,
            Self::Due | Self::Near => Colour::Yellow,
            Self::InTime | Self::Lifted => Colour::Green,
            Self::Money | Self::Score => Colour::Magenta,
        }
    }
}
