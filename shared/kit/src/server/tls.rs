//! Certificates of the server side.

use std::{fs, path::Path};

use anyhow::Context;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use super::HANDSHAKE_LIMIT;
use crate::settings;

/// # Errors
/// When a file cannot be read.
pub(super) fn of_server(settings: &settings::Tls) -> anyhow::Result<ServerTlsConfig> {
    let identity = Identity::from_pem(read(&settings.certificate)?, read(&settings.key)?);
    let mut config = ServerTlsConfig::new().identity(identity).timeout(HANDSHAKE_LIMIT);
    if let Some(authorities) = &settings.authorities {
        // Not optional: who shows no certificate of these authorities does not get past the handshake.
        config = config.client_ca_root(Certificate::from_pem(read(authorities)?));
    }
    Ok(config)
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}
