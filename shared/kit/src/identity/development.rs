//! An issuer for development and tests, whose key lives as long as the process.

use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::{rand::SystemRandom, signature::Ed25519KeyPair};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};

use super::Signer;
use crate::{Caller, Error};

/// Its name, the `iss` claim of its tokens.
const NAME: &str = "callout-development";

/// The id of its only key.
const KEY_ID: &str = "development";

/// How long its tokens are good: a working day, so that nobody is thrown out of a demonstration.
const LIFETIME: Duration = Duration::from_hours(12);

/// Signs tokens for whoever asks. A server believes it only when it was built with it, and its key is in no file.
#[derive(Clone)]
pub struct DevelopmentIssuer {
    signer: Signer,
    pub(super) public_key: Jwk,
}

impl DevelopmentIssuer {
    /// Its name, the `iss` claim of its tokens.
    pub const NAME: &str = NAME;

    /// An issuer with a new key.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn new() -> anyhow::Result<Self> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).ok().context("no key could be made")?;
        let key = EncodingKey::from_ed_der(pkcs8.as_ref());
        let mut public_key = Jwk::from_encoding_key(&key, Algorithm::EdDSA)?;
        public_key.common.key_id = Some(KEY_ID.to_owned());
        Ok(Self { signer: Signer::new(NAME, KEY_ID, key), public_key })
    }

    /// A token for `caller`, good for twelve hours from `now`.
    ///
    /// # Errors
    /// [`Error::Internal`] when the key cannot sign.
    pub fn token(&self, caller: &Caller, now: Timestamp) -> Result<String, Error> {
        self.signer.sign(caller, now, LIFETIME)
    }

    /// Signs the services' own tokens.
    #[must_use]
    pub fn signer(&self) -> Signer {
        self.signer.clone()
    }
}
