//! What happened, told to those who follow, in the transaction in which it happened.

use callout_kit::{attributes, clock, metrics::Counter, telemetry::propagation::current_traceparent};
use jiff::Timestamp;
use prost::{Message, Name};

use crate::{TenantTx, closing::Event, organizations::to_the_microsecond};

/// Appends an event: `payload` happened to the resource `subject` at `occurred_at`.
///
/// Its type is the full name of the payload's message, past tense, such as `callout.intake.v1.CaseReceived`. It is written
/// when the transaction ends; followers read it after the commit, events of one transaction in the order in which they were
/// appended.
pub fn append<P: Message + Name>(tx: &mut TenantTx, subject: &str, payload: &P, occurred_at: Timestamp) {
    let id = clock::new_id(tx.now());
    tx.closing().events.push(Event {
        id,
        subject: subject.to_owned(),
        kind: P::full_name(),
        payload: payload.encode_to_vec(),
        traceparent: current_traceparent().unwrap_or_default(),
        occurred_at: to_the_microsecond(occurred_at),
    });
    tx.count(Counter::EventsAppended, [(attributes::EVENT_TYPE, P::full_name().into())]);
}
