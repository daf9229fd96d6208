//! Messages for people, in the languages that the suite speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::call::Call;

/// A language in which the suite answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English; also for callers who name none that the suite speaks.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// The BCP 47 tag, as it stands in a `LocalizedMessage`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The first language of an `accept-language` value that the suite speaks.
    ///
    /// Quality weights are not read: senders list their languages in order of preference.
    #[must_use]
    pub fn from_accept_language(value: &str) -> Self {
        value
            .split(',')
            .find_map(|range| {
                let tag = range.split(';').next().unwrap_or_default().trim();
                let primary = tag.split(['-', '_']).next().unwrap_or_default();
                if primary.eq_ignore_ascii_case("zh") {
                    Some(Self::Chinese)
                } else if primary.eq_ignore_ascii_case("en") {
                    Some(Self::English)
                } else {
                    None
                }
            })
            .unwrap_or_default()
    }

    /// The language of the caller whose call the current task serves; English outside of calls.
    #[must_use]
    pub fn of_call() -> Self {
        Call::peek(|call| call.language).unwrap_or_default()
    }
}

/// One message, in every language that the suite speaks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// The English sentence.
    pub en: String,
    /// The same in Simplified Chinese.
    pub zh: String,
}

impl Text {
    /// A message of which both languages are known.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { en: en.into(), zh: zh.into() }
    }

    /// The message in `language`.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }
}

/// A message that exists in one language only, such as a sentence out of a regulation pack.
impl From<&str> for Text {
    fn from(message: &str) -> Self {
        Self::new(message, message)
    }
}

/// A message that exists in one language only, such as a sentence out of a regulation pack.
impl From<String> for Text {
    fn from(message: String) -> Self {
        Self { en: message.clone(), zh: message }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_language_that_the_suite_speaks_is_taken() {
        assert_eq!(Language::from_accept_language("zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::from_accept_language("fr-FR, ZH-hans;q=0.5"), Language::Chinese);
        assert_eq!(Language::from_accept_language("en-GB, zh"), Language::English);
        assert_eq!(Language::from_accept_language("de"), Language::English);
        assert_eq!(Language::from_accept_language(""), Language::English);
    }
}
