//! A refusal of the regulation as the answer of a call.

use callout_kit as kit;
use callout_regulation as regulation;

/// The refusals of rules, about the resource `subject`.
#[must_use]
pub fn refused(subject: &str, refusals: Vec<regulation::Refusal>) -> kit::Error {
    kit::Error::Refused(
        refusals
            .into_iter()
            .map(|refusal| kit::Refusal {
                rule: refusal.rule,
                subject: subject.to_owned(),
                message: kit::Text::new(refusal.message.en, refusal.message.zh),
                lifted_by: refusal.lifted_by,
            })
            .collect(),
    )
}

/// A decision that cannot be made: the fact that it lacks would lift it.
#[must_use]
pub fn undecided(subject: &str, rule: &str, entry: &str, undecided: &regulation::Undecided) -> kit::Error {
    refused(subject, vec![undecided.refusal(rule, entry)])
}
