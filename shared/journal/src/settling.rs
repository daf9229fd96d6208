//! Whether the consequences of what happened in a sandbox have come to an end, in all services.
//!
//! Each service counts what it has told of an organisation, by the type of the event. Whoever moves the clock hands these
//! numbers round: a service of whose types nobody has told more than it has dealt with does nothing, the others read the
//! feeds, and say how much they have told by then. Once all have dealt with what was told, nothing is under way any more,
//! however busy other organisations are.

use std::collections::BTreeMap;

use callout_kit::Error;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

use crate::{DatabaseResult as _, Journal, database_error::settled};

/// How far a service is with an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many events it has told, by their type.
    pub told: BTreeMap<String, i64>,
    /// How many events of a type the services had told when it last dealt with all of them.
    pub dealt_with: BTreeMap<String, i64>,
    /// When its earliest timer runs; none when none is set.
    pub next_due: Option<Timestamp>,
}

impl Standing {
    /// How many events of `kind`, of which `told` were told, it has yet to deal with.
    #[must_use]
    pub fn behind(&self, kind: &str, told: i64) -> i64 {
        told - self.dealt_with.get(kind).copied().unwrap_or_default()
    }
}

/// How far this service is with `organization`, by its id; with one that it does not know yet it has not begun.
///
/// Looked up for whoever asks: that they may is for the caller of this to see to.
///
/// # Errors
/// [`Error::Busy`] when the database is out of reach.
pub async fn standing(journal: &Journal, organization: &str) -> Result<Standing, Error> {
    let row = sqlx::query_as("select * from standing_of($1)").bind(organization).fetch_one(journal.pool()).await;
    row.db().map(standing_of).map_err(settled)
}

/// Notes that everything was dealt with that the services had told by the time when they had told so many events of a type,
/// and says how far this service is by now.
///
/// # Errors
/// As [`standing`].
pub async fn note(
    journal: &Journal,
    organization: &str,
    dealt_with: &BTreeMap<String, i64>,
) -> Result<Standing, Error> {
    let (types, numbers): (Vec<&str>, Vec<i64>) = dealt_with.iter().map(|(kind, told)| (kind.as_str(), *told)).unzip();
    let row = sqlx::query_as("select * from note_dealt_with($1, $2, $3)")
        .bind(organization)
        .bind(types)
        .bind(numbers)
        .fetch_one(journal.pool())
        .await;
    row.db().map(standing_of).map_err(settled)
}

/// Moves the clock of a sandbox to `now` when nothing falls due by then, and says how far this service is then; none when
/// something does, or the clock is not one that can be moved.
///
/// # Errors
/// As [`standing`].
pub(crate) async fn pass_time(
    journal: &Journal,
    organization: &str,
    now: Timestamp,
) -> Result<Option<Standing>, Error> {
    let row = sqlx::query_as("select * from pass_time($1, $2)")
        .bind(organization)
        .bind(now.to_sqlx())
        .fetch_optional(journal.pool())
        .await;
    Ok(row.db()?.map(standing_of))
}

/// What a statement says of a standing: the types and numbers of what was told and of what was dealt with, and a time.
type Row = (Vec<String>, Vec<i64>, Vec<String>, Vec<i64>, Option<jiff_sqlx::Timestamp>);

fn standing_of((told, numbers, dealt_with, counts, next_due): Row) -> Standing {
    Standing {
        told: told.into_iter().zip(numbers).collect(),
        dealt_with: dealt_with.into_iter().zip(counts).collect(),
        next_due: next_due.map(jiff_sqlx::Timestamp::to_jiff),
    }
}
