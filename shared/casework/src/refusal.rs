//! A refusal of the regulation as the answer of a call.

use std::borrow::Cow;

use callout_journal::TenantTx;
use callout_kit::{self as kit, attributes, metrics::Counter};
use callout_regulation::{self as regulation, Library};

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

/// Counts what a call was refused for, where that says something about the work: each rule of a regulation, and what the
/// database keeps from happening twice. No such refusal is tried again by itself, so each is counted once.
pub(crate) fn count(tx: &TenantTx, library: &Library, method: &'static str, error: &kit::Error) {
    let method = (attributes::RPC_METHOD, method.trim_start_matches('/').into());
    if let kit::Error::Refused(refusals) = error {
        for refusal in refusals {
            let rule = (attributes::RULE, known(library, &refusal.rule));
            tx.count_now(Counter::RulesRefused, [method.clone(), rule]);
        }
    }
    if let kit::Error::EngineerBooked { .. } = error {
        tx.count_now(Counter::ConflictsRefused, [(attributes::CONFLICT, "engineer_booked".into())]);
    }
    if let kit::Error::OrderActive { .. } = error {
        tx.count_now(Counter::ConflictsRefused, [(attributes::CONFLICT, "order_active".into())]);
    }
}

/// A rule as metrics have it. That of a verdict comes with a request, and may say anything.
fn known(library: &Library, rule: &str) -> Cow<'static, str> {
    match rule {
        "" => "none".into(),
        _ if library.iter().any(|regulation| regulation.pack().rules.contains_key(rule)) => rule.to_owned().into(),
        _ => "other".into(),
    }
}
