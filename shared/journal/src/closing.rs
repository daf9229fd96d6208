//! What a transaction leaves beside its rows: what it tells, who did it, what is to be done later, what the caller was
//! answered. It is gathered while the transaction runs and written by one statement at its end.

use callout_kit::{Caller, Error};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::DatabaseResult as _;

/// What is yet to be written.
#[derive(Debug, Default)]
pub(crate) struct Closing {
    /// In the order in which they happened.
    pub events: Vec<Event>,
    /// One for each effect.
    pub audits: Vec<Audit>,
    /// The request id that the transaction has claimed, and what is answered.
    pub answer: Option<(Uuid, Vec<u8>)>,
    /// In the order in which they were set, none of them twice.
    pub scheduled: Vec<Scheduled>,
    /// Keys of timers that are dropped; none of them is set.
    pub cancelled: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Event {
    pub id: Uuid,
    pub subject: String,
    pub kind: String,
    pub payload: Vec<u8>,
    pub traceparent: String,
    pub occurred_at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Audit {
    pub caller: Caller,
    pub method: String,
    pub resource: String,
    pub cause: String,
    pub class: &'static str,
    pub trace_id: Option<String>,
    pub occurred_at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Scheduled {
    pub key: String,
    pub kind: String,
    pub subject: String,
    pub run_at: Timestamp,
    pub payload: Vec<u8>,
}

impl Closing {
    fn is_empty(&self) -> bool {
        self.events.is_empty()
            && self.audits.is_empty()
            && self.answer.is_none()
            && self.scheduled.is_empty()
            && self.cancelled.is_empty()
    }

    /// Writes it, as of `now`.
    pub async fn write(self, connection: &mut PgConnection, now: Timestamp) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        let Self { events, audits, answer, scheduled, cancelled } = self;
        let (request_id, answer) = answer.unzip();
        sqlx::query(
            "select close_transaction($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                                      $19, $20, $21, $22, $23, $24, $25)",
        )
        .bind(now.to_sqlx())
        .bind(each(&events, |event| event.id))
        .bind(each(&events, |event| event.subject.as_str()))
        .bind(each(&events, |event| event.kind.as_str()))
        .bind(each(&events, |event| event.payload.as_slice()))
        .bind(each(&events, |event| event.traceparent.as_str()))
        .bind(each(&events, |event| event.occurred_at.to_sqlx()))
        // All effects of a transaction are one caller's.
        .bind(audits.first().map(|audit| audit.caller.subject.as_str()))
        .bind(audits.first().map(|audit| &audit.caller.roles))
        .bind(audits.first().and_then(|audit| audit.caller.agency.as_deref()))
        .bind(audits.first().and_then(|audit| audit.caller.service.as_deref()))
        .bind(each(&audits, |audit| audit.method.as_str()))
        .bind(each(&audits, |audit| audit.resource.as_str()))
        .bind(each(&audits, |audit| audit.cause.as_str()))
        .bind(each(&audits, |audit| audit.class))
        .bind(each(&audits, |audit| audit.trace_id.as_deref()))
        .bind(each(&audits, |audit| audit.occurred_at.to_sqlx()))
        .bind(request_id)
        .bind(answer)
        .bind(cancelled)
        .bind(each(&scheduled, |timer| timer.key.as_str()))
        .bind(each(&scheduled, |timer| timer.kind.as_str()))
        .bind(each(&scheduled, |timer| timer.subject.as_str()))
        .bind(each(&scheduled, |timer| timer.run_at.to_sqlx()))
        .bind(each(&scheduled, |timer| timer.payload.as_slice()))
        .execute(connection)
        .await
        .db()?;
        Ok(())
    }
}

/// A column.
fn each<'r, R, C>(rows: &'r [R], column: impl Fn(&'r R) -> C) -> Vec<C> {
    rows.iter().map(column).collect()
}
