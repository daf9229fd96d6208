//! Who did what: one entry for each effect, in the transaction of the effect, which no service can change or remove.

use callout_contract::types::v1::method_policy::Audit;
use callout_kit::{Caller, telemetry::propagation::current_traceparent};

use crate::{TenantTx, closing, tenant::Subject};

/// How an effect stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// A change of the daily work.
    Change,
    /// Money, approvals, settings, identities.
    Sensitive,
}

impl Class {
    /// The class that the policy of a method asks for; none for methods that are not logged.
    pub fn of(audit: Audit) -> Option<Self> {
        match audit {
            Audit::Unspecified | Audit::None => None,
            Audit::Change => Some(Self::Change),
            Audit::Sensitive => Some(Self::Sensitive),
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "CHANGE",
            Self::Sensitive => "SENSITIVE",
        }
    }
}

/// What an entry says beside who and when.
pub(crate) struct Entry<'a> {
    pub class: Class,
    /// The gRPC method, the type of the event or the kind of the timer that caused the effect.
    pub method: &'a str,
    /// What was changed, unless the transaction knows better.
    pub resource: &'a str,
    /// The request id, the id of the event or the key of the timer.
    pub cause: &'a str,
}

/// Notes who did what, once an effect.
pub(crate) fn append(tx: &mut TenantTx, caller: &Caller, entry: &Entry<'_>) {
    let Subject { resource, occurred_at } = tx.subject(entry.resource);
    tx.closing().audits.push(closing::Audit {
        caller: caller.clone(),
        method: entry.method.to_owned(),
        resource,
        cause: entry.cause.to_owned(),
        class: entry.class.as_str(),
        trace_id: trace_id(),
        occurred_at,
    });
}

/// The entry of work that a service did by itself. Only an effect has one: reading an event that concerns nobody here
/// is none, and an effect is told to others.
pub(crate) fn append_own(tx: &mut TenantTx, caller: &Caller, entry: &Entry<'_>) {
    if tx.has_events() {
        append(tx, caller, entry);
    }
}

/// The second part of the W3C trace context; none when nobody records traces.
fn trace_id() -> Option<String> {
    current_traceparent()?.split('-').nth(1).map(str::to_owned)
}
