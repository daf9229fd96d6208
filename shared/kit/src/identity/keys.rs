//! The public keys of an issuer, read again when their file changes, so that keys can be rolled without a restart.

use std::{
    collections::HashMap,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet},
};

use crate::file::Version;

/// Time between two looks at the file. Longer, and a withdrawn key goes on being believed; shorter, and each call
/// costs a look.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A public key and the only algorithm for which it is believed.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) decoding: Arc<DecodingKey>,
}

type KeySet = HashMap<String, Key>;

/// Where an issuer's keys come from.
pub(super) enum Keys {
    /// A JWKS file.
    File { path: PathBuf, read: Mutex<Read> },
    /// Keys that never change.
    Fixed(KeySet),
}

/// What was last read from the file.
pub(super) struct Read {
    keys: KeySet,
    version: Version,
    looked_at: Instant,
}

impl Keys {
    /// # Errors
    /// When the file cannot be read or has no key that can be used.
    pub(super) fn from_file(path: PathBuf) -> anyhow::Result<Self> {
        let version = Version::of(&path)?;
        let keys = read(&path)?;
        Ok(Self::File { path, read: Mutex::new(Read { keys, version, looked_at: Instant::now() }) })
    }

    /// # Errors
    /// When the key has no id or an algorithm that is not believed.
    pub(super) fn fixed(key: &Jwk) -> anyhow::Result<Self> {
        Ok(Self::Fixed(HashMap::from([decoded(key)?])))
    }

    /// The key of that id. An unknown id is a reason to look at the file at once.
    pub(super) fn find(&self, key_id: &str) -> Option<Key> {
        match self {
            Self::Fixed(keys) => keys.get(key_id).cloned(),
            Self::File { path, read } => {
                let mut read = read.lock().unwrap_or_else(PoisonError::into_inner);
                if read.looked_at.elapsed() >= LOOK_EVERY || !read.keys.contains_key(key_id) {
                    read.refresh(path);
                }
                read.keys.get(key_id).cloned()
            }
        }
    }
}

impl Read {
    /// Keeps what was read before when the file is gone or broken: half a roll must not lock everybody out.
    fn refresh(&mut self, path: &PathBuf) {
        self.looked_at = Instant::now();
        let newer = Version::of(path).and_then(|version| {
            if version != self.version {
                self.keys = read(path)?;
                self.version = version;
            }
            Ok(())
        });
        if let Err(fault) = newer {
            tracing::warn!(path = %path.display(), error = format!("{fault:#}"), "a key set cannot be read again: {fault:#}");
        }
    }
}

fn read(path: &PathBuf) -> anyhow::Result<KeySet> {
    let text = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let set: JwkSet = serde_json::from_slice(&text).with_context(|| format!("{} is no key set", path.display()))?;
    // A set may hold keys for other uses; those are passed over.
    let keys: KeySet = set.keys.iter().filter_map(|key| decoded(key).ok()).collect();
    ensure!(!keys.is_empty(), "{} has no Ed25519 or P-256 key with an id", path.display());
    Ok(keys)
}

fn decoded(key: &Jwk) -> anyhow::Result<(String, Key)> {
    let key_id = key.common.key_id.clone().context("the key has no id")?;
    let algorithm = match &key.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => Some(Algorithm::EdDSA),
        AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => Some(Algorithm::ES256),
        // Everything else is a key for something else; the library's list is open.
        _ => None,
    };
    let algorithm = algorithm.context("the key is for another algorithm")?;
    Ok((key_id, Key { algorithm, decoding: Arc::new(DecodingKey::from_jwk(key)?) }))
}
