//! Signs tokens.

use std::{fs, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::{AUDIENCE, Claims};
use crate::{Caller, Error, settings};

/// An issuer's name and private key.
#[derive(Clone)]
pub struct Signer {
    issuer: Arc<str>,
    header: Arc<Header>,
    key: Arc<EncodingKey>,
}

impl Signer {
    pub(super) fn new(issuer: &str, key_id: &str, key: EncodingKey) -> Self {
        let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::EdDSA) };
        Self { issuer: issuer.into(), header: Arc::new(header), key: Arc::new(key) }
    }

    /// The signer of this service's own tokens, if the settings name a key.
    ///
    /// # Errors
    /// When the key cannot be read or is no Ed25519 key in PKCS#8 PEM.
    pub fn of_service(settings: &settings::Identity) -> anyhow::Result<Option<Self>> {
        let settings::Identity { services, service_key, service_key_id, .. } = settings;
        Self::read(services.as_ref(), service_key.as_deref(), service_key_id.as_deref())
    }

    /// The signer of the tokens of sandboxes, if the settings name a key.
    ///
    /// # Errors
    /// When the key cannot be read or is no Ed25519 key in PKCS#8 PEM.
    pub fn of_sandboxes(settings: &settings::Identity) -> anyhow::Result<Option<Self>> {
        let settings::Identity { sandboxes, sandbox_key, sandbox_key_id, .. } = settings;
        Self::read(sandboxes.as_ref(), sandbox_key.as_deref(), sandbox_key_id.as_deref())
    }

    fn read(
        issuer: Option<&settings::Issuer>,
        key: Option<&Path>,
        key_id: Option<&str>,
    ) -> anyhow::Result<Option<Self>> {
        let (Some(issuer), Some(path), Some(key_id)) = (issuer, key, key_id) else { return Ok(None) };
        let pem = fs::read(path).with_context(|| format!("the key {} cannot be read", path.display()))?;
        let key = EncodingKey::from_ed_pem(&pem)
            .with_context(|| format!("{} is no Ed25519 key in PKCS#8 PEM", path.display()))?;
        Ok(Some(Self::new(&issuer.name, key_id, key)))
    }

    /// A token for `caller`, good from `now` for `lifetime`.
    ///
    /// # Errors
    /// [`Error::Internal`] when the key cannot sign.
    pub fn sign(&self, caller: &Caller, now: Timestamp, lifetime: Duration) -> Result<String, Error> {
        let issued = now.as_second();
        let claims = Claims {
            iss: self.issuer.to_string(),
            aud: AUDIENCE.to_owned(),
            sub: caller.subject.clone(),
            iat: issued,
            nbf: issued,
            exp: issued.saturating_add(i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX)),
            org: caller.organization.clone(),
            roles: caller.roles.clone(),
            agency: caller.agency.clone(),
            service: caller.service.clone(),
        };
        jsonwebtoken::encode(&self.header, &claims, &self.key)
            .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context("a token cannot be signed")))
    }
}
