//! The certificates of one side of its connections, read again when their files change.
//!
//! Each handshake goes by what the files hold then. A connection that is open goes on with what it began with until it is
//! told to go for its age, so that a renewal loses no call.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context, ensure};
use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

use crate::{file::Version, settings};

/// HTTP/2, as the two sides of a handshake agree on it.
pub(crate) const HTTP2: &[u8] = b"h2";

/// What the handshakes of one side go by: `C` is rustls' configuration of it.
pub(crate) struct Certificates<C> {
    files: settings::Tls,
    build: fn(Pem) -> anyhow::Result<C>,
    read: Mutex<Read<C>>,
}

/// What was last read.
struct Read<C> {
    config: Arc<C>,
    versions: Versions,
}

/// Those of the certificate, the key and the authorities; none of a file that is not there.
type Versions = [Option<Version>; 3];

/// What the files hold.
struct Pem {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    authorities: Option<RootCertStore>,
}

impl Certificates<ServerConfig> {
    /// # Errors
    /// When a file cannot be read or used.
    pub(crate) fn of_server(files: &settings::Tls) -> anyhow::Result<Self> {
        Self::new(files, server)
    }
}

impl Certificates<ClientConfig> {
    /// # Errors
    /// When a file cannot be read or used.
    pub(crate) fn of_client(files: &settings::Tls) -> anyhow::Result<Self> {
        Self::new(files, client)
    }
}

impl<C> Certificates<C> {
    fn new(files: &settings::Tls, build: fn(Pem) -> anyhow::Result<C>) -> anyhow::Result<Self> {
        let versions = versions(files);
        let config = Arc::new(build(Pem::read(files)?)?);
        Ok(Self { files: files.clone(), build, read: Mutex::new(Read { config, versions }) })
    }

    /// What a handshake that begins now goes by.
    ///
    /// Looks at the files each time: that costs a thousandth of a handshake, and there is no span in which what was
    /// withdrawn is still shown or believed. Files that are gone or cannot be used change nothing, since half a renewal
    /// must not shut everybody out; that is logged once for each change of them.
    pub(crate) fn current(&self) -> Arc<C> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        // Before the files are read: what changes while they are read is seen at the next look.
        let versions = versions(&self.files);
        if versions != read.versions {
            read.versions = versions;
            let path = self.files.certificate.display();
            match Pem::read(&self.files).and_then(self.build) {
                Ok(config) => {
                    read.config = Arc::new(config);
                    tracing::info!(%path, "the certificate {path} was renewed");
                }
                Err(fault) => {
                    let error = format!("{fault:#}");
                    tracing::warn!(%path, error, "the certificate {path} stays as it was: {fault:#}");
                }
            }
        }
        Arc::clone(&read.config)
    }
}

fn versions(files: &settings::Tls) -> Versions {
    let settings::Tls { certificate, key, authorities } = files;
    [Some(certificate), Some(key), authorities.as_ref()].map(|path| Version::of(path?).ok())
}

impl Pem {
    fn read(files: &settings::Tls) -> anyhow::Result<Self> {
        let chain = certificates(&files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?)
            .with_context(|| format!("{} holds no private key", files.key.display()))?;
        let authorities = files.authorities.as_deref().map(authorities).transpose()?;
        Ok(Self { chain, key, authorities })
    }
}

fn authorities(path: &Path) -> anyhow::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    // A bundle may hold authorities of a kind that is not known here; those are passed over.
    let (usable, _) = roots.add_parsable_certificates(certificates(path)?);
    ensure!(usable > 0, "{} holds no authority that can be used", path.display());
    Ok(roots)
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes(path)?).collect();
    let chain = chain.with_context(|| format!("{} is not in PEM form", path.display()))?;
    ensure!(!chain.is_empty(), "{} holds no certificate", path.display());
    Ok(chain)
}

fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn server(pem: Pem) -> anyhow::Result<ServerConfig> {
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let builder = match pem.authorities {
        // Not optional: who shows no certificate of these authorities does not get past the handshake.
        Some(authorities) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider());
            builder.with_client_cert_verifier(verifier.build()?)
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(pem.chain, pem.key).context("certificate and key do not go together")?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

fn client(pem: Pem) -> anyhow::Result<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    // Without authorities nobody is trusted.
    let builder = builder.with_root_certificates(pem.authorities.unwrap_or_else(RootCertStore::empty));
    let config = builder.with_client_auth_cert(pem.chain, pem.key);
    let mut config = config.context("certificate and key do not go together")?;
    config.alpn_protocols = vec![HTTP2.to_vec()];
    Ok(config)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use tempfile::TempDir;

    use super::*;

    /// Puts a certificate with its key into `folder`, in the place of those that are there.
    fn renew(folder: &TempDir) -> settings::Tls {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        let [certificate, key] =
            [("certificate", certificate.pem()), ("key", key.serialize_pem())].map(|(name, pem)| {
                let path = folder.path().join(name);
                put(&path, &pem);
                path
            });
        settings::Tls { authorities: Some(certificate.clone()), certificate, key }
    }

    fn put(path: &Path, text: &str) {
        let beside = path.with_extension("new");
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }

    #[test]
    fn files_that_cannot_be_used_change_nothing_and_are_logged_once_for_each_change_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let files = renew(&folder);
        let (client, server) = (Certificates::of_client(&files).unwrap(), Certificates::of_server(&files).unwrap());
        let log = tempfile::NamedTempFile::new().unwrap();
        let lines = tracing_subscriber::fmt().with_writer(Arc::new(log.reopen().unwrap())).finish();
        let saying = |what: &str| fs::read_to_string(log.path()).unwrap().matches(what).count();
        tracing::subscriber::with_default(lines, || {
            let before = (client.current(), server.current());
            for (broken, time) in [(&files.key, 1), (&files.certificate, 2)] {
                put(broken, "nothing");
                for _ in 0..3 {
                    assert!(Arc::ptr_eq(&before.0, &client.current()) && Arc::ptr_eq(&before.1, &server.current()));
                }
                assert_eq!(saying("stays as it was"), 2 * time);
            }
            renew(&folder);
            let after = (client.current(), server.current());
            assert!(!Arc::ptr_eq(&before.0, &after.0) && !Arc::ptr_eq(&before.1, &after.1));
            assert!(Arc::ptr_eq(&after.0, &client.current()) && Arc::ptr_eq(&after.1, &server.current()));
            assert_eq!((saying("was renewed"), saying("stays as it was")), (2, 4));
        });
    }
}
