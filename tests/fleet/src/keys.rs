//! Issuers whose keys are in files, as in production.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use callout_kit::{
    identity::Signer,
    settings::{Identity, Issuer},
};
use rcgen::{KeyPair, PKCS_ED25519};
use serde_json::json;

/// Writes keys of the callers, of the services and of the sandboxes into `folder`: what the suite is to be told of them, and
/// the login of the callers, which is not of the suite.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path) -> Result<(Identity, Signer)> {
    let key = |name: &str| folder.join(format!("{name}.pem"));
    let key_id = || Some("1".to_owned());
    let [callers, services, sandboxes] = ["callers", "services", "sandboxes"].map(|name| issuer(folder, name));
    let callers = callers?;
    let login = Identity {
        services: Some(callers.clone()),
        service_key: Some(key("callers")),
        service_key_id: key_id(),
        ..Identity::default()
    };
    let identity = Identity {
        issuer: Some(callers),
        services: Some(services?),
        service_key: Some(key("services")),
        service_key_id: key_id(),
        sandboxes: Some(sandboxes?),
        sandbox_key: Some(key("sandboxes")),
        sandbox_key_id: key_id(),
    };
    let login = Signer::of_service(&login)?.context("the callers' key was just written")?;
    Ok((identity, login))
}

fn issuer(folder: &Path, name: &str) -> Result<Issuer> {
    let key = KeyPair::generate_for(&PKCS_ED25519)?;
    fs::write(folder.join(format!("{name}.pem")), key.serialize_pem())?;
    let public = URL_SAFE_NO_PAD.encode(key.public_key_raw());
    let keys = folder.join(format!("{name}.json"));
    let set = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": public}]});
    fs::write(&keys, set.to_string())?;
    Ok(Issuer { name: format!("https://{name}.example"), keys })
}
