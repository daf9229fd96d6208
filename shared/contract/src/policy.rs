//! Reads the policy that each method declares in its proto.

use std::{collections::HashMap, sync::LazyLock};

use crate::{POOL, types::v1::MethodPolicy};

static POLICIES: LazyLock<HashMap<String, MethodPolicy>> = LazyLock::new(|| {
    let extension = POOL.get_extension_by_name("callout.types.v1.policy").expect("options.proto is in the set");
    POOL.services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter_map(|method| {
            let options = method.options();
            let policy = options.get_extension(&extension).as_message()?.transcode_to().ok()?;
            Some((format!("/{}/{}", method.parent_service().full_name(), method.name()), policy))
        })
        .collect()
});

/// The policy of the method called by `path`, such as `/callout.intake.v1.Cases/GetCase`; none for other people's methods.
#[must_use]
pub fn of(path: &str) -> Option<&'static MethodPolicy> {
    POLICIES.get(path)
}

/// Every method of the suite with its policy, by path.
pub fn all() -> impl Iterator<Item = (&'static str, &'static MethodPolicy)> {
    POLICIES.iter().map(|(path, policy)| (path.as_str(), policy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_of_the_suite_has_a_policy_and_others_have_none() {
        let methods: usize = POOL
            .services()
            .filter(|service| service.full_name().starts_with("callout."))
            .map(|service| service.methods().len())
            .sum();
        assert_eq!(all().count(), methods);
        assert_eq!(of("/callout.intake.v1.Cases/CreateCase").unwrap().permission, "intake.cases.create");
        assert!(of("/grpc.health.v1.Health/Check").is_none());
    }
}
