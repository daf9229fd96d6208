//! What two regulations make of the same thing, side by side.

use std::collections::{BTreeMap, BTreeSet};

use callout_contract::{
    regulation::v1::Explanation,
    types::v1::{self as pb, difference::Kind},
};
use callout_regulation::{Refusal, Regulation, Undecided};
use rust_decimal::Decimal;

use crate::{Subject, money};

/// The outcome of what a regulation has nothing to say about.
const NONE: &str = "NONE";

/// The outcome of what needs something that is not known.
const UNDECIDED: &str = "UNDECIDED";

/// What the differences are about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The resource.
    pub subject: &'a str,
    /// The case that it belongs to, or is; empty for none.
    pub case: &'a str,
}

/// How something is judged by one regulation.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// Who answers for it, or is rated; empty where nobody is.
    pub person: String,
    /// The entry of the pack.
    pub entry: String,
    /// What comes out.
    pub judgement: pb::Judgement,
}

/// Everything that one regulation says of a subject: by what it is, and what tells it from others of its kind.
#[derive(Clone, Debug, Default)]
pub struct Judgements(BTreeMap<(Kind, String), Judged>);

impl Judgements {
    /// Adds one.
    pub fn add(&mut self, kind: Kind, key: impl Into<String>, judged: Judged) {
        self.0.insert((kind, key.into()), judged);
    }

    /// Adds what cannot be decided by an entry, because of what is refused.
    pub fn add_refused(&mut self, kind: Kind, entry: String, regulation: &Regulation, refusal: &Refusal) {
        let judgement = undecided(explained(regulation, &refusal.rule, &refusal.entry, refusal.message.en.clone()));
        self.add(kind, entry.clone(), Judged { person: String::new(), entry, judgement });
    }

    /// What differs between these and those of another regulation.
    #[must_use]
    pub fn against(&self, other: &Self, about: About<'_>) -> Vec<pb::Difference> {
        let keys: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        keys.into_iter().filter_map(|key| difference(key.0, self.0.get(key), other.0.get(key), about)).collect()
    }
}

impl Judged {
    /// What cannot be decided, because of what is not known.
    #[must_use]
    pub fn undecided(regulation: &Regulation, rule: &str, entry: String, cause: &Undecided) -> Self {
        let judgement = undecided(explained(regulation, rule, &entry, cause.to_string()));
        Self { person: String::new(), entry, judgement }
    }
}

impl<'a> About<'a> {
    /// Those about a subject.
    #[must_use]
    pub fn subject(subject: &'a Subject) -> Self {
        Self { subject: &subject.name, case: &subject.case }
    }
}

/// Why, where a regulation does not explain it itself.
#[must_use]
pub fn explained(regulation: &Regulation, rule: &str, entry: &str, computation: String) -> Explanation {
    Explanation {
        rule: rule.to_owned(),
        entry: entry.to_owned(),
        revision: regulation.revision().to_owned(),
        computation,
        ..Explanation::default()
    }
}

/// An amount of money that falls due.
#[must_use]
pub fn due(regulation: &Regulation, amount: Decimal, explanation: Explanation) -> pb::Judgement {
    pb::Judgement {
        outcome: "DUE".to_owned(),
        amount: money::written(amount),
        currency: regulation.pack().currency.clone(),
        explanation: Some(explanation),
        ..pb::Judgement::default()
    }
}

fn undecided(explanation: Explanation) -> pb::Judgement {
    pb::Judgement { outcome: UNDECIDED.to_owned(), explanation: Some(explanation), ..pb::Judgement::default() }
}

fn difference(kind: Kind, before: Option<&Judged>, after: Option<&Judged>, about: About<'_>) -> Option<pb::Difference> {
    let judgement = |judged: Option<&Judged>| {
        let none = || pb::Judgement { outcome: NONE.to_owned(), ..pb::Judgement::default() };
        judged.map_or_else(none, |judged| judged.judgement.clone())
    };
    let said = |of: fn(&Judged) -> &String| {
        let known = [before, after].into_iter().flatten().map(of).find(|text| !text.is_empty());
        known.cloned().unwrap_or_default()
    };
    let (first, second) = (judgement(before), judgement(after));
    let comes_out = |it: &pb::Judgement| (it.outcome.clone(), it.amount.clone(), it.currency.clone(), it.due_at);
    (comes_out(&first) != comes_out(&second)).then(|| pb::Difference {
        subject: about.subject.to_owned(),
        case: about.case.to_owned(),
        person: said(|judged| &judged.person),
        kind: kind.into(),
        entry: said(|judged| &judged.entry),
        before: Some(first),
        after: Some(second),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: About<'static> = About { subject: "organizations/a/cases/1", case: "organizations/a/cases/1" };

    fn judged(outcome: &str, amount: &str) -> Judged {
        let judgement =
            pb::Judgement { outcome: outcome.to_owned(), amount: amount.to_owned(), ..pb::Judgement::default() };
        Judged { person: "wang".to_owned(), entry: "consequences.late".to_owned(), judgement }
    }

    fn one(outcome: &str, amount: &str) -> Judgements {
        let mut judgements = Judgements::default();
        judgements.add(Kind::Sanction, "late", judged(outcome, amount));
        judgements
    }

    #[test]
    fn only_what_comes_out_otherwise_is_a_difference() {
        assert_eq!(one("DUE", "50.00").against(&one("DUE", "50.00"), ABOUT), []);
        let found = one("DUE", "50.00").against(&one("DUE", "80.00"), ABOUT);
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((found.kind(), found.person.as_str()), (Kind::Sanction, "wang"));
        assert_eq!(found.before.as_ref().unwrap().amount, "50.00");
        assert_eq!(found.after.as_ref().unwrap().amount, "80.00");
    }

    #[test]
    fn what_one_of_the_two_has_nothing_to_say_about_is_none_there() {
        let found = Judgements::default().against(&one("DUE", "80.00"), ABOUT);
        let [found] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((found.entry.as_str(), found.person.as_str()), ("consequences.late", "wang"));
        assert_eq!(found.before.as_ref().unwrap().outcome, NONE);
    }
}
