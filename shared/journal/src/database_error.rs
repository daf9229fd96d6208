//! What a failed statement means to the caller.

use std::time::Duration;

use callout_kit::Error;
use sqlx::error::DatabaseError;

/// When a caller who met a lost connection or an exhausted pool should come back.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// `.db()?` on the result of a statement.
///
/// `?` alone cannot do it: neither `sqlx::Error` nor [`Error`] is this crate's. The error stays whole inside; what it
/// means is decided where the transaction ends, because only there it can still be run again.
pub trait DatabaseResult<T> {
    /// Turns a failed statement into an [`Error`].
    ///
    /// # Errors
    /// [`Error::Internal`] with the cause inside. Outside a [`TenantTx`](crate::TenantTx) that is the end of it; inside,
    /// the caller gets [`Error::Busy`] for a connection that was lost, a pool without a free connection and a conflict
    /// that did not go away, and [`Error::DeadlineExceeded`] for a statement that ran out of time.
    fn db(self) -> Result<T, Error>;
}

impl<T> DatabaseResult<T> for Result<T, sqlx::Error> {
    fn db(self) -> Result<T, Error> {
        self.map_err(|error| Error::Internal(error.into()))
    }
}

/// Whether a statement failed on the constraint of this name, so that the caller gets the answer that belongs to it.
#[must_use]
pub fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(DatabaseError::constraint) == Some(constraint)
}

/// Times that work is done when other transactions get in its way.
const TRIES: u32 = 4;

/// Counts the tries of a transaction.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    failed: u32,
}

impl Tries {
    /// Whether the transaction that failed so shall run again.
    pub fn again(&mut self, error: &Error) -> bool {
        self.failed += 1;
        let again = conflicts(error) && self.failed < TRIES;
        if again {
            tracing::debug!(self.failed, "another transaction was in the way, running it again");
        }
        again
    }
}

/// Whether another transaction was in the way, so that the same work may well succeed when it is done again.
fn conflicts(error: &Error) -> bool {
    // serialization_failure, deadlock_detected
    cause(error).and_then(code).is_some_and(|code| matches!(code.as_str(), "40001" | "40P01"))
}

/// Whether a statement was refused by a policy of its table, or by a right that the service's role does not have.
pub(crate) fn is_forbidden(error: &Error) -> bool {
    // insufficient_privilege
    cause(error).and_then(code).is_some_and(|code| code == "42501")
}

/// What the caller is told in the end about an error of a transaction.
pub(crate) fn settled(error: Error) -> Error {
    let Some(cause) = cause(&error) else { return error };
    if unreachable(cause) || conflicts(&error) {
        tracing::warn!(error = %cause, "the database could not answer");
        return Error::Busy { retry_after: RETRY_AFTER };
    }
    if code(cause).as_deref() == Some("57014") {
        // query_canceled: by the statement_timeout that was set from the caller's deadline
        return Error::DeadlineExceeded;
    }
    error
}

/// Whether the server cannot be reached, has no place for us, or is going down.
fn unreachable(error: &sqlx::Error) -> bool {
    let lost = matches!(
        error,
        sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
    );
    // Class 08: connection; 53: out of resources; 57P01 to 57P05: shut down, or ended because it idled too long; 25P03:
    // ended because it idled in a transaction.
    lost || code(error).is_some_and(|code| {
        code.starts_with("08") || code.starts_with("53") || code.starts_with("57P") || code == "25P03"
    })
}

fn cause(error: &Error) -> Option<&sqlx::Error> {
    match error {
        Error::Internal(cause) => cause.downcast_ref(),
        _ => None,
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
