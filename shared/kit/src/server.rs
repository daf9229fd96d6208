//! The one place that assembles a gRPC server: limits, the path of a call, health, reflection, and the orderly stop.

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context;
use futures::FutureExt;
use tokio::{net::TcpListener, sync::watch};
use tonic::transport::{Server, server::TcpIncoming};
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{certificates::Certificates, settings};

mod access;
mod guard;
mod running;
mod services;
mod tls;

pub use access::Access;
pub use running::{Ended, Running, run_until_signal};
pub use services::{LARGEST_MESSAGE, Services};

/// Streams that one connection may have open. Without it tonic removes hyper's own limit.
const STREAMS_A_CONNECTION: u32 = 200;
/// Streams that may be reset by errors of the peer before the connection is closed. Without it tonic switches the
/// guard against rapid resets off.
const ERROR_RESETS: usize = 1_024;
/// Streams that may be reset before they are accepted: as many as may be open. With fewer, a peer whose calls ran out of time
/// while the process stood still passes for an attacker, and loses the calls that did not.
const PENDING_RESETS: usize = STREAMS_A_CONNECTION as usize;
/// Bytes of headers of one call.
const HEADER_BYTES: u32 = 16 * 1024;
/// Time between two pings, and for the answer to one.
const PING_EVERY: Duration = Duration::from_mins(1);
const PING_LIMIT: Duration = Duration::from_secs(20);
/// Time for a TLS handshake. Longer, and slow peers hold sockets.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// The part of the age that is set at which a connection is told to go, in percent; drawn once a process between these, so
/// that the clients of all replicas do not come back at once. There is no grace after it: with one set, tonic sends no
/// GOAWAY at all and cuts the calls under way.
const CONNECTION_AGE_PERCENT: std::ops::RangeInclusive<u64> = 80..=120;

/// Everything that a server is made of, apart from its settings.
pub struct Plan {
    /// What the server is called in logs, such as `intake`; also the service of spans whose method does not say which
    /// package it is of.
    pub service: &'static str,
    /// The gRPC services that it serves.
    pub services: Services,
    /// Who may call what.
    pub access: Access,
    /// Completes when calls can be answered: migrations seen, database reached. Health says `NOT_SERVING` until then,
    /// and the server ends when it fails.
    pub ready: Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>,
}

/// Binds the port and starts serving. More than one server may run in a process.
///
/// # Errors
/// When a port cannot be bound or a certificate cannot be used.
pub async fn start(settings: &settings::Server, plan: Plan) -> anyhow::Result<Running> {
    start_on(Port::bind(settings.listen).await?, settings, plan).await
}

/// A port that is bound and not served yet: its address is known to those who are to be called there.
pub struct Port(TcpIncoming);

impl Port {
    /// Binds `address`; port 0 takes any free one.
    ///
    /// # Errors
    /// When it cannot be bound.
    pub async fn bind(address: SocketAddr) -> anyhow::Result<Self> {
        bind(address).await.map(Self)
    }

    /// Where it is bound.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.0.local_addr()?)
    }
}

/// Starts serving on a port that was bound before.
///
/// # Errors
/// When the probe's port cannot be bound or a certificate cannot be used.
pub async fn start_on(port: Port, settings: &settings::Server, plan: Plan) -> anyhow::Result<Running> {
    let Plan { service, services, access, ready } = plan;
    let (routes, names) = services.into_parts();
    let health = Health { reporter: HealthReporter::new(), names };
    health.set(ServingStatus::NotServing).await;

    let (draining, drained) = watch::channel(false);
    let guard = guard::GuardLayer::new(service, settings, access, drained);
    let certificates = settings.tls.as_ref().map(Certificates::of_server).transpose();
    let certificates = certificates.context("the server's certificate cannot be used")?;
    let routes = services::with_reflection(routes.add_service(health.service()))?;
    let address = port.address()?;
    let Port(incoming) = port;
    let stop = running::told(draining.subscribe());
    let router = limited(settings).layer(guard).add_routes(routes.prepare());
    let serving = match certificates {
        Some(certificates) => router.serve_with_incoming_shutdown(tls::encrypted(incoming, certificates), stop).boxed(),
        None => router.serve_with_incoming_shutdown(incoming, stop).boxed(),
    };

    let mut running = Running::new(service, address, health, draining, settings);
    running.spawn(async move { serving.await.context("the server failed") });
    if let Some(probe) = settings.probe {
        let incoming = bind(probe).await?;
        let address = incoming.local_addr()?;
        let serving = limited(settings)
            .add_service(running.health().service())
            .serve_with_incoming_shutdown(incoming, running::told(running.draining()));
        running.spawn(async move { serving.await.context("the probe server failed") });
        running.probed_at(address);
    }
    running.serve_when(ready);
    tracing::info!(service, %address, "{service} listens on {address}");
    Ok(running)
}

/// A server with every limit set.
fn limited(settings: &settings::Server) -> Server {
    Server::builder()
        .max_concurrent_streams(STREAMS_A_CONNECTION)
        .http2_max_local_error_reset_streams(Some(ERROR_RESETS))
        .http2_max_pending_accept_reset_streams(Some(PENDING_RESETS))
        .http2_max_header_list_size(HEADER_BYTES)
        .http2_keepalive_interval(Some(PING_EVERY))
        .http2_keepalive_timeout(Some(PING_LIMIT))
        .max_connection_age(connection_age(settings))
}

fn connection_age(settings: &settings::Server) -> Duration {
    static PERCENT: std::sync::LazyLock<u64> = std::sync::LazyLock::new(|| rand::random_range(CONNECTION_AGE_PERCENT));
    Duration::from_millis(settings.connection_age_ms * *PERCENT / 100)
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpIncoming> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))?;
    Ok(TcpIncoming::from(listener).with_nodelay(Some(true)))
}

/// What probes are told, under the empty name and the name of each service.
#[derive(Clone)]
struct Health {
    reporter: HealthReporter,
    names: Arc<[&'static str]>,
}

impl Health {
    async fn set(&self, status: ServingStatus) {
        // tonic-health begins with the empty name serving, so it must be set like the others.
        for name in self.names.iter().copied().chain([""]) {
            self.reporter.set_service_status(name, status).await;
        }
    }

    fn service(&self) -> tonic_health::pb::health_server::HealthServer<tonic_health::server::HealthService> {
        let service = tonic_health::server::HealthService::from_health_reporter(self.reporter.clone());
        tonic_health::pb::health_server::HealthServer::new(service)
    }
}
