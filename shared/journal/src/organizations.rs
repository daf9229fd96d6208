//! The organisations as this service knows them.
//!
//! Intake owns them; the other services keep a copy by following its feed, so that no command waits for another service
//! to learn which clock or which regulation counts.

use callout_kit::{Error, clock};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx as _;

use crate::{DatabaseResult as _, TenantTx};

/// An organisation, as every transaction for it begins by reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Its id, the `{org}` of `organizations/{org}`.
    pub id: String,
    /// What time it is there.
    pub clock: Clock,
    /// Its latest snapshot as the owner published it, encoded; the service knows the message.
    pub document: Vec<u8>,
    /// Grows with every change, so that an older copy never replaces a newer one.
    pub version: i64,
}

/// What time it is in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A live one goes by the system's clock.
    Live,
    /// A sandbox stands still until its owner moves it.
    Sandbox {
        /// The time there.
        now: Timestamp,
    },
}

impl Clock {
    /// As its column has it: null for a live organisation.
    pub(crate) fn of(clock_at: Option<jiff_sqlx::Timestamp>) -> Self {
        clock_at.map_or(Self::Live, |now| Self::Sandbox { now: now.to_jiff() })
    }

    /// What [`Self::mode`] may say.
    pub const MODES: [&str; 2] = ["LIVE", "SANDBOX"];

    /// What kind of organisation has it, as its column says.
    #[must_use]
    pub const fn mode(self) -> &'static str {
        let [live, sandbox] = Self::MODES;
        match self {
            Self::Live => live,
            Self::Sandbox { .. } => sandbox,
        }
    }

    /// The time, to the microsecond: what is answered is what is read back from the database later.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::Live => to_the_microsecond(clock::system_now()),
            Self::Sandbox { now } => now,
        }
    }
}

/// Writes the organisation of the transaction, unless this service knows a newer version of it already; from here on the
/// transaction goes by it. The clock of a sandbox never moves back: the copy here may have been moved before the owner's
/// event arrives.
///
/// # Errors
/// [`Error::Internal`] when the organisation is another one than the transaction's, or the statement fails.
pub async fn put(tx: &mut TenantTx, organization: Organization) -> Result<(), Error> {
    let (mode, clock_at) = match organization.clock {
        Clock::Live => ("LIVE", None),
        Clock::Sandbox { now } => ("SANDBOX", Some(now.to_sqlx())),
    };
    let written: Option<(Option<jiff_sqlx::Timestamp>,)> = sqlx::query_as(
        "insert into organization (organization, mode, clock_at, document, version) values ($1, $2, $3, $4, $5)
             on conflict (organization) do update
            set mode = excluded.mode,
                clock_at = greatest(organization.clock_at, excluded.clock_at),
                document = excluded.document,
                version = excluded.version
          where organization.version < excluded.version
      returning clock_at",
    )
    .bind(&organization.id)
    .bind(mode)
    .bind(clock_at)
    .bind(&organization.document)
    .bind(organization.version)
    .fetch_optional(tx.conn())
    .await
    .db()?;
    if let Some((clock_at,)) = written {
        let clock = Clock::of(clock_at);
        tx.adopt(Organization { clock, ..organization });
    }
    Ok(())
}

/// Holds the organisation of the transaction until its end, so that of two who change it each sees the other's change;
/// the transaction goes by what it finds.
///
/// # Errors
/// [`Error::NotFound`] for an organisation that this service does not know.
pub async fn lock(tx: &mut TenantTx) -> Result<&Organization, Error> {
    let id = tx.organization_id().to_owned();
    let row: Option<(Option<jiff_sqlx::Timestamp>, Vec<u8>, i64)> =
        sqlx::query_as("select clock_at, document, version from organization where organization = $1 for update")
            .bind(&id)
            .fetch_optional(tx.conn())
            .await
            .db()?;
    let missing = || Error::NotFound { name: format!("organizations/{id}") };
    let (clock_at, document, version) = row.ok_or_else(missing)?;
    tx.adopt(Organization { id: id.clone(), clock: Clock::of(clock_at), document, version });
    tx.organization()
}

/// Moves the clock of the transaction's sandbox to `now`, or leaves it when it is there or later; the transaction goes by
/// it. Holds the organisation's row, so that one after another moves a clock.
///
/// # Errors
/// [`Error::NotFound`] for an organisation that this service does not know, [`Error::ClockFixed`] for a live one.
pub(crate) async fn move_clock(tx: &mut TenantTx, now: Timestamp) -> Result<(), Error> {
    let known = tx.organization()?.clone();
    let moved: Option<(jiff_sqlx::Timestamp,)> = sqlx::query_as(
        "update organization set clock_at = greatest(clock_at, $2) where organization = $1 and mode = 'SANDBOX'
         returning clock_at",
    )
    .bind(&known.id)
    .bind(now.to_sqlx())
    .fetch_optional(tx.conn())
    .await
    .db()?;
    let Some((now,)) = moved else {
        return Err(Error::ClockFixed { organization: format!("organizations/{}", known.id) });
    };
    tx.adopt(Organization { clock: Clock::of(Some(now)), ..known });
    Ok(())
}

pub(crate) fn to_the_microsecond(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}
