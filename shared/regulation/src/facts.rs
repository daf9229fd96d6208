//! What is known: values by their word in the vocabulary.

use std::{collections::BTreeMap, fmt};

use callout_contract::regulation::v1::{Limit, Verdict, term, verdict::Outcome};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::{
    dossier::SettingValue,
    vocabulary::{Kind, Preset, Word, find, words},
};

/// The value of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A word.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// An exact decimal.
    Number(Decimal),
    /// Several words.
    Texts(Vec<String>),
    /// Several exact decimals.
    Numbers(Vec<Decimal>),
}

/// The facts of a subject, as far as they are known.
///
/// What is absent is not known: an expression that needs it is undecided, never silently false. The words that have a
/// preset in the vocabulary take it while they are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, Value>);

impl Facts {
    /// Knows a fact; a later value replaces an earlier one.
    pub fn set<T: Into<Value>>(&mut self, word: Word<T>, value: impl Into<T>) {
        self.0.insert(word.name().to_owned(), value.into().into());
    }

    /// The same, to be chained.
    #[must_use]
    pub fn with<T: Into<Value>>(mut self, word: Word<T>, value: impl Into<T>) -> Self {
        self.set(word, value);
        self
    }

    /// Knows a fact no more.
    pub fn forget<T>(&mut self, word: Word<T>) {
        self.0.remove(word.name());
    }

    /// Knows a value of a tariff table, as `table.<column>`.
    pub fn set_table_value(&mut self, column: &str, value: Decimal) {
        self.0.insert(format!("table.{column}"), Value::Number(value));
    }

    /// Knows a price of a part, as `price.<kind>`.
    pub fn set_price(&mut self, kind: &str, value: Decimal) {
        self.0.insert(format!("price.{kind}"), Value::Number(value));
    }

    /// Knows a figure of a scorecard, as `figure.<id>`.
    pub fn set_figure(&mut self, id: &str, value: Decimal) {
        self.0.insert(format!("figure.{id}"), Value::Number(value));
    }

    /// Knows the value of a block, as `score.<block>`.
    pub fn set_block_score(&mut self, block: &str, value: Decimal) {
        self.0.insert(format!("score.{block}"), Value::Number(value));
    }

    /// Knows how many cards of a kind a person was shown, as `card.<kind>`.
    pub fn set_cards(&mut self, kind: &str, count: u32) {
        self.0.insert(format!("card.{kind}"), Value::Number(count.into()));
    }

    /// Knows what the organisation has set that is valid on a day, as `setting.<id>`.
    pub fn set_settings(&mut self, settings: &[SettingValue], day: Date) {
        for set in settings.iter().filter(|set| set.is_valid_on(day)) {
            self.put(format!("setting.{}", set.setting), Value::Number(set.value));
        }
    }

    /// Knows a word that a pack declares and the vocabulary has no constant for, such as `record.<kind>.<field>`.
    pub(crate) fn put(&mut self, word: String, value: Value) {
        self.0.insert(word, value);
    }

    /// Knows what a verdict says, once it was decided: services store verdicts and read them back here.
    pub fn set_verdict(&mut self, verdict: &Verdict) {
        // A verdict that was held because the warranty is not known says `false` there, which is not a fact.
        let inputs = verdict.explanation.as_ref().map(|explanation| &explanation.inputs);
        if inputs.is_some_and(|inputs| inputs.contains_key(words::CASE_IN_WARRANTY.name())) {
            self.set(words::CASE_IN_WARRANTY, verdict.in_warranty);
        }
        self.set(words::VERDICT_OUTCOME, outcome_word(verdict.outcome()));
        self.set(words::VERDICT_PAYER, verdict.payer.as_str());
        self.set(words::VERDICT_NOTIFY_BEFORE, verdict.notify_before.clone());
        self.set(words::VERDICT_CHARGE_AFTER, verdict.charge_after.clone());
        self.set(words::VERDICT_TARIFF, verdict.tariff.as_str());
        self.set(words::VERDICT_RULE, verdict.explanation.as_ref().map_or("", |explanation| explanation.rule.as_str()));
        for term in &verdict.terms {
            self.put(format!("term.{}", term.term), Value::Text(term_word(term.state()).to_owned()));
        }
        let lacking = verdict.requirements.iter().filter(|requirement| !requirement.met);
        self.set(words::VERDICT_LACKS, lacking.map(|requirement| requirement.needs.clone()).collect::<Vec<_>>());
        if !verdict.product_class.is_empty() {
            self.set(words::PRODUCT_CLASS, verdict.product_class.as_str());
        }
    }

