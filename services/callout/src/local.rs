//! The whole suite on this machine, with a private PostgreSQL: for trying it, and for playing scenarios.

use anyhow::{Context as _, Result};
use callout_contract::intake::v1::{self as pb, organizations_client::OrganizationsClient};
use callout_devdb::{Data, Server};
use callout_journal::Service;
use callout_kit::{Caller, clock, identity::DevelopmentIssuer};
use callout_regulation::Regulation;
use prost_types::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use tonic::{Code, Request, transport::Endpoint};

use crate::{
    settings::Settings,
    suite::{self, Suite, Trust},
};

/// The organisation in whose name a local suite is tried: its administrator opens sandboxes.
pub const ORGANIZATION: &str = "demo";

/// A private PostgreSQL, the four services in this process, and an issuer of tokens whose key ends with it.
pub struct Local {
    suite: Suite,
    issuer: DevelopmentIssuer,
    // Last: the server outlives those who are connected to it.
    _database: Server,
}

impl Local {
    /// Starts everything; `data` says where the database is kept.
    ///
    /// # Errors
    /// When no PostgreSQL is found, or a part does not start.
    pub async fn start(data: &Data, settings: &Settings) -> Result<Self> {
        let database = Server::start(data).await?;
        database.ensure_database("callout").await?;
        let mut settings = settings.clone();
        settings.database.url = SecretString::from(database.url("callout"));
        settings.database.password = SecretString::from(random_password());
        suite::migrate_all(&settings).await?;
        let issuer = DevelopmentIssuer::new()?;
        let suite = Suite::start(&settings, &Service::ALL, &Trust::of_development(&issuer)?).await?;
        Ok(Self { suite, issuer, _database: database })
    }

    /// Where it is served.
    #[must_use]
    pub fn url(&self) -> String {
        self.suite.url()
    }

    /// A token of somebody of [`ORGANIZATION`] with these roles.
    ///
    /// # Errors
    /// When the issuer's key cannot sign.
    pub fn token(&self, subject: &str, roles: &[&str]) -> Result<SecretString> {
        let caller = Caller {
            organization: ORGANIZATION.to_owned(),
            subject: subject.to_owned(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            service: None,
            ..Caller::service("", "")
        };
        Ok(SecretString::from(self.issuer.token(&caller, clock::system_now())?))
    }

    /// Takes [`ORGANIZATION`] in as a live organisation that works by `regulation`, if by any, unless it is there already.
    ///
    /// # Errors
    /// When the suite refuses.
    pub async fn take_in(&self, regulation: Option<&Regulation>) -> Result<()> {
        let adoptions = regulation.map(|regulation| pb::Adoption {
            pack: regulation.pack().pack.clone(),
            revision: regulation.pack().revision.try_into().unwrap_or(i32::MAX),
            effective_at: Some(Timestamp { seconds: 0, nanos: 0 }),
        });
        let title = regulation.map(|regulation| regulation.pack().title.en.clone());
        let mut request = Request::new(pb::CreateOrganizationRequest {
            organization_id: ORGANIZATION.to_owned(),
            organization: Some(pb::Organization {
                display_name: title.unwrap_or_else(|| ORGANIZATION.to_owned()),
                adoptions: adoptions.into_iter().collect(),
                ..Default::default()
            }),
            request_id: clock::new_id(clock::system_now()).to_string(),
        });
        let token = self.token("administrator", &["administrator"])?;
        let bearer = format!("Bearer {}", token.expose_secret()).parse().context("a token is no header")?;
        request.metadata_mut().insert("authorization", bearer);
        let channel = Endpoint::from_shared(self.url())?.connect().await?;
        match OrganizationsClient::new(channel).create_organization(request).await {
            Err(status) if status.code() != Code::AlreadyExists => Err(status.into()),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Waits for a signal, then stops in order.
    pub async fn run_until_signal(self) -> callout_kit::server::Ended {
        let (running, workers) = self.suite.into_parts();
        let ended = callout_kit::server::run_until_signal(vec![running]).await;
        workers.stop().await;
        ended
    }

    /// Stops in order; nothing is left behind.
    ///
    /// # Errors
    /// When calls were still under way at the end of the drain.
    pub async fn shutdown(self) -> Result<()> {
        self.suite.shutdown().await
    }
}

/// Nobody has to know it: it is set and used here alone, new at each start.
fn random_password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
