//! What happened, told to those who follow, in the transaction in which it happened.

use callout_kit::{Error, attributes, clock, metrics::Counter, telemetry::propagation::current_traceparent};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use prost::{Message, Name};

use crate::{DatabaseResult as _, TenantTx, organizations::to_the_microsecond};

/// Appends an event: `payload` happened to the resource `subject` at `occurred_at`.
///
/// Its type is the full name of the payload's message, past tense, such as `callout.intake.v1.CaseReceived`. Followers
/// read it after the commit, events of one transaction in the order in which they were appended.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn append<P: Message + Name>(
    tx: &mut TenantTx,
    subject: &str,
    payload: &P,
    occurred_at: Timestamp,
) -> Result<(), Error> {
    let position = tx.next_position();
    let recorded_at = tx.now();
    // One announcement a transaction is enough: it says that there is something to read, not what.
    let statement = if position == 0 {
        "with event as (
             insert into event (position, event_id, organization, subject, type, payload, traceparent, occurred_at,
                                recorded_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning 1)
         select pg_notify(current_schema() || '_event', '') from event"
    } else {
        "insert into event (position, event_id, organization, subject, type, payload, traceparent, occurred_at,
                            recorded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
    };
    sqlx::query(statement)
        .bind(position)
        .bind(clock::new_id(recorded_at))
        .bind(tx.organization_id().to_owned())
        .bind(subject)
        .bind(P::full_name())
        .bind(payload.encode_to_vec())
        .bind(current_traceparent().unwrap_or_default())
        .bind(to_the_microsecond(occurred_at).to_sqlx())
        .bind(recorded_at.to_sqlx())
        .execute(tx.conn())
        .await
        .db()?;
    tx.count(Counter::EventsAppended, [(attributes::EVENT_TYPE, P::full_name().into())]);
    Ok(())
}
