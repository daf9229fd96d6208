//! How fast cases go: what is measured of them as they pass, and what is open when somebody looks.

use callout_journal::{Clock, TenantTx};
use callout_kit::{
    Error, attributes,
    metrics::{Gauge, Histogram, Observation},
};
use jiff::{SignedDuration, Timestamp};

use super::{
    Kind,
    state::OPEN,
    store::{self, OpenCases},
};

/// The ages by which open cases are counted: less than so many seconds, and what that is called. The last has no end.
const AGES: [(i64, &str); 6] = [
    (4 * 3_600, "under_4h"),
    (24 * 3_600, "under_1d"),
    (3 * 24 * 3_600, "under_3d"),
    (7 * 24 * 3_600, "under_7d"),
    (30 * 24 * 3_600, "under_30d"),
    (i64::MAX, "over_30d"),
];

/// The desk has the case, so long after the customer called.
pub fn accepted(tx: &mut TenantTx, kind: Kind, after: SignedDuration) {
    tx.time(Histogram::CaseAcceptance, after, [(attributes::CASE_KIND, kind.word().into())]);
}

/// The desk contacts the customer for the first time, so long after he called.
pub fn contacted(tx: &mut TenantTx, kind: Kind, after: SignedDuration) {
    tx.time(Histogram::CaseFirstContact, after, [(attributes::CASE_KIND, kind.word().into())]);
}

/// The open cases of all organisations as of `as_of`, by where they stand and how old they are; 0 where there are none.
///
/// # Errors
/// [`Error::Internal`] when the statement fails.
pub async fn open(tx: &mut TenantTx, as_of: Timestamp) -> Result<Vec<Observation>, Error> {
    let younger_than: Vec<i64> =
        AGES.iter().map(|(seconds, _)| *seconds).filter(|seconds| *seconds < i64::MAX).collect();
    let counted = store::count_open(tx, as_of, &younger_than).await?;
    let mut observations = Vec::new();
    for mode in Clock::MODES {
        for state in OPEN {
            for (place, (_, age)) in (0..).zip(AGES) {
                let same = |row: &&OpenCases| row.mode == mode && row.state == state && row.age == place;
                let value = counted.iter().find(same).map_or(0, |row| row.cases);
                let attributes = vec![
                    (attributes::MODE, mode.to_lowercase().into()),
                    (attributes::CASE_STATE, state.to_lowercase().into()),
                    (attributes::CASE_AGE, age.into()),
                ];
                let value = u64::try_from(value).unwrap_or_default();
                observations.push(Observation { gauge: Gauge::CasesOpen, value, attributes });
            }
        }
    }
    Ok(observations)
}