    /// Knows how late a limit was met.
    pub fn set_lateness(&mut self, limit: &Limit) {
        let seconds = limit.late.as_ref().map_or(0, |late| late.seconds);
        self.set(words::LIMIT_LATE_DAYS, i64::from(limit.late_days));
        self.set(words::LIMIT_LATE_HOURS, (seconds + 3599) / 3600);
    }

    /// The single values as text, by their word: how one service hands what it knows to another. Lists are left out, they
    /// come with the verdict.
    #[must_use]
    pub fn written(&self) -> BTreeMap<String, String> {
        let single = |(word, value): (&String, &Value)| match value {
            Value::Text(_) | Value::Flag(_) | Value::Number(_) => Some((word.clone(), value.to_string())),
            Value::Texts(_) | Value::Numbers(_) => None,
        };
        self.0.iter().filter_map(single).collect()
    }

    /// Reads back what was [`written`](Self::written). A word that the suite does not have, or that says something else
    /// than its type, is left out: it is then not known.
    #[must_use]
    pub fn read(written: &BTreeMap<String, String>) -> Self {
        let value = |(word, text): (&String, &String)| {
            let value = match find(word)?.kind {
                Kind::Text(_) => Value::Text(text.clone()),
                Kind::Flag => Value::Flag(text.parse().ok()?),
                Kind::Number => Value::Number(text.parse().ok()?),
                Kind::Texts(_) | Kind::Numbers => return None,
            };
            Some((word.clone(), value))
        };
        Self(written.iter().filter_map(value).collect())
    }

    /// The value of a word, or what its preset says.
    #[must_use]
    pub fn get(&self, word: &str) -> Option<Value> {
        self.0.get(word).cloned().or_else(|| {
            find(word)?.preset.map(|preset| match preset {
                Preset::Text(text) => Value::Text(text.to_owned()),
                Preset::Flag(flag) => Value::Flag(flag),
            })
        })
    }

    /// The text of a word, when it is a text and known.
    #[must_use]
    pub fn text(&self, word: Word<String>) -> Option<String> {
        match self.get(word.name()) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::Flag(_) | Value::Number(_) | Value::Texts(_) | Value::Numbers(_)) | None => None,
        }
    }

    /// The answer of a word, when it is known.
    #[must_use]
    pub fn flag(&self, word: Word<bool>) -> Option<bool> {
        match self.get(word.name()) {
            Some(Value::Flag(flag)) => Some(flag),
            Some(Value::Text(_) | Value::Number(_) | Value::Texts(_) | Value::Numbers(_)) | None => None,
        }
    }

    /// The words of a list, when it is known.
    #[must_use]
    pub fn texts(&self, word: Word<Vec<String>>) -> Option<Vec<String>> {
        match self.get(word.name()) {
            Some(Value::Texts(texts)) => Some(texts),
            Some(Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Numbers(_)) | None => None,
        }
    }
}

/// The word of where a term stands.
#[must_use]
pub(crate) fn term_word(state: term::State) -> &'static str {
    match state {
        term::State::Unspecified | term::State::None => "none",
        term::State::NotBegun => "not_begun",
        term::State::Running => "running",
        term::State::Over => "over",
    }
}

/// The word of an outcome.
#[must_use]
pub fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unspecified => "",
        Outcome::Free => "free",
        Outcome::Paid => "paid",
        Outcome::Contract => "contract",
        Outcome::Held => "held",
        Outcome::Refused => "refused",
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Texts(texts) => write!(f, "[{}]", texts.join(", ")),
            Self::Numbers(numbers) => {
                write!(f, "[{}]", numbers.iter().map(Decimal::to_string).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Decimal> for Value {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

impl From<Vec<Decimal>> for Value {
    fn from(numbers: Vec<Decimal>) -> Self {
        Self::Numbers(numbers)
    }
}
