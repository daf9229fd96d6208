//! What the messages of the contract say, in words.

use callout_contract::{
    dispatch::v1::{Charge, Quote, Visit},
    evaluation::v1::{Claim, ClaimLine, LedgerEntry, Scorecard},
    events::v1::LimitNearing,
    inventory::v1::LoanLine,
    regulation::v1::{Explanation, Limit, Verdict, limit, verdict},
    types::v1::Record,
};
use callout_testkit::scenario::Refusal;
use jiff::tz::TimeZone;

use super::words::{about, amount, civil, list, plain, zoned};

/// What something that is told is about, in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A rule, or a state, refused the call.
    Refused,
    /// What the case is entitled to.
    Decided,
    /// Where something stands.
    State,
    /// What was put on record.
    OnRecord,
    /// Who goes when.
    Planned,
    /// A limit that began to run.
    Due,
    /// A limit that falls due soon.
    Near,
    /// A limit that was met.
    InTime,
    /// A limit that was not.
    Late,
    /// A limit that does not count.
    Lifted,
    /// What is out on loan.
    Parts,
    /// Who pays what.
    Money,
    /// How well it was done.
    Score,
}

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub topic: Topic,
    pub text: String,
    /// Further lines.
    pub more: Vec<String>,
    /// The rules by which it is so.
    pub rules: Vec<String>,
}

impl Fact {
    pub fn new(topic: Topic, text: impl Into<String>) -> Self {
        Self { topic, text: text.into(), more: Vec::new(), rules: Vec::new() }
    }

    fn by(mut self, rule: &str) -> Self {
        self.rules.extend((!rule.is_empty()).then(|| rule.to_owned()));
        self
    }

    /// By the rule of an explanation, if there is one.
    fn because(self, explanation: Option<&Explanation>) -> Self {
        self.by(explanation.map_or("", |explanation| &explanation.rule))
    }

    fn and(mut self, line: impl Into<String>) -> Self {
        let line = line.into();
        self.more.extend((!line.is_empty()).then_some(line));
        self
    }
}

/// Why a call was refused, a fact for each rule, and what would lift it.
pub fn refused(refusal: &Refusal) -> Vec<Fact> {
    if refusal.explanations.is_empty() {
        return vec![Fact::new(Topic::Refused, refusal.message.clone())];
    }
    let facts = refusal.explanations.iter().map(|explanation| {
        let (rule, text) = explanation.split_once(": ").unwrap_or(("", explanation));
        let (text, lifted_by) = text.split_once(" Lifted by: ").unwrap_or((text, ""));
        let fact = Fact::new(Topic::Refused, text.trim_end_matches('.')).by(rule);
        if lifted_by.is_empty() { fact } else { fact.and(format!("lifted by {}", lifted_by.trim_end_matches('.'))) }
    });
    facts.collect()
}

/// What the case is entitled to, and by which entry of which revision.
pub fn decided(verdict: &Verdict) -> Fact {
    let outcome = match verdict.outcome() {
        verdict::Outcome::Unspecified => "nothing yet".to_owned(),
        verdict::Outcome::Free => "free for the customer".to_owned(),
        verdict::Outcome::Paid => format!("paid by the {}, tariff {}", plain(&verdict.payer), plain(&verdict.tariff)),
        verdict::Outcome::Contract => "as the contract says".to_owned(),
        verdict::Outcome::Held => "held".to_owned(),
        verdict::Outcome::Refused => "not served".to_owned(),
    };
    let class = match verdict.product_class.as_str() {
        "" => "class unknown".to_owned(),
        class => format!("class {class}"),
    };
    let warranty = if verdict.in_warranty { "in warranty" } else { "out of warranty" };
    let mut terms = vec![format!("{outcome}: {class}, {warranty}")];
    if !verdict.notify_before.is_empty() {
        terms.push(format!("before the service notify {}", list(&verdict.notify_before)));
    }
    if !verdict.charge_after.is_empty() {
        terms.push(format!("after it charge {}", list(&verdict.charge_after)));
    }
    let unmet = verdict.requirements.iter().filter(|requirement| !requirement.met);
    terms.extend(unmet.map(|requirement| format!("needs {}", requirement.needs)));
    let explanation = verdict.explanation.as_ref();
    let source = explanation.map_or_else(String::new, |why| format!("by {} of {}", why.entry, why.revision));
    Fact::new(Topic::Decided, terms.join("; ")).and(source).because(explanation)
}

