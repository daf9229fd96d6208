//! All addresses behind a name: found, kept up to date, and chosen from.

use std::{
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use anyhow::{Context, ensure};
use futures::future::BoxFuture;
use http::Uri;
use tokio::{net::lookup_host, sync::OnceCell};
use tonic::{Status, transport::Endpoint};

use super::{peer::Peer, tls::Tls};
use crate::{Error, settings};

/// Pings of a connection with calls; Go servers answer faster ones with GOAWAY.
const PING_EVERY: Duration = Duration::from_mins(1);
const PING_LIMIT: Duration = Duration::from_secs(20);

/// Bytes of headers and trailers of one answer.
const HEADER_BYTES: u32 = 16 * 1024;

/// When a call for which no address is known should be tried again.
const AFTER_NO_ADDRESS: Duration = Duration::from_millis(200);

/// Says which addresses are behind a host and port.
pub type Lookup = Arc<dyn Fn(String, u16) -> BoxFuture<'static, anyhow::Result<Vec<SocketAddr>>> + Send + Sync>;

/// Looks a name up as the system does.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|host, port| Box::pin(async move { Ok(lookup_host((host.as_str(), port)).await?.collect()) }))
}

/// The addresses behind one name.
pub(super) struct Pool {
    origin: Uri,
    hosts: Vec<(String, u16)>,
    lookup: Lookup,
    user_agent: String,
    connect_timeout: Duration,
    ejection: Duration,
    tls: Option<Tls>,
    peers: RwLock<Vec<Arc<Peer>>>,
    resolved: OnceCell<()>,
}

impl Pool {
    /// A pool that looks its name up at the first call and keeps itself up to date for as long as it is used.
    pub(super) fn start(
        service: &str,
        url: &str,
        settings: &settings::Client,
        lookup: Lookup,
    ) -> anyhow::Result<Arc<Self>> {
        let origins: Vec<Uri> = url
            .split(',')
            .map(|url| url.trim().parse().with_context(|| format!("{url} is no address")))
            .collect::<anyhow::Result<_>>()?;
        let hosts = origins.iter().map(host_and_port).collect::<anyhow::Result<Vec<_>>>()?;
        let origin = origins.into_iter().next().context("no address is given")?;
        let (host, _) = hosts.first().context("no address is given")?;
        let tls = if origin.scheme_str() == Some("https") {
            let tls = settings.tls.as_ref().context("an https address needs `client.tls`")?;
            Some(Tls::new(tls, host)?)
        } else {
            None
        };
        let pool = Arc::new(Self {
            origin,
            hosts,
            lookup,
            user_agent: format!("callout-{service}"),
            connect_timeout: Duration::from_millis(settings.connect_timeout_ms),
            ejection: Duration::from_millis(settings.ejection_ms),
            tls,
            peers: RwLock::default(),
            resolved: OnceCell::new(),
        });
        let every = Duration::from_millis(settings.resolve_interval_ms);
        tokio::spawn(keep_up(Arc::downgrade(&pool), every));
        tokio::spawn(probe_ejected(Arc::downgrade(&pool), pool.ejection));
        Ok(pool)
    }

    /// The name that is called.
    pub(super) fn host(&self) -> &str {
        self.hosts.first().map_or("", |(host, _)| host.as_str())
    }

    /// The less busy of two addresses drawn from those that are fit and not in `tried`; one that is not fit when there
    /// is no other, since a guess is better than a refusal.
    ///
    /// # Errors
    /// UNAVAILABLE when the name has no address.
    pub(super) async fn pick(&self, tried: &[SocketAddr]) -> Result<Arc<Peer>, Status> {
        let resolved = self.resolved.get_or_try_init(|| self.resolve()).await;
        if let Err(fault) = resolved {
            let host = self.host();
            tracing::warn!(host, error = format!("{fault:#}"), "{host} has no address: {fault:#}");
            return Err(Error::Busy { retry_after: AFTER_NO_ADDRESS }.into());
        }
        let peers = self.peers.read().unwrap_or_else(PoisonError::into_inner);
        let fit = |peer: &&Arc<Peer>| peer.ejected_at().is_none();
        let fresh = |peer: &&Arc<Peer>| !tried.contains(&peer.address());
        let mut choice: Vec<&Arc<Peer>> = peers.iter().filter(fit).filter(fresh).collect();
        if choice.is_empty() {
            choice = peers.iter().filter(fit).collect();
        }
        if choice.is_empty() {
            choice = peers.iter().filter(fresh).collect();
        }
        if choice.is_empty() {
            choice = peers.iter().collect();
        }
        less_busy(&choice).ok_or_else(|| Error::Busy { retry_after: AFTER_NO_ADDRESS }.into())
    }

