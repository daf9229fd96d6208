//! A server that runs, and how it stops: probes are told first, then the port closes, then the calls under way end.

use std::{future::Future, net::SocketAddr, pin::Pin, time::Duration};

use anyhow::{Context, anyhow};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tonic_health::ServingStatus;

use super::Health;
use crate::settings;

/// A server that was started. Dropping it stops serving at once.
pub struct Running {
    service: &'static str,
    address: SocketAddr,
    probe: Option<SocketAddr>,
    scheme: &'static str,
    health: Health,
    draining: watch::Sender<bool>,
    tasks: JoinSet<anyhow::Result<()>>,
    drain_delay: Duration,
    drain_limit: Duration,
}

impl Running {
    pub(super) fn new(
        service: &'static str,
        address: SocketAddr,
        health: Health,
        draining: watch::Sender<bool>,
        settings: &settings::Server,
    ) -> Self {
        Self {
            service,
            address,
            probe: None,
            scheme: if settings.tls.is_some() { "https" } else { "http" },
            health,
            draining,
            tasks: JoinSet::new(),
            drain_delay: Duration::from_millis(settings.drain_delay_ms),
            drain_limit: Duration::from_millis(settings.drain_limit_ms),
        }
    }

    pub(super) fn spawn(&mut self, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        self.tasks.spawn(task);
    }

    pub(super) fn probed_at(&mut self, address: SocketAddr) {
        self.probe = Some(address);
    }

    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    pub(super) fn draining(&self) -> watch::Receiver<bool> {
        self.draining.subscribe()
    }

    /// Tells probes that calls are answered once `ready` completes, unless the server stops before.
    pub(super) fn serve_when(&mut self, ready: Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>) {
        let (health, service, mut draining) = (self.health.clone(), self.service, self.draining.subscribe());
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                _ = draining.wait_for(|draining| *draining) => return Ok(()),
                outcome = ready => outcome.with_context(|| format!("{service} does not become ready"))?,
            }
            health.set(ServingStatus::Serving).await;
            tracing::info!(service, "{service} is ready");
            told(draining).await;
            Ok(())
        });
    }

    /// The address that is listened on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of the plaintext port for probes, if there is one.
    #[must_use]
    pub fn probe_address(&self) -> Option<SocketAddr> {
        self.probe
    }

    /// The address as clients take it, such as `http://127.0.0.1:50051`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Completes when a part of the server ends on its own, with the reason.
    pub async fn failed(&mut self) -> anyhow::Error {
        match self.tasks.join_next().await {
            Some(Ok(Ok(()))) | None => anyhow!("{} stopped serving without being told to", self.service),
            Some(Ok(Err(fault))) => fault,
            Some(Err(fault)) => anyhow::Error::new(fault).context("a task of the server died"),
        }
    }

    /// Stops in order: probes are told `NOT_SERVING`, balancers get time to notice, the port closes and peers are told to
    /// go, and the calls under way end.
    ///
    /// # Errors
    /// When calls were still under way at the end of the time for it, or a part of the server failed.
    pub async fn shutdown(mut self) -> anyhow::Result<()> {
        let service = self.service;
        tracing::info!(service, "{service} stops");
        self.health.set(ServingStatus::NotServing).await;
        tokio::time::sleep(self.drain_delay).await;
        self.draining.send_replace(true);
        let rest = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended.context("a task of the server died")??;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(self.drain_limit, rest).await {
            Ok(outcome) => outcome,
            Err(_) => Err(anyhow!("{service} still had calls under way after {:?}", self.drain_limit)),
        }
    }
}

/// Completes when the server is told to close its port.
pub(super) async fn told(mut draining: watch::Receiver<bool>) {
    // A sender that is gone says the same.
    let _ = draining.wait_for(|draining| *draining).await;
}

/// How the servers of a process ended.
#[derive(Debug)]
pub enum Ended {
    /// Told by a signal, in order.
    InOrder,
    /// A second signal did not want to wait.
    AtOnce,
    /// A part of a server failed, or calls were cut off.
    Failed(anyhow::Error),
}

/// Runs the servers until SIGTERM or SIGINT, then stops all of them in order; a second signal ends it at once.
pub async fn run_until_signal(mut servers: Vec<Running>) -> Ended {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return Ended::Failed(anyhow!("signals cannot be listened to"));
    };
    let failed = futures::future::select_all(servers.iter_mut().map(|server| Box::pin(server.failed())));
    let failure = tokio::select! {
        (fault, _, _) = failed => Some(fault),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    let stopped = futures::future::join_all(servers.into_iter().map(Running::shutdown));
    let outcomes = tokio::select! {
        outcomes = stopped => outcomes,
        _ = terminate.recv() => return Ended::AtOnce,
        _ = interrupt.recv() => return Ended::AtOnce,
    };
    match failure.or_else(|| outcomes.into_iter().find_map(Result::err)) {
        Some(fault) => Ended::Failed(fault),
        None => Ended::InOrder,
    }
}
