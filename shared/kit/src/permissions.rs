//! What the roles of an organisation may do.

use std::sync::Arc;

mod profiles;
mod role_map;

pub use profiles::Profile;
pub use role_map::{Role, RoleMap, RoleMaps};

/// The permission of a method that needs no caller.
pub const PUBLIC: &str = "public";

/// A set of permissions `service.noun.verb`, as patterns: the permission itself, `intake.cases.*`, `intake.*` or `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    patterns: Arc<[String]>,
}

impl Permissions {
    /// Whether the set contains `permission`.
    #[must_use]
    pub fn allow(&self, permission: &str) -> bool {
        self.patterns.iter().any(|pattern| covers(pattern, permission))
    }
}

impl<S: Into<String>> FromIterator<S> for Permissions {
    fn from_iter<I: IntoIterator<Item = S>>(patterns: I) -> Self {
        Self { patterns: patterns.into_iter().map(Into::into).collect() }
    }
}

/// A star stands for one part, and at the end for all that follow.
fn covers(pattern: &str, permission: &str) -> bool {
    let mut parts = permission.split('.');
    let mut wanted = pattern.split('.').peekable();
    while let Some(want) = wanted.next() {
        if want == "*" && wanted.peek().is_none() {
            return parts.next().is_some();
        }
        match parts.next() {
            Some(part) if want == "*" || want == part => {}
            Some(_) | None => return false,
        }
    }
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_names_and_nothing_beside_it() {
        for (pattern, permission, covered) in [
            ("*", "intake.cases.create", true),
            ("intake.*", "intake.cases.create", true),
            ("intake.cases.*", "intake.cases.create", true),
            ("intake.cases.*", "intake.casesets.create", false),
            ("*.*.get", "dispatch.visits.get", true),
            ("*.*.get", "dispatch.visits.list", false),
            ("intake.cases.create", "intake.cases.create", true),
            ("intake.cases", "intake.cases.create", false),
            ("intake.cases.create.*", "intake.cases.create", false),
            ("", "intake.cases.create", false),
        ] {
            let permissions: Permissions = [pattern].into_iter().collect();
            assert_eq!(permissions.allow(permission), covered, "{pattern} on {permission}");
        }
        assert!(!Permissions::default().allow("intake.cases.create"));
    }
}
