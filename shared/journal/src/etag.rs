//! Etags: the version of a row, as callers send it back.

use callout_kit::Error;

/// The etag of version `version`.
#[must_use]
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that an etag stands for; none for a string that is no etag.
#[must_use]
pub fn version(etag: &str) -> Option<i64> {
    etag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

/// Checks the etag that a caller last read against the version at hand; an empty one skips the check.
///
/// # Errors
/// [`Error::Stale`] with `name` when the resource has changed since.
pub fn check(etag: &str, version: i64, name: &str) -> Result<(), Error> {
    if etag.is_empty() || etag == of(version) { Ok(()) } else { Err(Error::Stale { name: name.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_holds_until_the_next_version() {
        let read = of(7);
        assert!(check(&read, 7, "organizations/acme/cases/1").is_ok());
        assert!(
            matches!(check(&read, 8, "organizations/acme/cases/1"), Err(Error::Stale { name }) if name.ends_with("/1"))
        );
    }

    #[test]
    fn an_empty_etag_is_not_checked() {
        assert!(check("", 8, "organizations/acme/cases/1").is_ok());
    }
}
