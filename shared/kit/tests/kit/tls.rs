//! Certificates on both sides.

use std::{fs, path::Path};

use callout_kit::{client::Channel, settings};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use tonic::{Code, transport};

use crate::support::*;

/// An authority with the certificates that it gave out.
struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// Writes a certificate for `name` into `folder`; the other side must show one of `trusted`.
    fn files(&self, folder: &Path, name: &str, trusted: &Self) -> settings::Tls {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let write = |kind: &str, pem: String| {
            let path = folder.join(format!("{name}.{kind}.pem"));
            fs::write(&path, pem).unwrap();
            path
        };
        settings::Tls {
            certificate: write("certificate", certificate.pem()),
            key: write("key", key.serialize_pem()),
            authorities: Some(write("authorities", trusted.certificate.pem())),
        }
    }
}

#[tokio::test]
async fn both_sides_show_certificates_and_whoever_shows_none_or_a_strange_one_is_not_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, strange) = (Authority::new(), Authority::new());
    let server = ours.files(folder.path(), "localhost", &ours);
    let running = serve_by(&settings::Server { tls: Some(server), ..quick() }, Workshop::willing()).await;
    let url = format!("https://localhost:{}", running.address().port());
    let code = async |tls: settings::Tls| {
        let settings = settings::Client { tls: Some(tls), ..settings::Client::default() };
        let channel = Channel::new("intake", &url, &settings, Some(ISSUER.signer())).unwrap().with_policies(policy_of);
        let answer = workshop_client(channel, "Do").check(anonymous()).await;
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    };
    assert_eq!(code(ours.files(folder.path(), "intake", &ours)).await, Code::Ok);
    assert_ne!(code(strange.files(folder.path(), "stranger", &ours)).await, Code::Ok);
    // A server whose authority the client does not know is not spoken to either.
    assert_ne!(code(ours.files(folder.path(), "doubter", &strange)).await, Code::Ok);

    let bare = transport::ClientTlsConfig::new()
        .domain_name("localhost")
        .ca_certificate(transport::Certificate::from_pem(ours.certificate.pem()));
    let endpoint = transport::Endpoint::from_shared(url.clone()).unwrap().tls_config(bare).unwrap();
    let refused = workshop_client(endpoint.connect_lazy(), "Do").check(ask("administrator")).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn an_encrypted_address_without_certificates_is_refused_before_any_call() {
    let refused = Channel::new("intake", "https://dispatch:443", &settings::Client::default(), None);
    assert!(refused.is_err_and(|fault| fault.to_string().contains("client.tls")));
}
