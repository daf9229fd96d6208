//! Encrypted connections of the server side.

use std::{io, sync::Arc};

use futures::{Stream, StreamExt, stream};
use rustls::ServerConfig;
use tokio::{net::TcpStream, task::JoinSet, time::timeout};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tonic::transport::server::TcpIncoming;

use super::HANDSHAKE_LIMIT;
use crate::certificates::Certificates;

/// The connections of `incoming` whose handshake was done, in the order in which they were. tonic can do this itself, but
/// with the certificates of the start only.
pub(super) fn encrypted(
    incoming: TcpIncoming,
    certificates: Certificates<ServerConfig>,
) -> impl Stream<Item = io::Result<TlsStream<TcpStream>>> {
    let certificates = Arc::new(certificates);
    stream::unfold((incoming, JoinSet::new()), move |(mut incoming, mut handshakes)| {
        let certificates = Arc::clone(&certificates);
        async move {
            loop {
                tokio::select! {
                    connection = incoming.next() => match connection? {
                        Ok(connection) => {
                            handshakes.spawn(handshake(Arc::clone(&certificates), connection));
                        }
                        Err(fault) => return Some((Err(fault), (incoming, handshakes))),
                    },
                    Some(done) = handshakes.join_next() => match done.map_err(io::Error::from).flatten() {
                        Ok(connection) => return Some((Ok(connection), (incoming, handshakes))),
                        // Whoever does not get in is no fault of ours, and there are many of them on an open port.
                        Err(refused) => tracing::debug!(error = %refused, "a handshake failed: {refused}"),
                    },
                }
            }
        }
    })
}

async fn handshake(
    certificates: Arc<Certificates<ServerConfig>>,
    connection: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    timeout(HANDSHAKE_LIMIT, TlsAcceptor::from(certificates.current()).accept(connection)).await?
}
