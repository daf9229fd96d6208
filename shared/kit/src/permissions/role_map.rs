//! Which profiles and extra permissions an organisation gives to its roles.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{Permissions, Profile};
use crate::Error;

/// How long a looked-up map is used. Longer, and a role taken away goes on working; shorter, and a busy organisation
/// asks the database for it all the time.
const KEPT: Duration = Duration::from_secs(10);

/// The roles of one organisation. A role that is not in it, and is named like a profile, has that profile.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleMap {
    /// What each role may do, by the role's name in tokens.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
    /// Whether the organisation is a sandbox, where tokens of the sandboxes' issuer are believed too.
    #[serde(default)]
    pub sandbox: bool,
}

/// What one role may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Profiles whose permissions it has.
    #[serde(default)]
    pub profiles: Vec<Profile>,
    /// Patterns of permissions that it has beyond them.
    #[serde(default)]
    pub permissions: Vec<String>,
}

impl RoleMap {
    /// What somebody with `roles` may do.
    #[must_use]
    pub fn permissions<'a>(&'a self, roles: impl IntoIterator<Item = &'a str>) -> Permissions {
        let mut patterns = Vec::new();
        for role in roles {
            match self.roles.get(role) {
                Some(Role { profiles, permissions }) => {
                    patterns.extend(profiles.iter().flat_map(|profile| profile.patterns()).copied());
                    patterns.extend(permissions.iter().map(String::as_str));
                }
                // The profile `service` is for tokens of the suite's own issuer; see `RoleMaps::permissions_of`.
                None => match Profile::from_word(role) {
                    None | Some(Profile::Service) => {}
                    Some(profile) => patterns.extend(profile.patterns()),
                },
            }
        }
        patterns.into_iter().collect()
    }
}

type Lookup = dyn Fn(String) -> BoxFuture<'static, Result<Option<RoleMap>, Error>> + Send + Sync;

/// A map and when it was looked up.
type Kept = (Instant, Arc<RoleMap>);

/// The role maps of all organisations, looked up when first needed and kept for ten seconds; that of one which is not known
/// is not kept, since it may be taken in next.
#[derive(Clone)]
pub struct RoleMaps {
    lookup: Arc<Lookup>,
    kept: Arc<Mutex<HashMap<String, Kept>>>,
}

impl RoleMaps {
    /// Maps that `lookup` finds by the organisation's id; none for an organisation that it does not know.
    pub fn new<F>(lookup: F) -> Self
    where
        F: Fn(String) -> BoxFuture<'static, Result<Option<RoleMap>, Error>> + Send + Sync + 'static,
    {
        Self { lookup: Arc::new(lookup), kept: Arc::default() }
    }

    /// The same for every organisation: each profile is a role of its own name.
    #[must_use]
    pub fn profiles_only() -> Self {
        Self::new(|_| Box::pin(std::future::ready(Ok(Some(RoleMap::default())))))
    }

    /// The map of `organization`; each profile is a role of its own name where it is not known.
    ///
    /// # Errors
    /// What the lookup fails with.
    pub async fn of(&self, organization: &str) -> Result<Arc<RoleMap>, Error> {
        let now = Instant::now();
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((read_at, map)) = kept.get(organization)
                && now.duration_since(*read_at) < KEPT
            {
                return Ok(Arc::clone(map));
            }
        }
        let Some(map) = (self.lookup)(organization.to_owned()).await?.map(Arc::new) else { return Ok(Arc::default()) };
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (read_at, _)| now.duration_since(*read_at) < KEPT);
        kept.insert(organization.to_owned(), (now, Arc::clone(&map)));
        Ok(map)
    }

    /// Drops what is kept of `organization`, when its roles have just been changed here.
    pub fn forget(&self, organization: &str) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(organization);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn a_role_of_the_organisation_has_its_profiles_and_its_extra_permissions() {
        let map = RoleMap {
            roles: BTreeMap::from([(
                "shift_lead".to_owned(),
                Role { profiles: vec![Profile::Viewer], permissions: vec!["dispatch.workOrders.schedule".to_owned()] },
            )]),
            ..RoleMap::default()
        };
        let permissions = map.permissions(["shift_lead"]);
        assert!(permissions.allow("intake.cases.get"));
        assert!(permissions.allow("dispatch.workOrders.schedule"));
        assert!(!permissions.allow("dispatch.workOrders.cancel"));
    }

    #[test]
    fn a_role_named_service_allows_nothing_by_its_name() {
        assert!(!RoleMap::default().permissions(["service"]).allow("intake.cases.get"));
        assert!(RoleMap::default().permissions(["administrator"]).allow("intake.cases.get"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_map_is_looked_up_again_when_it_is_old_or_forgotten() {
        let lookups = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&lookups);
        let maps = RoleMaps::new(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Box::pin(async { Ok(Some(RoleMap::default())) })
        });
        for _ in 0..3 {
            maps.of("acme").await.unwrap();
        }
        assert_eq!(lookups.load(Ordering::Relaxed), 1);
        tokio::time::advance(KEPT).await;
        maps.of("acme").await.unwrap();
        assert_eq!(lookups.load(Ordering::Relaxed), 2);
        maps.forget("acme");
        maps.of("acme").await.unwrap();
        assert_eq!(lookups.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn an_organisation_that_was_not_known_is_looked_up_again_at_once() {
        let taken_in = Arc::new(AtomicUsize::new(0));
        let known = Arc::clone(&taken_in);
        let maps = RoleMaps::new(move |_| {
            let known = known.load(Ordering::Relaxed) > 0;
            Box::pin(std::future::ready(Ok(known.then(|| RoleMap { sandbox: true, ..RoleMap::default() }))))
        });
        assert!(!maps.of("acme").await.unwrap().sandbox);
        taken_in.store(1, Ordering::Relaxed);
        assert!(maps.of("acme").await.unwrap().sandbox);
    }
}
