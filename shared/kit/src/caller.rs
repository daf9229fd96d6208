//! Who calls.

use tonic::Request;

use crate::{Error, permissions::Permissions, text::Language};

/// The party on whose behalf a call is served. The identity layer puts it in the extensions of every call that is not
/// public; a call of one service of the suite to another carries the caller of the first call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The organisation's id, the `{org}` of `organizations/{org}`; [`Caller::EVERY_ORGANIZATION`] for a service of
    /// the suite that reads all of them.
    pub organization: String,
    /// Who it is, unique within the organisation; goes into the audit log.
    pub subject: String,
    /// The roles that the organisation gave them, in its own words.
    pub roles: Vec<String>,
    /// The outside company they work for; none for the organisation's own people.
    pub agency: Option<String>,
    /// The service of the suite that passes the call on, such as `dispatch`; none for a call from outside.
    pub service: Option<String>,
    /// The language in which they are answered.
    pub language: Language,
    /// What their roles allow; nothing before the permission layer has looked it up.
    pub permissions: Permissions,
}

impl Caller {
    /// Stands for all organisations, in names as in tokens.
    pub const EVERY_ORGANIZATION: &str = "-";

    /// A service of the suite at its own work: a follower of a feed or a timer, on behalf of nobody.
    pub fn service(service: impl Into<String>, organization: impl Into<String>) -> Self {
        let service = service.into();
        Self {
            organization: organization.into(),
            subject: format!("services/{service}"),
            roles: vec!["service".to_owned()],
            agency: None,
            service: Some(service),
            language: Language::default(),
            permissions: Permissions::default(),
        }
    }

    /// The caller of `request`.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the call came without a token, which only a public method allows.
    pub fn of<T>(request: &Request<T>) -> Result<&Self, Error> {
        request.extensions().get().ok_or(Error::Unauthenticated { why: "there is none" })
    }

    /// Refuses what concerns all organisations to everybody but a service of the suite that reads all of them.
    ///
    /// # Errors
    /// [`Error::NotFound`], as for an organisation that is not there.
    pub fn require_every_organization(&self) -> Result<(), Error> {
        match self.service {
            Some(_) if self.organization == Self::EVERY_ORGANIZATION => Ok(()),
            Some(_) | None => Err(Error::NotFound { name: format!("organizations/{}", Self::EVERY_ORGANIZATION) }),
        }
    }

    /// Refuses a resource of another organisation in the words for one that is not there, so that nobody learns what
    /// others have.
    ///
    /// # Errors
    /// [`Error::NotFound`] with `name` unless `organization` is the caller's, or the caller is a service that reads all.
    pub fn require_organization(&self, organization: &str, name: &str) -> Result<(), Error> {
        let reads_all = self.service.is_some() && self.organization == Self::EVERY_ORGANIZATION;
        if self.organization == organization || reads_all {
            return Ok(());
        }
        Err(Error::NotFound { name: name.to_owned() })
    }

    /// Checks a permission beyond the one that the method itself needs.
    ///
    /// # Errors
    /// [`Error::PermissionMissing`] unless the caller's roles allow it.
    pub fn require_permission(&self, permission: &str) -> Result<(), Error> {
        if self.permissions.allow(permission) {
            return Ok(());
        }
        Err(Error::PermissionMissing { permission: permission.to_owned() })
    }
}
