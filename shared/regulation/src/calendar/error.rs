use jiff::{Timestamp, civil::Date};

/// Days without any working time after which a search for working time gives up: two years.
pub(super) const IDLE_DAYS_MAX: u32 = 731;

/// Why a limit could not be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The organisation never works: no working days, no windows, or holidays only.
    #[error("no working time in the two years next to {near}: check the working days, the windows and the holidays")]
    NoWorkingTime {
        /// The first day that was looked at in vain.
        near: Date,
    },
    /// The result would lie before the year -9999 or after the year 9999.
    #[error("the result lies outside the years -9999 to 9999")]
    OutOfRange,
    /// The end of an interval lies before its beginning.
    #[error("an interval that begins at {from} cannot end at {to}")]
    ReversedInterval {
        /// The beginning as given.
        from: Timestamp,
        /// The end as given.
        to: Timestamp,
    },
}
