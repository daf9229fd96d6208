//! The suite as it is run in production: with certificates, and with issuers whose keys are in files.

use std::{fs, path::Path};

use callout::{
    settings::{Addresses, Settings},
    suite::{Suite, Trust},
};
use callout_contract::intake::v1::{
    AdvanceClockRequest, CreateOrganizationRequest, CreateSandboxRequest, IssueSandboxTokenRequest, Organization,
    organizations_client::OrganizationsClient, sandboxes_client::SandboxesClient,
};
use callout_devdb::Database;
use callout_fleet::founding::request_id;
use callout_journal::Service;
use callout_kit::{
    clock,
    identity::Signer,
    parse,
    settings::{Identity, Tls},
};
use callout_testkit::scenario::Refusal;
use prost_reflect::DynamicMessage;
use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tonic::{
    Request, Status,
    transport::{self, Channel, ClientTlsConfig, Endpoint},
};

use crate::{
    client::Client,
    contract,
    stage::{self, person},
};

/// Longer than a test, as a token.
const LIFETIME: std::time::Duration = std::time::Duration::from_mins(10);

/// The live organisation that owns the sandbox.
const OWNER: &str = "organizations/acme";

#[tokio::test(flavor = "multi_thread")]
async fn the_key_of_sandboxes_signs_what_is_believed_in_them_by_every_method_and_nowhere_else() {
    let production = Production::start(|identity| identity).await;
    let sandbox = production.open_sandbox().await.expect("a sandbox");
    // The services call one another for it, by their names and with their certificates.
    let token = production.sign(&person("acme", "root", &["administrator"]));
    let to = "2026-01-02T00:00:00Z".parse().expect("a time");
    let to = Some(parse::to_timestamp(to));
    let request = AdvanceClockRequest { name: sandbox.clone(), to, request_id: request_id() };
    production.sandboxes().advance_clock(bearing(&token, request)).await.expect("all four have their clocks moved");

    let issued = production.issue(&sandbox).await.expect("a token of the sandbox");
    let believed = production.believed(&issued).await;
    assert_eq!(believed, contract::methods().map(|method| contract::name_of(&method)).collect::<Vec<_>>());

    // Whoever has the key and nothing else can say anything by it but that he is of a live organisation.
    let sandboxes = Signer::of_sandboxes(&production.identity).expect("its key").expect("a key is named");
    for organization in ["acme", "not-taken-in-yet"] {
        let root = person(organization, "root", &["administrator"]);
        let forged = sandboxes.sign(&root, clock::system_now(), LIFETIME).expect("a token");
        assert!(production.believed(&forged).await.is_empty(), "{organization}");
    }
    production.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_of_sandboxes_a_token_is_refused_by_the_name_of_the_setting() {
    let production = Production::start(|identity| Identity { sandbox_key: None, ..identity }).await;
    let sandbox = production.open_sandbox().await.expect("a sandbox");
    let refusal = Refusal::from(&production.issue(&sandbox).await.expect_err("nobody can sign it"));
    assert_eq!((refusal.code.as_str(), refusal.reason.as_str()), ("FAILED_PRECONDITION", "SERVICE_UNCONFIGURED"));
    assert_eq!(refusal.metadata["setting"], "identity.sandbox_key");
    // What is refused for another reason in any case is not told of it.
    let live = production.issue(OWNER).await.expect_err("it is no sandbox");
    assert_eq!(Refusal::from(&live).reason, "CLOCK_FIXED");
    production.stop().await;
}

/// The four services in one process.
struct Production {
    suite: Suite,
    identity: Identity,
    /// The login of the callers, which is not of the suite.
    callers: Signer,
    channel: Channel,
    _files: TempDir,
    // Last: it is removed when nobody works on it any more.
    _database: Database,
}

impl Production {
    /// By the settings of a whole production that `change` makes of a complete one.
    async fn start(change: impl FnOnce(Identity) -> Identity) -> Self {
        let (database, files) = (stage::database().await, tempfile::tempdir().expect("a folder"));
        let (identity, callers) = callout_fleet::keys::write(files.path()).expect("keys in files");
        let identity = change(identity);
        let tls = certificate(files.path());
        let settings = settings(&database, identity, tls.clone());
        let trust = Trust::of(&settings).expect("keys that can be used");
        let suite = Suite::start(&settings, &Service::ALL, &trust).await.expect("the suite");
        let channel = connect(&settings.peers.intake, &tls);
        Self { suite, identity: settings.identity, callers, channel, _files: files, _database: database }
    }

    fn sign(&self, caller: &callout_kit::Caller) -> String {
        self.callers.sign(caller, clock::system_now(), LIFETIME).expect("a token")
    }

    fn sandboxes(&self) -> SandboxesClient<Channel> {
        SandboxesClient::new(self.channel.clone())
    }

    /// Takes the organisation in and opens a sandbox of it; the sandbox's name.
    async fn open_sandbox(&self) -> Result<String, Status> {
        let token = self.sign(&person("acme", "root", &["administrator"]));
        let organization = || Some(Organization { display_name: "Acme".to_owned(), ..Organization::default() });
        let request = CreateOrganizationRequest {
            organization_id: "acme".to_owned(),
            organization: organization(),
            request_id: request_id(),
        };
        OrganizationsClient::new(self.channel.clone()).create_organization(bearing(&token, request)).await?;
        let request = CreateSandboxRequest {
            parent: OWNER.to_owned(),
            organization: organization(),
            clock: None,
            request_id: request_id(),
        };
        Ok(self.sandboxes().create_sandbox(bearing(&token, request)).await?.into_inner().name)
    }

    /// A token of an organisation, asked for by its owner's administrator.
    async fn issue(&self, name: &str) -> Result<String, Status> {
        let token = self.sign(&person("acme", "root", &["administrator"]));
        let request = IssueSandboxTokenRequest {
            name: name.to_owned(),
            subject: "vera".to_owned(),
            roles: vec!["viewer".to_owned()],
            agency: String::new(),
        };
        Ok(self.sandboxes().issue_sandbox_token(bearing(&token, request)).await?.into_inner().token)
    }

    /// The methods that know the caller by the token, whatever they say to an empty request.
    async fn believed(&self, token: &str) -> Vec<String> {
        let client = Client::over(self.channel.clone());
        let mut believed = Vec::new();
        for method in contract::methods() {
            let answer = client.call(&method, &DynamicMessage::new(method.input()), Some(token)).await;
            if answer.err().is_none_or(|status| Refusal::from(&status).reason != "TOKEN_INVALID") {
                believed.push(contract::name_of(&method));
            }
        }
        believed
    }

    async fn stop(self) {
        self.suite.shutdown().await.expect("an orderly end");
    }
}

/// On a port that is known to all services by name before it is bound, with certificates on both sides.
fn settings(database: &Database, identity: Identity, tls: Tls) -> Settings {
    let mut settings = stage::settings(database.url());
    settings.server.listen = callout_fleet::free_ports(1).expect("a free port")[0];
    settings.peers = Addresses::all_at(&format!("https://localhost:{}", settings.server.listen.port()));
    settings.server.tls = Some(tls.clone());
    settings.client.tls = Some(tls);
    settings.identity = identity;
    settings
}

/// One certificate for everybody, which is its own authority.
fn certificate(folder: &Path) -> Tls {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name").self_signed(&key);
    let write = |name: &str, pem: String| {
        let path = folder.join(name);
        fs::write(&path, pem).expect("a file");
        path
    };
    let certificate = write("tls.crt", certificate.expect("a certificate").pem());
    Tls { authorities: Some(certificate.clone()), certificate, key: write("tls.key", key.serialize_pem()) }
}

fn connect(url: &str, tls: &Tls) -> Channel {
    let [certificate, key] = [&tls.certificate, &tls.key].map(|path| fs::read(path).expect("a file"));
    let tls = ClientTlsConfig::new()
        .ca_certificate(transport::Certificate::from_pem(&certificate))
        .identity(transport::Identity::from_pem(certificate, key));
    let endpoint = Endpoint::from_shared(url.to_owned()).and_then(|endpoint| endpoint.tls_config(tls));
    endpoint.expect("an address with its certificate").connect_lazy()
}

fn bearing<M>(token: &str, message: M) -> Request<M> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse().expect("a token is a header value");
    request.metadata_mut().insert("authorization", bearer);
    request
}
