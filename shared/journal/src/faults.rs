//! Where a fault run lets a process die, and the mistakes that it plants to see them found.
//!
//! What it sets is named in the environment (`FAILPOINTS`, as the crate `fail` reads it). Without the feature `faults` there
//! is nothing of it in the binary.

/// Just before a transaction that writes commits.
pub(crate) const BEFORE_COMMIT: &str = "before-commit";

/// Just after it has, before anybody is told.
pub(crate) const AFTER_COMMIT: &str = "after-commit";

/// An event has its effect for everybody who reads it, whoever dealt with it before.
pub(crate) const EFFECT_WITHOUT_FENCE: &str = "effect-without-fence";

/// A request is carried out without its id.
pub(crate) const REQUEST_WITHOUT_KEY: &str = "request-without-key";

/// Reads what the environment sets, for as long as what is returned lives.
#[cfg(feature = "faults")]
#[must_use]
pub fn set_up() -> impl Drop {
    fail::FailScenario::setup()
}

/// Dies like one that is killed, when that is set for `point`.
#[cfg(feature = "faults")]
pub(crate) fn die_at(point: &str) {
    fail::fail_point!(point, |_| std::process::abort());
}

/// Whether the mistake is to be made.
#[cfg(feature = "faults")]
pub(crate) fn planted(mistake: &str) -> bool {
    fail::fail_point!(mistake, |_| true);
    false
}

#[cfg(not(feature = "faults"))]
pub(crate) const fn die_at(_point: &str) {}

#[cfg(not(feature = "faults"))]
pub(crate) const fn planted(_mistake: &str) -> bool {
    false
}
