//! Certificates on both sides.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use callout_kit::{client::Channel, server::Running, settings};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    net::TcpStream,
    sync::{Notify, Semaphore},
};
use tokio_rustls::TlsConnector;
use tonic::{Code, transport};
use tower::service_fn;

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

    /// Writes a certificate for `name` into `folder`, in the place of the one that is there; the other side must show one
    /// of `trusted`.
    fn files(&self, folder: &Path, name: &str, trusted: &Self) -> settings::Tls {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let write = |kind: &str, pem: String| {
            let path = folder.join(format!("{name}.{kind}.pem"));
            put(&path, &pem);
            path
        };
        settings::Tls {
            certificate: write("certificate", certificate.pem()),
            key: write("key", key.serialize_pem()),
            authorities: Some(write("authorities", trusted.certificate.pem())),
        }
    }
}

/// Puts a file in the place of another at once, as whatever renews certificates does.
fn put(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

fn certificates(path: &Path) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_file_iter(path).unwrap().collect::<Result<_, _>>().unwrap()
}

/// A stock client that notes which certificate it is shown on each of its connections.
struct Witness {
    channel: transport::Channel,
    shown: Arc<Mutex<Vec<CertificateDer<'static>>>>,
}

impl Witness {
    /// One that has `files` as they are now.
    fn new(running: &Running, files: &settings::Tls) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates(files.authorities.as_ref().unwrap()));
        let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
        let mut config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_client_auth_cert(certificates(&files.certificate), key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let (connector, address) = (TlsConnector::from(Arc::new(config)), running.address());
        let shown = Arc::new(Mutex::new(Vec::new()));
        let noting = Arc::clone(&shown);
        let connect = service_fn(move |_| {
            let (connector, noting) = (connector.clone(), Arc::clone(&noting));
            async move {
                let connection = TcpStream::connect(address).await?;
                let connection = connector.connect(ServerName::try_from("localhost").unwrap(), connection).await?;
                noting.lock().unwrap().push(connection.get_ref().1.peer_certificates().unwrap()[0].clone());
                std::io::Result::Ok(TokioIo::new(connection))
            }
        });
        let endpoint = transport::Endpoint::from_static("http://localhost");
        Self { channel: endpoint.connect_with_connector_lazy(connect), shown }
    }

    async fn call(&self) -> Code {
        let answer = workshop_client(self.channel.clone(), "Do").check(ask("administrator")).await;
        answer.map_or_else(|status| status.code(), |_| Code::Ok)
    }

    fn shown(&self) -> Vec<CertificateDer<'static>> {
        self.shown.lock().unwrap().clone()
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

#[tokio::test]
async fn a_renewed_certificate_is_shown_to_who_connects_from_then_on_and_loses_no_call_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new();
    let (server, client) = (ours.files(folder.path(), "localhost", &ours), ours.files(folder.path(), "intake", &ours));
    let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let (entering, leaving) = (Arc::clone(&entered), Arc::clone(&leave));
    let workshop = Workshop::new(move |_| {
        let (entering, leaving) = (Arc::clone(&entering), Arc::clone(&leaving));
        async move {
            entering.notify_one();
            leaving.acquire().await.unwrap().forget();
            Ok(())
        }
    });
    let running = serve_by(&settings::Server { tls: Some(server.clone()), ..quick() }, workshop).await;
    let before = certificates(&server.certificate);
    let early = Arc::new(Witness::new(&running, &client));
    let calling = Arc::clone(&early);
    let under_way = tokio::spawn(async move { calling.call().await });
    entered.notified().await;

    ours.files(folder.path(), "localhost", &ours);
    let after = certificates(&server.certificate);
    assert_ne!(before, after);
    leave.add_permits(3);
    let late = Witness::new(&running, &client);
    assert_eq!((late.call().await, late.shown()), (Code::Ok, after));
    assert_eq!(under_way.await.unwrap(), Code::Ok);
    // The connection of before goes on being used, too.
    assert_eq!((early.call().await, early.shown()), (Code::Ok, before));
}

