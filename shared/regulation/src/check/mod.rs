//! Whether a pack makes sense: every word that it uses is declared, every expression fits the facts of its section, every
//! rule is kept by an entry. All problems are found at once.

mod archives;
mod entitlement;
mod limits;
mod losses;
mod money;
mod pay;
mod registers;
mod returns;
mod scopes;
mod scorecards;
mod settlements;
mod stock;
mod surveys;
mod words;
mod work;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use crate::{
    Problem, Problems, Regulation, Source,
    expression::{Condition, Formula, Scope},
    pack::{Entries, Kept, Pack, RecordKind},
    source::{Document, element, member, read},
    vocabulary::{Subject, nearest},
};

/// Parses, checks and compiles a pack; what it extends is looked for on the `shelf`.
///
/// # Errors
/// [`Problems`] with everything that is wrong, each at its place in the text.
pub fn load(source: Source<'_>, shelf: &[Source<'_>]) -> Result<Regulation, Problems> {
    let document = Document::parse(source, shelf)?;
    let reading = read::<Pack>(&document);
    let Some(pack) = &reading.value else { return Err(reading.problems.into()) };
    let zone = TimeZone::get(&pack.zone);
    let mut checker = Checker { pack, document: &document, problems: Vec::new(), cited: BTreeSet::new() };
    if zone.is_err() {
        checker.report("zone", format!("`{}` is no time zone; write an IANA name such as `Asia/Shanghai`", pack.zone));
    }
    checker.check();
    if reading.problems.is_empty() {
        // While entries are missing, rules may seem to be kept by none.
        checker.rules();
    }
    let meant = checker.problems.into_iter().filter(|problem| !reading.may_explain(problem));
    let problems: Vec<_> = reading.problems.iter().cloned().chain(meant).collect();
    match (zone, reading.value) {
        (Ok(zone), Some(pack)) if problems.is_empty() => Ok(Regulation::new(pack, zone)),
        _ => Err(problems.into()),
    }
}

struct Checker<'a> {
    pack: &'a Pack,
    document: &'a Document,
    problems: Vec<Problem>,
    /// The rules that an entry comes from.
    cited: BTreeSet<&'a str>,
}

impl<'a> Checker<'a> {
    fn check(&mut self) {
        self.words();
        self.entitlement();
        self.money();
        self.work();
        self.settlements();
        self.archives();
        self.stock();
        self.scorecards();
        self.pay();
        self.registers();
        self.returns();
        self.losses();
        self.surveys();
    }

    fn report(&mut self, path: &str, message: String) {
        self.problems.push(self.document.problem(path, message));
    }

    /// An entry comes from a rule, and keeps further ones.
    fn cites(&mut self, path: &str, rule: &'a str, also: &'a [String]) {
        self.rule(&member(path, "rule"), rule);
        for (index, rule) in also.iter().enumerate() {
            self.rule(&element(&member(path, "also"), index), rule);
        }
    }

    fn rule(&mut self, path: &str, rule: &'a str) {
        self.cited.insert(rule);
        self.one_of(path, "rule", rule, self.pack.rules.keys());
    }

    /// A word must be one of those declared; `what` names what it should be.
    fn one_of<'w>(&mut self, path: &str, what: &str, word: &str, declared: impl Iterator<Item = &'w String> + Clone) {
        if declared.clone().any(|known| known == word) {
            return;
        }
        let known = declared.map(String::as_str).collect::<Vec<_>>();
        let hint = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "the pack declares none".to_owned(),
            None => format!("declared are {}", known.join(", ")),
        };
        self.report(path, format!("unknown {what} `{word}`; {hint}"));
    }

    fn each_of<T>(&mut self, path: &str, what: &str, words: &[String], declared: &Entries<T>) {
        for (index, word) in words.iter().enumerate() {
            self.one_of(&element(path, index), what, word, declared.keys());
        }
    }

    fn roles(&mut self, path: &str, roles: &[String]) {
        self.each_of(path, "role", roles, &self.pack.roles);
    }

    /// A record that is known where something is decided about `subject`.
    fn record(&mut self, path: &str, kind: &str, subject: Subject) {
        self.one_of(path, "record", kind, self.pack.records.keys());
        if let Some(RecordKind { on, .. }) = self.pack.records.get(kind)
            && !on.is_known_to(subject)
        {
            self.report(path, format!("`{kind}` is put on record of a {on}, which a {subject} does not belong to"));
        }
    }

    fn records(&mut self, path: &str, kinds: &[String], subject: Subject) {
        for (index, kind) in kinds.iter().enumerate() {
            self.record(&element(path, index), kind, subject);
        }
    }

    fn condition(&mut self, path: &str, condition: Option<&Condition>, scope: &Scope) {
        for problem in condition.map(|condition| condition.problems(scope)).unwrap_or_default() {
            self.report(path, problem);
        }
    }

    fn formula(&mut self, path: &str, formula: &Formula, scope: &Scope) {
        for problem in formula.problems(scope) {
            self.report(path, problem);
        }
    }

    /// Every rule but those that people keep is kept by an entry.
    fn rules(&mut self) {
        for (id, rule) in &self.pack.rules {
            if rule.kept != Kept::Recorded && !self.cited.contains(id.as_str()) {
                let message = format!(
                    "`{id}` is said to be {}, but no entry comes from it; name it in one, or say `kept: recorded`",
                    rule.kept.word()
                );
                self.report(&member("rules", id), message);
            }
        }
    }
}