    /// Looks the name up; addresses that stay keep their connection and what is known of them.
    async fn resolve(&self) -> anyhow::Result<()> {
        let mut addresses: Vec<SocketAddr> = Vec::new();
        for (host, port) in &self.hosts {
            addresses.extend((self.lookup)(host.clone(), *port).await.context("the name cannot be looked up")?);
        }
        addresses.sort_unstable();
        addresses.dedup();
        // An empty answer is a fault of the name server more often than the end of a service.
        ensure!(!addresses.is_empty(), "the name has no address");
        let known = self.peers.read().unwrap_or_else(PoisonError::into_inner).clone();
        let mut peers = Vec::with_capacity(addresses.len());
        for address in addresses {
            match known.iter().find(|peer| peer.address() == address) {
                Some(peer) => peers.push(Arc::clone(peer)),
                None => peers.push(Arc::new(self.peer(address)?)),
            }
        }
        *self.peers.write().unwrap_or_else(PoisonError::into_inner) = peers;
        Ok(())
    }

    fn peer(&self, address: SocketAddr) -> anyhow::Result<Peer> {
        let endpoint = Endpoint::from_shared(format!("http://{address}"))?
            .origin(self.origin.clone())
            .user_agent(self.user_agent.clone())?
            .connect_timeout(self.connect_timeout)
            .http2_keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PING_LIMIT)
            .keep_alive_while_idle(false)
            .http2_max_header_list_size(HEADER_BYTES);
        let channel = match &self.tls {
            Some(tls) => tls.channel(&endpoint, address),
            None => endpoint.connect_lazy(),
        };
        Ok(Peer::new(address, channel))
    }
}

fn less_busy(peers: &[&Arc<Peer>]) -> Option<Arc<Peer>> {
    match peers {
        [] => None,
        [only] => Some(Arc::clone(only)),
        several => {
            let first = rand::random_range(0..several.len());
            let second = (first + rand::random_range(1..several.len())) % several.len();
            let (first, second) = (several.get(first)?, several.get(second)?);
            Some(Arc::clone(if first.load() <= second.load() { first } else { second }))
        }
    }
}

fn host_and_port(origin: &Uri) -> anyhow::Result<(String, u16)> {
    let default_port = match origin.scheme_str() {
        Some("http") => 80,
        Some("https") => 443,
        Some(_) | None => anyhow::bail!("{origin} must begin with http:// or https://"),
    };
    let host = origin.host().with_context(|| format!("{origin} names no host"))?;
    // The brackets of an IPv6 address belong to the URL.
    Ok((host.trim_matches(['[', ']']).to_owned(), origin.port_u16().unwrap_or(default_port)))
}

async fn keep_up(pool: Weak<Pool>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(pool) = pool.upgrade() else { return };
        if !pool.resolved.initialized() {
            continue;
        }
        if let Err(fault) = pool.resolve().await {
            // The addresses known so far stay.
            let host = pool.host();
            tracing::warn!(host, error = format!("{fault:#}"), "{host} stays as it was: {fault:#}");
        }
    }
}

async fn probe_ejected(pool: Weak<Pool>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let Some(pool) = pool.upgrade() else { return };
        let peers = pool.peers.read().unwrap_or_else(PoisonError::into_inner).clone();
        for peer in peers {
            if peer.ejected_at().is_some_and(|ejected_at| ejected_at.elapsed() >= pool.ejection) {
                peer.probe().await;
            }
        }
    }
}
