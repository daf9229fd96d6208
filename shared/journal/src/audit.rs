//! Who did what: one entry for each effect, in the transaction of the effect, which no service can change or remove.

use callout_contract::types::v1::method_policy::Audit;
use callout_kit::{Caller, Error, telemetry::propagation::current_traceparent};
use jiff_sqlx::ToSqlx as _;

use crate::{DatabaseResult as _, TenantTx, tenant::Subject};

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

pub(crate) async fn append(tx: &mut TenantTx, caller: &Caller, entry: Entry<'_>) -> Result<(), Error> {
    let Subject { resource, occurred_at } = tx.subject(entry.resource);
    let recorded_at = tx.now();
    sqlx::query(
        "insert into audit (organization, subject, roles, agency, service, method, resource, cause, class, trace_id,
                            occurred_at, recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(tx.organization_id().to_owned())
    .bind(&caller.subject)
    .bind(&caller.roles)
    .bind(&caller.agency)
    .bind(&caller.service)
    .bind(entry.method)
    .bind(resource)
    .bind(entry.cause)
    .bind(entry.class.as_str())
    .bind(trace_id())
    .bind(occurred_at.to_sqlx())
    .bind(recorded_at.to_sqlx())
    .execute(tx.conn())
    .await
    .db()?;
    Ok(())
}

/// The entry of work that a service did by itself. Only an effect has one: reading an event that concerns nobody here
/// is none, and an effect is told to others.
pub(crate) async fn append_own(tx: &mut TenantTx, caller: &Caller, entry: Entry<'_>) -> Result<(), Error> {
    if tx.has_events() { append(tx, caller, entry).await } else { Ok(()) }
}

/// The second part of the W3C trace context; none when nobody records traces.
fn trace_id() -> Option<String> {
    current_traceparent()?.split('-').nth(1).map(str::to_owned)
}