#[tokio::test]
async fn files_that_are_broken_or_half_renewed_leave_the_certificate_of_before_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let ours = Authority::new();
    let (server, client) = (ours.files(folder.path(), "localhost", &ours), ours.files(folder.path(), "intake", &ours));
    let running = serve_by(&settings::Server { tls: Some(server.clone()), ..quick() }, Workshop::willing()).await;
    let shown = async || {
        let witness = Witness::new(&running, &client);
        assert_eq!(witness.call().await, Code::Ok);
        witness.shown()
    };
    let another_key = KeyPair::generate().unwrap().serialize_pem();
    let faults: [(&str, &dyn Fn()); 5] = [
        ("the key of another certificate", &|| put(&server.key, &another_key)),
        ("no key", &|| fs::remove_file(&server.key).unwrap()),
        ("an empty certificate", &|| put(&server.certificate, "")),
        ("half a certificate", &|| put(&server.certificate, "-----BEGIN CERTIFICATE-----\nMIIB")),
        ("no authority", &|| put(server.authorities.as_ref().unwrap(), "")),
    ];
    for (fault, make) in faults {
        ours.files(folder.path(), "localhost", &ours);
        let whole = certificates(&server.certificate);
        assert_eq!(shown().await, whole, "before {fault}");
        make();
        assert_eq!(shown().await, whole, "{fault}");
    }
}

#[tokio::test]
async fn renewed_authorities_decide_who_is_let_in_from_then_on() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, others) = (Authority::new(), Authority::new());
    let server = ours.files(folder.path(), "localhost", &ours);
    let our_client = ours.files(folder.path(), "intake", &ours);
    let other_client = others.files(folder.path(), "stranger", &ours);
    let running = serve_by(&settings::Server { tls: Some(server), ..quick() }, Workshop::willing()).await;
    let early = Witness::new(&running, &our_client);
    assert_eq!(early.call().await, Code::Ok);
    assert_ne!(Witness::new(&running, &other_client).call().await, Code::Ok);

    ours.files(folder.path(), "localhost", &others);
    assert_eq!(Witness::new(&running, &other_client).call().await, Code::Ok);
    assert_ne!(Witness::new(&running, &our_client).call().await, Code::Ok);
    assert_eq!((early.call().await, early.shown().len()), (Code::Ok, 1));
}

#[tokio::test]
async fn a_renewed_client_certificate_is_presented_and_renewed_authorities_are_believed() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Authority::new(), Authority::new());
    let presented = Arc::new(Mutex::new(Vec::new()));
    let serve = async |authority: &Authority, listen| {
        let noting = Arc::clone(&presented);
        let workshop = Workshop::new(move |asked| {
            noting.lock().unwrap().push(asked.peer_certs().unwrap()[0].clone());
            std::future::ready(Ok(()))
        });
        let tls = Some(authority.files(folder.path(), "localhost", authority));
        serve_by(&settings::Server { tls, listen, ..quick() }, workshop).await
    };
    let running = serve(&first, ([127, 0, 0, 1], 0).into()).await;
    let address = running.address();
    let files = first.files(folder.path(), "intake", &first);
    let settings = settings::Client { tls: Some(files.clone()), ..settings::Client::default() };
    let url = format!("https://localhost:{}", address.port());
    let channel = Channel::new("intake", &url, &settings, Some(ISSUER.signer())).unwrap().with_policies(policy_of);
    let mut client = workshop_client(channel, "Do");
    client.check(anonymous()).await.unwrap();
    let before = certificates(&files.certificate);

    // A new authority for both sides; what is connected goes on until the server makes it connect again.
    second.files(folder.path(), "intake", &second);
    client.check(anonymous()).await.unwrap();
    running.shutdown().await.unwrap();
    let _running = serve(&second, address).await;
    client.check(anonymous()).await.unwrap();
    let after = certificates(&files.certificate);
    assert_ne!(before, after);
    assert_eq!(*presented.lock().unwrap(), [before.clone(), before, after].concat());
}
