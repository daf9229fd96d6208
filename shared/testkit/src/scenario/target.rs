//! The suite against which scenarios are played.

use std::{collections::HashMap, fmt};

use secrecy::SecretString;
use tonic::transport::Channel;

use super::call::Patience;

/// A running suite, and who plays against it.
#[derive(Clone)]
pub struct Target {
    everywhere: Channel,
    packages: HashMap<String, Channel>,
    pub(super) organization: String,
    pub(super) token: SecretString,
    pub(super) patience: Patience,
}

impl Target {
    /// A suite of which every service answers on `channel`. Sandboxes are opened in `organization`, such as
    /// `organizations/acme`, by the holder of `token`, who must be its administrator.
    #[must_use]
    pub fn new(channel: Channel, organization: impl Into<String>, token: SecretString) -> Self {
        Self {
            everywhere: channel,
            packages: HashMap::new(),
            organization: organization.into(),
            token,
            patience: Patience::default(),
        }
    }

    /// The same, but `package`, such as `callout.dispatch.v1`, answers on a `channel` of its own.
    #[must_use]
    pub fn with_package(mut self, package: impl Into<String>, channel: Channel) -> Self {
        self.packages.insert(package.into(), channel);
        self
    }

    /// The same, where other things are borne with.
    #[must_use]
    pub fn patient(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Where the services of `package` answer.
    pub(super) fn channel(&self, package: &str) -> Channel {
        self.packages.get(package).unwrap_or(&self.everywhere).clone()
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target").field("organization", &self.organization).finish_non_exhaustive()
    }
}
