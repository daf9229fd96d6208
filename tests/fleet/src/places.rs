//! Where the processes listen.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU8, Ordering},
};

use anyhow::{Context as _, Result};
use callout_journal::Service;

use crate::Network;

/// A place for each replica of each service, those of a service one after the other.
pub(crate) fn of(network: Network, replicas: usize) -> Result<Vec<SocketAddr>> {
    let processes = Service::ALL.len() * replicas;
    match network {
        Network::Ports => free_ports(processes),
        Network::Links => own_ports(processes),
        Network::Names => {
            let ports = Service::ALL.iter().map(|_| free_port_of_all(replicas));
            Ok(ports.collect::<Result<Vec<_>>>()?.concat())
        }
    }
}

/// Addresses at which nobody listens.
///
/// # Errors
/// When the machine has no free port left.
pub fn free_ports(count: usize) -> Result<Vec<SocketAddr>> {
    free_ports_at(Ipv4Addr::LOCALHOST, count)
}

fn free_ports_at(host: Ipv4Addr, count: usize) -> Result<Vec<SocketAddr>> {
    let listeners: Vec<TcpListener> = (0..count).map(|_| TcpListener::bind((host, 0))).collect::<Result<_, _>>()?;
    Ok(listeners.iter().map(TcpListener::local_addr).collect::<Result<_, _>>()?)
}

/// Places at an address of loopback that no other fleet of this process has, nor any connection that is opened to somewhere else:
/// while a process is away, nobody takes its place.
fn own_ports(count: usize) -> Result<Vec<SocketAddr>> {
    static FLEETS: AtomicU8 = AtomicU8::new(1);
    let host = Ipv4Addr::new(127, 0, 1, FLEETS.fetch_add(1, Ordering::Relaxed));
    free_ports_at(host, count)
}

/// A port at which nobody listens on any of the first `count` addresses after `127.0.0.1`.
fn free_port_of_all(count: usize) -> Result<Vec<SocketAddr>> {
    let hosts: Vec<Ipv4Addr> = (Ipv4Addr::LOCALHOST.to_bits() + 1..).map(Ipv4Addr::from_bits).take(count).collect();
    loop {
        let first = TcpListener::bind((hosts.first().copied().context("a service has a replica")?, 0))?;
        let port = first.local_addr()?.port();
        // Somebody else may have the port at another of the addresses.
        let others: Result<Vec<TcpListener>, _> =
            hosts.iter().skip(1).map(|host| TcpListener::bind((*host, port))).collect();
        if others.is_ok() {
            return Ok(hosts.into_iter().map(|host| SocketAddr::from((host, port))).collect());
        }
    }
}