/// Until when something has to happen, or that it has; nothing for a limit that says neither.
pub fn limited(limit: &Limit, zone: &TimeZone) -> Option<Fact> {
    let (what, due) = (plain(&limit.limit), civil(&zoned(limit.due_at.as_ref(), zone)?));
    let met = zoned(limit.met_at.as_ref(), zone).map(|met| civil(&met)).unwrap_or_default();
    let fact = match limit.state() {
        limit::State::Unspecified => return None,
        limit::State::Running => {
            let (amount, from) = (amount(&limit.amount), plain(&limit.from_event));
            let who = plain(&limit.responsible);
            Fact::new(Topic::Due, format!("{what} by {due}: {amount} from {from}, by the {who}"))
        }
        limit::State::Met => Fact::new(Topic::InTime, format!("{what}: {met}; it was due by {due}")),
        limit::State::Overdue => Fact::new(Topic::Late, format!("{what}: was due by {due}, and is not there")),
        limit::State::MetLate => Fact::new(Topic::Late, format!("{what}: {met}, {} after {due}", lateness(limit))),
        limit::State::Lifted => Fact::new(Topic::Lifted, format!("{what}, due by {due}, does not count")),
    };
    Some(fact.because(limit.explanation.as_ref()))
}

/// That a limit falls due soon, and who is told to see to it.
pub fn nearing(nearing: &LimitNearing, zone: &TimeZone) -> Option<Fact> {
    let limit = nearing.limit.as_ref()?;
    let (what, due) = (plain(&limit.limit), civil(&zoned(nearing.due_at.as_ref(), zone)?));
    let who = plain(&nearing.responsible);
    Some(Fact::new(Topic::Near, format!("{what} by {due}, by the {who}")).because(limit.explanation.as_ref()))
}

