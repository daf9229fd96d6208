//! Who may call what.

use std::sync::Arc;

use http::{HeaderMap, header};
use tonic::Status;

use crate::{
    Caller, Error, Language,
    identity::{Verified, Verifier},
    method::{Method, PolicyOf},
    permissions::{PUBLIC, Permissions, Profile, RoleMaps},
};

/// The permission to see the descriptors where they are not open to everybody; only `*` covers it by default.
const REFLECTION: &str = "server.descriptors.read";

/// How callers are known and what they may do.
#[derive(Clone)]
pub struct Access {
    verifier: Arc<Verifier>,
    role_maps: RoleMaps,
    policy_of: PolicyOf,
}

impl Access {
    /// By the tokens that `verifier` believes, the organisations' own roles, and the policies in the protos.
    #[must_use]
    pub fn new(verifier: Arc<Verifier>, role_maps: RoleMaps) -> Self {
        Self { verifier, role_maps, policy_of: callout_contract::policy::of }
    }

    /// With policies from elsewhere than the protos, for methods that are not of the suite.
    #[must_use]
    pub fn with_policies(mut self, policy_of: PolicyOf) -> Self {
        self.policy_of = policy_of;
        self
    }

    pub(super) fn method(&self, path: &str) -> Method {
        Method::of(path, self.policy_of)
    }

    /// The caller of a method, once it is certain that they may call it; none for a method that needs nobody.
    ///
    /// # Errors
    /// UNIMPLEMENTED for what is not served, or not to this caller's knowledge; otherwise [`Error::Unauthenticated`],
    /// [`Error::PermissionMissing`], or what looking up the roles failed with.
    pub(super) async fn admit(
        &self,
        method: Method,
        headers: &HeaderMap,
        open_reflection: bool,
    ) -> Result<Option<Caller>, Status> {
        match method {
            Method::Health => Ok(None),
            Method::Reflection if open_reflection => Ok(None),
            // Who may not see the descriptors is not told that there are any.
            Method::Reflection => match self.permitted(headers, REFLECTION).await {
                Ok(caller) => Ok(Some(caller)),
                Err(_) => Err(Status::unimplemented("")),
            },
            Method::Declared(policy) if policy.permission == PUBLIC => Ok(None),
            Method::Declared(policy) => Ok(Some(self.permitted(headers, &policy.permission).await?)),
            Method::Unknown => Err(Status::unimplemented("")),
        }
    }

    async fn permitted(&self, headers: &HeaderMap, permission: &str) -> Result<Caller, Error> {
        let Verified { mut caller, in_sandbox_only } = self.verifier.verify(bearer(headers)?)?;
        // An organisation that nobody has taken in here is no sandbox either: the token must not take it in.
        if in_sandbox_only && !self.role_maps.of(&caller.organization).await?.sandbox {
            return Err(Error::Unauthenticated { why: "its issuer signs for sandboxes only" });
        }
        caller.language = language(headers);
        caller.permissions = self.permissions(&caller).await?;
        caller.require_permission(permission)?;
        Ok(caller)
    }

    /// A service of the suite has checked its own caller before it calls another: it may call everything, within the
    /// organisation and the agency for which it calls.
    async fn permissions(&self, caller: &Caller) -> Result<Permissions, Error> {
        if caller.service.is_some() {
            return Ok(Profile::Service.patterns().iter().copied().collect());
        }
        let map = self.role_maps.of(&caller.organization).await?;
        Ok(map.permissions(caller.roles.iter().map(String::as_str)))
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let value = headers.get(header::AUTHORIZATION).ok_or(Error::Unauthenticated { why: "there is none" })?;
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthenticated { why: "it is not in the form `Bearer …`" })
}

/// The language that the caller asks for.
pub(super) fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    asked.map(Language::from_accept_language).unwrap_or_default()
}
