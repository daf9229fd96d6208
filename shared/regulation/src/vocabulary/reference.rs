//! The vocabulary as its authors read it.

use std::fmt::Write;

use super::{Event, Kind, Mode, Preset, Service, Subject, Transition, Values, words};

/// The vocabulary of packs, as Markdown.
#[must_use]
pub fn vocabulary_reference() -> String {
    let mut text = String::from(
        "# Vocabulary of regulation packs\n\n\
         Generated from the suite; what a pack may speak of. Conditions and formulas are ZEN expressions over the facts.\n\
         A fact that is not known makes an expression undecided, never false; those with a preset take it meanwhile.\n\n\
         ## Facts\n\n| fact | type | preset | known in | meaning |\n| --- | --- | --- | --- | --- |\n",
    );
    for definition in words::ALL {
        let preset = match definition.preset {
            None => String::new(),
            Some(Preset::Text(word)) => format!("`{word}`"),
            Some(Preset::Flag(flag)) => format!("`{flag}`"),
        };
        let known_in = definition.known_in.iter().map(|section| section.name()).collect::<Vec<_>>().join(", ");
        row(
            &mut text,
            &[&format!("`{}`", definition.word), &kind(definition.kind), &preset, &known_in, definition.doc],
        );
    }
    row(
        &mut text,
        &[
            "`table.<column>`",
            "number",
            "",
            "tariffs, performance_pay.income",
            "A value of the table that is named beside it, valid at the time of the quote, or at the end of the year.",
        ],
    );
    row(
        &mut text,
        &["`price.<kind>`", "number", "", "tariffs", "A price of the part, valid at the time of the quote."],
    );
    for (word, known_in, meaning) in [
        ("`figure.<id>`", "scorecards.indicators", "A figure of the scorecard, summed up over the period."),
        ("`score.<block>`", "scorecards.scales", "The value of a block of the scorecard, not rounded."),
        ("`card.<kind>`", "scorecards.cancelled", "How many cards of that kind the person was shown in the period."),
    ] {
        row(&mut text, &[word, "number", "", known_in, meaning]);
    }
    for (word, kind, known_in, doc) in [
        (
            "`record.<kind>.<field>`",
            "as the form says",
            "coverage.verdicts, gates, limits, chains, consequences",
            "What the latest record of a kind says in a field of its form. Before a record is made: what it is to say.",
        ),
        (
            "`form.<field>`",
            "as the form says",
            "routines.condition",
            "What is said in a field of the form of the routine that is done.",
        ),
        (
            "`term.<id>`",
            "text: `none`, `not_begun`, `running`, `over`",
            "coverage.verdicts, gates, limits",
            "Where a term of `coverage.terms` stood when the warranty is read; `none` where the product does not have it.",
        ),
        (
            "`records.<kind>`",
            "number",
            "coverage.verdicts, gates, limits, chains, consequences",
            "How many records of a kind were made.",
        ),
        (
            "`setting.<id>`",
            "number",
            "everywhere but coverage.classes",
            "A number of the pack's `settings`, as the organisation has set it for that day.",
        ),
    ] {
        row(&mut text, &[word, kind, "", known_in, doc]);
    }
    text.push_str("\n## Events\n\n| event | happens to | meaning |\n| --- | --- | --- |\n");
    for (event, word, meaning) in Event::WORDS {
        let subjects = event.subjects().iter().map(|subject| subject.word()).collect::<Vec<_>>().join(", ");
        row(&mut text, &[&format!("`{word}`"), &subjects, meaning]);
    }
    row(&mut text, &["`record:<kind>`", "what the kind is put on record of", "Something was put on record."]);
    text.push_str("\n## Transitions\n\n| transition | taken by | meaning |\n| --- | --- | --- |\n");
    for (transition, word, meaning) in Transition::WORDS {
        row(&mut text, &[&format!("`{word}`"), transition.subject().word(), meaning]);
    }
    list(&mut text, "Subjects", Subject::WORDS.iter().map(|(_, word, meaning)| (*word, *meaning)));
    list(&mut text, "Modes", Mode::WORDS.iter().map(|(_, word, meaning)| (*word, *meaning)));
    list(&mut text, "Services", Service::WORDS.iter().map(|(_, word, meaning)| (*word, *meaning)));
    text
}

fn list<'a>(text: &mut String, title: &str, words: impl Iterator<Item = (&'a str, &'a str)>) {
    let _ = write!(text, "\n## {title}\n\n| word | meaning |\n| --- | --- |\n");
    for (word, meaning) in words {
        row(text, &[&format!("`{word}`"), meaning]);
    }
}

fn row(text: &mut String, cells: &[&str]) {
    let cells = cells.iter().map(|cell| cell.trim()).collect::<Vec<_>>().join(" | ");
    let _ = writeln!(text, "| {cells} |");
}

fn kind(kind: Kind) -> String {
    match kind {
        Kind::Text(values) => format!("text: {}", allowed(values)),
        Kind::Flag => "yes or no".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Texts(values) => format!("list of texts: {}", allowed(values)),
        Kind::Numbers => "list of numbers".to_owned(),
    }
}

fn allowed(values: Values) -> String {
    match values {
        Values::Any => "any".to_owned(),
        Values::OneOf(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Values::Makers => "`own` or a party".to_owned(),
        Values::Parties => "a party".to_owned(),
        Values::Requesters => "`customer` or a party".to_owned(),
        Values::Payers => "`customer`, `company` or a party".to_owned(),
        Values::Works => "a kind of work".to_owned(),
        Values::Classes => "a class of the pack".to_owned(),
        Values::Tariffs => "a tariff of the pack".to_owned(),
        Values::ItemCategories => "an item category of the pack".to_owned(),
        Values::Purposes => "a purpose of `loans`".to_owned(),
        Values::ProductCategories => "a category of product of the pack".to_owned(),
        Values::Parts => "`other` or a part of the pack".to_owned(),
        Values::Regions => "a region of the pack".to_owned(),
        Values::Severities => "`ordinary` or a severity of the pack".to_owned(),
        Values::Remedies => "`none` or a remedy of the pack".to_owned(),
        Values::Scorecards => "a scorecard of the pack".to_owned(),
        Values::Roles => "a role of the pack".to_owned(),
    }
}