/// By days where the limit counts days.
fn lateness(limit: &Limit) -> String {
    match limit.late_days {
        0 => about(limit.late.as_ref().map_or(0, |late| late.seconds)),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// What was put on record, and what it says.
pub fn recorded(record: &Record) -> Fact {
    let party = if record.party.is_empty() { String::new() } else { format!(" ({})", plain(&record.party)) };
    let mut fields: Vec<String> =
        record.fields.iter().map(|(name, value)| format!("{} {value}", plain(name))).collect();
    fields.sort();
    let fields = if fields.is_empty() { String::new() } else { format!(": {}", fields.join(", ")) };
    let (kind, by) = (plain(&record.kind), &record.recorded_by);
    Fact::new(Topic::OnRecord, format!("{kind}{party}{fields}, by {by}"))
}

/// Who is where from when to when.
pub fn planned(visit: &Visit, engineer: &str, zone: &TimeZone) -> Option<Fact> {
    let (start, end) = (zoned(visit.start_at.as_ref(), zone)?, zoned(visit.end_at.as_ref(), zone)?);
    let what = if visit.cancelled { "no longer goes" } else { "goes" };
    Some(Fact::new(Topic::Planned, format!("{engineer} {what} from {} to {}", civil(&start), civil(&end))))
}

/// What the customer is asked to pay, line by line.
pub fn quoted(quote: &Quote) -> Fact {
    let fact = Fact::new(Topic::Money, format!("quoted: {} {}", quote.total, quote.currency));
    quote.lines.iter().fold(fact, |fact, line| {
        fact.and(format!("{} {}: {}", plain(&line.line), line.amount, line.computation)).by(&line.rule)
    })
}

/// What another party is charged with.
pub fn charged(charge: &Charge) -> Fact {
    let items: Vec<String> = charge.items.iter().map(|item| format!("{} {}", plain(&item.item), item.amount)).collect();
    let text = format!("{} {} to {}: {}", charge.total, charge.currency, plain(&charge.party), items.join(", "));
    Fact::new(Topic::Money, text).because(charge.explanation.as_ref())
}

/// Where the items of a line of a loan slip are.
pub fn lent(line: &LoanLine, item: &str) -> Fact {
    let counted = [
        (&line.issued, "issued"),
        (&line.unused, "back unused"),
        (&line.replaced, "back replaced"),
        (&line.lost, "lost"),
        (&line.certified, "certified"),
    ];
    let is_any = |quantity: &str| !matches!(quantity, "" | "0");
    let counted = counted.into_iter().filter(|(quantity, _)| is_any(quantity));
    let mut parts: Vec<String> = counted.map(|(quantity, word)| format!("{quantity} {word}")).collect();
    match (parts.is_empty(), line.zeroed) {
        (true, _) => parts.push(format!("{} wanted", line.quantity)),
        (false, true) => parts.push("brought to zero".to_owned()),
        (false, false) => parts.push(format!("{} outstanding", line.outstanding)),
    }
    Fact::new(Topic::Parts, format!("{item}: {}", parts.join(", ")))
}

/// What an engineer claims, and what came of it.
pub fn claimed(claim: &Claim) -> Fact {
    let text = match claim.passed.as_str() {
        "" => format!("{} claimed by {}", claim.claimed, claim.engineer),
        passed => format!("{} of {} passed, {} not", passed, claim.claimed, claim.refused),
    };
    Fact::new(Topic::Money, text)
}

/// A line of a claim that a rule did not let pass.
pub fn not_passed(line: &ClaimLine) -> Fact {
    Fact::new(Topic::Money, format!("not passed: {} {}", plain(&line.kind), line.amount)).by(&line.refused_by)
}

/// What is deducted from somebody, or given back, and how it was computed.
pub fn entered(entry: &LedgerEntry) -> Fact {
    let computation = entry.explanation.as_ref().map_or("", |explanation| &explanation.computation);
    let (amount, currency, person) = (entry.amount.trim_start_matches('-'), &entry.currency, &entry.person);
    let done = if entry.reverses.is_empty() { "deducted from" } else { "given back to" };
    let text = format!("{amount} {currency} {done} {person}: {}", plain(&entry.consequence));
    Fact::new(Topic::Money, text).and(computation).because(entry.explanation.as_ref())
}

/// How somebody was rated, by whom, and who is told.
pub fn rated(scorecard: &Scorecard) -> Fact {
    let mut marks: Vec<String> =
        scorecard.marks.iter().map(|(mark, value)| format!("{} {value}", plain(mark))).collect();
    marks.sort();
    let (result, card, person) = (&scorecard.result, plain(&scorecard.scorecard), &scorecard.person);
    let fact = Fact::new(Topic::Score, format!("{person}: {result} in {card} ({})", marks.join(", ")));
    let told = list(&scorecard.reported_to);
    let told = if told.is_empty() { String::new() } else { format!("; reported to {told}") };
    fact.and(format!("rated by {}{told}", scorecard.rated_by)).because(scorecard.explanation.as_ref())
}

#[cfg(test)]
mod tests {
    use prost_types::{Duration, Timestamp};

    use super::*;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn limit(state: limit::State) -> Limit {
        Limit {
            limit: "first_contact".to_owned(),
            from_event: "passed_on".to_owned(),
            amount: "4wh".to_owned(),
            // 2026-04-10 14:20 in Shanghai.
            due_at: Some(Timestamp { seconds: 1_775_802_000, nanos: 0 }),
            met_at: Some(Timestamp { seconds: 1_775_803_200, nanos: 0 }),
            late: Some(Duration { seconds: 1_200, nanos: 0 }),
            responsible: "quality_office".to_owned(),
            explanation: Some(Explanation { rule: "R01-26".to_owned(), ..Explanation::default() }),
            ..Limit { state: state.into(), ..Limit::default() }
        }
    }

    #[test]
    fn a_limit_says_until_when_or_how_late_and_by_which_rule() {
        for (state, topic, text) in [
            (
                limit::State::Running,
                Topic::Due,
                "first contact by Fri 10 Apr, 14:20: 4 working hours from passed on, by the quality office",
            ),
            (limit::State::Met, Topic::InTime, "first contact: Fri 10 Apr, 14:40; it was due by Fri 10 Apr, 14:20"),
            (
                limit::State::MetLate,
                Topic::Late,
                "first contact: Fri 10 Apr, 14:40, 20 minutes after Fri 10 Apr, 14:20",
            ),
        ] {
            let fact = limited(&limit(state), &zone()).unwrap();
            assert_eq!((fact.topic, fact.text.as_str(), fact.rules), (topic, text, vec!["R01-26".to_owned()]));
        }
        assert_eq!(limited(&limit(limit::State::Unspecified), &zone()), None);
    }

    #[test]
    fn lateness_is_told_in_days_where_the_limit_counts_them() {
        let late = Limit { late_days: 2, ..limit(limit::State::MetLate) };
        assert!(limited(&late, &zone()).unwrap().text.contains(", 2 days after "));
    }

    #[test]
    fn a_limit_near_its_end_says_who_has_until_when() {
        let running = limit(limit::State::Running);
        let told = LimitNearing {
            due_at: running.due_at,
            responsible: running.responsible.clone(),
            limit: Some(running),
            ..LimitNearing::default()
        };
        let fact = nearing(&told, &zone()).unwrap();
        assert_eq!(fact.text, "first contact by Fri 10 Apr, 14:20, by the quality office");
        assert_eq!((fact.topic, fact.rules), (Topic::Near, vec!["R01-26".to_owned()]));
    }

    #[test]
    fn parts_are_wanted_then_out_then_at_zero() {
        let wanted = LoanLine { quantity: "2".to_owned(), issued: "0".to_owned(), ..LoanLine::default() };
        let out = LoanLine { issued: "2".to_owned(), outstanding: "2".to_owned(), ..wanted.clone() };
        let zeroed = LoanLine { replaced: "2".to_owned(), outstanding: "0".to_owned(), zeroed: true, ..out.clone() };
        let told = [wanted, out, zeroed].map(|line| lent(&line, "Hose").text);
        assert_eq!(
            told,
            ["Hose: 2 wanted", "Hose: 2 issued, 2 outstanding", "Hose: 2 issued, 2 back replaced, brought to zero"]
        );
    }

    #[test]
    fn a_refusal_by_rules_says_each_and_what_would_lift_it() {
        let refusal = |explanations: &[&str]| Refusal {
            code: "FAILED_PRECONDITION".to_owned(),
            reason: String::new(),
            rules: [].into(),
            explanations: explanations.iter().map(|text| (*text).to_owned()).collect(),
            fields: [].into(),
            metadata: [].into(),
            message: "It cannot be done.".to_owned(),
        };
        let [fact] = &refused(&refusal(&["R01-06: nobody was told. Lifted by: record:told."]))[..] else {
            panic!("one rule is one fact");
        };
        assert_eq!((fact.text.as_str(), fact.more.join("")), ("nobody was told", "lifted by record:told".to_owned()));
        assert_eq!(fact.rules, ["R01-06"]);
        assert_eq!(refused(&refusal(&[]))[0].text, "It cannot be done.");
    }
}
