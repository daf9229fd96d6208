//! Who sets prices.

use callout_casework::Settings;
use callout_journal::TenantTx;
use callout_kit::{
    Caller, Error,
    permissions::{Profile, RoleMap},
};
use callout_regulation::Library;

/// The permission that stands for setting prices where an organisation lists a role's permissions itself.
const PERMISSION: &str = "inventory.items.price";

/// Refuses prices from anybody but finance. The warehouse may change all of an item, so its permission is not enough.
///
/// # Errors
/// [`Error::PermissionMissing`] unless one of the caller's roles is of finance or administers the organisation.
pub fn require_finance(tx: &TenantTx, library: &Library, caller: &Caller) -> Result<(), Error> {
    let roles = Settings::of(tx)?.role_map(library, tx.now());
    if caller.roles.iter().any(|role| sets_prices(&roles, role)) {
        return Ok(());
    }
    Err(Error::PermissionMissing { permission: PERMISSION.to_owned() })
}

fn sets_prices(roles: &RoleMap, role: &str) -> bool {
    let of_finance = |profile: &Profile| matches!(profile, Profile::Finance | Profile::Administrator);
    match roles.roles.get(role) {
        Some(given) => {
            given.profiles.iter().any(of_finance) || given.permissions.iter().any(|permission| permission == PERMISSION)
        }
        None => Profile::from_word(role).as_ref().is_some_and(of_finance),
    }
}

#[cfg(test)]
mod tests {
    use callout_kit::permissions::Role;

    use super::*;

    #[test]
    fn finance_sets_prices_and_a_role_that_the_organisation_names_for_it() {
        let role = |profiles: &[Profile], permissions: &[&str]| Role {
            profiles: profiles.to_vec(),
            permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        };
        let roles = RoleMap {
            roles: [
                ("cashier".to_owned(), role(&[Profile::Finance], &[])),
                ("storeman".to_owned(), role(&[Profile::Warehouse], &[])),
                // A word of the suite that the pack uses for something else means what the pack says.
                ("administrator".to_owned(), role(&[Profile::Desk], &[])),
                ("buyer".to_owned(), role(&[], &["inventory.items.*", PERMISSION])),
                ("clerk".to_owned(), role(&[], &["inventory.items.*"])),
            ]
            .into(),
            ..RoleMap::default()
        };
        for allowed in ["cashier", "buyer", "finance"] {
            assert!(sets_prices(&roles, allowed), "{allowed}");
        }
        for refused in ["storeman", "administrator", "clerk", "warehouse", "nobody"] {
            assert!(!sets_prices(&roles, refused), "{refused}");
        }
    }
}
