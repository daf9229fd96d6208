//! The organisations that are worked for, and the calls that are made in them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use callout_contract::intake::v1::{
    Case, CreateCaseRequest, cases_client::CasesClient, organizations_client::OrganizationsClient,
    products_client::ProductsClient,
};
use callout_fleet::{Fleet, founding};
use callout_journal::Service;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

/// How many callers there may be at once.
pub const MOST_CLIENTS: usize = 64;

/// How long a call may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// How long a service may take until it answers, and until it has heard of an organisation.
const PATIENCE: Duration = Duration::from_secs(30);

/// The roles of whoever calls: enough for everything that is measured.
const ROLES: [&str; 5] = ["administrator", "quality_office", "service_administrator", "warehouse", "engineer"];

/// The ways to the services, a connection for each caller.
pub struct World {
    channels: Vec<(Service, Vec<Channel>)>,
}

impl World {
    /// Of a fleet with one process of each service.
    ///
    /// # Errors
    /// When a service has no process.
    pub fn of(fleet: &Fleet) -> Result<Self> {
        let mut channels = Vec::new();
        for service in Service::ALL {
            let address = fleet.addresses(service).next().context("a service has no process")?;
            let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
            channels.push((service, (0..MOST_CLIENTS).map(|_| endpoint.connect_lazy()).collect()));
        }
        Ok(Self { channels })
    }

    /// The connections to a service, one for each caller.
    pub fn channels(&self, service: Service) -> Vec<Channel> {
        let found = self.channels.iter().find(|(known, _)| *known == service);
        found.map(|(_, channels)| channels.clone()).unwrap_or_default()
    }

    /// Waits until a service says that it serves.
    ///
    /// # Errors
    /// When it does not in time.
    pub async fn ready(&self, service: Service) -> Result<()> {
        let channel = self.channels(service).swap_remove(0);
        let begun = Instant::now();
        loop {
            let asked = HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await;
            if asked.is_ok_and(|answer| answer.get_ref().status() == ServingStatus::Serving) {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "{} does not serve", service.schema());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Makes an organisation with a pack, and a machine of its make in warranty.
    ///
    /// # Errors
    /// When a call is refused.
    pub async fn open(&self, fleet: &Fleet, id: &str) -> Result<Organization> {
        let token = fleet.token_in(id, "lin", &ROLES)?;
        let bearer = format!("Bearer {token}").parse()?;
        let mut organization = Organization {
            name: format!("organizations/{id}"),
            bearer,
            channels: self.channels(Service::Intake),
            product: String::new(),
        };
        organization.found(id).await.with_context(|| format!("the organisation {id} cannot be made"))?;
        Ok(organization)
    }
}

/// An organisation at work.
pub struct Organization {
    /// `organizations/{org}`.
    pub name: String,
    bearer: MetadataValue<Ascii>,
    channels: Vec<Channel>,
    product: String,
}

impl Organization {
    async fn found(&mut self, id: &str) -> Result<()> {
        let channel = self.channels[0].clone();
        let request = self.request(founding::organization(id));
        OrganizationsClient::new(channel.clone()).create_organization(request).await?;
        let request = self.request(founding::machine(&self.name));
        let product = ProductsClient::new(channel).create_product(request).await?;
        self.product = product.into_inner().name;
        Ok(())
    }

    /// A message in the name of somebody of the organisation.
    pub fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.bearer.clone());
        request.set_timeout(DEADLINE);
        request
    }

    /// The way of a caller to the cases.
    pub fn cases(&self, client: usize) -> CasesClient<Channel> {
        CasesClient::new(self.channels[client % self.channels.len()].clone())
    }

    /// A repair of the machine, at the desk.
    pub fn call(&self) -> CreateCaseRequest {
        founding::repair(&self.name, &self.product)
    }

    /// Opens a case over the first connection.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn open_case(&self) -> Result<Case, Status> {
        Ok(self.cases(0).create_case(self.request(self.call())).await?.into_inner())
    }
}
