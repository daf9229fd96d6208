//! One address behind a name.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tonic::{Code, transport};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

/// Failures in a row after which an address gets no more calls.
const FAILURES_TO_EJECT: u32 = 3;

/// Time for a probe. Longer than that, and the address is not fit for calls anyway.
const PROBE_LIMIT: Duration = Duration::from_secs(1);

/// One replica of a service.
pub(super) struct Peer {
    address: SocketAddr,
    channel: transport::Channel,
    in_flight: AtomicUsize,
    failures: AtomicU32,
    ejected_at: Mutex<Option<Instant>>,
}

impl Peer {
    pub(super) fn new(address: SocketAddr, channel: transport::Channel) -> Self {
        Self {
            address,
            channel,
            in_flight: AtomicUsize::new(0),
            failures: AtomicU32::new(0),
            ejected_at: Mutex::new(None),
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn channel(&self) -> transport::Channel {
        self.channel.clone()
    }

    /// Calls that are under way there.
    pub(super) fn load(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Since when it gets no calls; none when it gets them.
    pub(super) fn ejected_at(&self) -> Option<Instant> {
        *self.ejected_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from an answer: who is not there, or says so, three times in a row gets no more calls.
    pub(super) fn answered(&self, code: Code) {
        if code != Code::Unavailable {
            self.admit();
            return;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures >= FAILURES_TO_EJECT {
            let mut ejected_at = self.ejected_at.lock().unwrap_or_else(PoisonError::into_inner);
            if ejected_at.is_none() {
                tracing::warn!(address = %self.address, failures, "{} gets no more calls", self.address);
            }
            *ejected_at = Some(Instant::now());
        }
    }

    fn admit(&self) {
        self.failures.store(0, Ordering::Relaxed);
        let ejected = self.ejected_at.lock().unwrap_or_else(PoisonError::into_inner).take();
        if ejected.is_some() {
            tracing::info!(address = %self.address, "{} gets calls again", self.address);
        }
    }

    /// Asks an ejected address whether it serves, and gives it calls again if so.
    pub(super) async fn probe(&self) {
        let mut health = HealthClient::new(self.channel.clone());
        let asked = health.check(HealthCheckRequest::default());
        let serves = match tokio::time::timeout(PROBE_LIMIT, asked).await {
            Ok(Ok(answer)) => answer.into_inner().status() == ServingStatus::Serving,
            // Whoever says that it has no such service is there.
            Ok(Err(status)) => status.code() == Code::Unimplemented,
            Err(_) => false,
        };
        if serves {
            self.admit();
        }
    }
}

/// A call under way at a peer, until it is dropped.
pub(super) struct InFlight(Arc<Peer>);

impl InFlight {
    pub(super) fn at(peer: &Arc<Peer>) -> Self {
        peer.in_flight.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(peer))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
