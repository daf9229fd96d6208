//! What all processes of a fleet are told alike.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;
use callout::settings::Addresses;
use callout_kit::settings::{Identity, Issuer};

/// Writes `settings.toml` into `folder`.
///
/// # Errors
/// When the file cannot be written.
pub fn write(folder: &Path, url: &str, password: &str, identity: &Identity, peers: &Addresses) -> Result<()> {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let issuer = |key: &str, issuer: &Option<Issuer>| {
        let (name, keys) =
            issuer.as_ref().map(|issuer| (issuer.name.as_str(), issuer.keys.display().to_string())).unwrap_or_default();
        format!("[identity.{key}]\nname = {name:?}\nkeys = {keys:?}\n")
    };
    let text = format!(
        "[database]\nurl = {url:?}\npassword = {password:?}\n\
         [server]\ndrain_delay_ms = 200\n\
         [peers]\nintake = {:?}\ndispatch = {:?}\ninventory = {:?}\nevaluation = {:?}\n\
         [identity]\nservice_key = {:?}\nservice_key_id = \"1\"\nsandbox_key = {:?}\nsandbox_key_id = \"1\"\n{}{}{}",
        peers.intake,
        peers.dispatch,
        peers.inventory,
        peers.evaluation,
        path(&identity.service_key),
        path(&identity.sandbox_key),
        issuer("issuer", &identity.issuer),
        issuer("services", &identity.services),
        issuer("sandboxes", &identity.sandboxes),
    );
    fs::write(folder.join("settings.toml"), text)?;
    Ok(())
}
