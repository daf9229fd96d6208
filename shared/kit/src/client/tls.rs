//! Encrypted connections of the client side.

use std::{io, net::SocketAddr, sync::Arc};

use anyhow::Context;
use http::Uri;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::{
    certificates::{Certificates, HTTP2},
    settings,
};

/// Our certificate, and the name whose certificate the other side must show.
pub(super) struct Tls {
    certificates: Arc<Certificates<ClientConfig>>,
    name: ServerName<'static>,
}

impl Tls {
    /// # Errors
    /// When a file cannot be read or used, or `host` is no name.
    pub(super) fn new(files: &settings::Tls, host: &str) -> anyhow::Result<Self> {
        let certificates = Certificates::of_client(files).context("the client's certificate cannot be used")?;
        let name = ServerName::try_from(host.to_owned()).with_context(|| format!("{host} is no name of a server"))?;
        Ok(Self { certificates: Arc::new(certificates), name })
    }

    /// A channel to `address` whose connections are encrypted here: tonic would do it with the certificates of the start
    /// only. To `endpoint` they are as plain ones.
    pub(super) fn channel(&self, endpoint: &Endpoint, address: SocketAddr) -> Channel {
        let (certificates, name) = (Arc::clone(&self.certificates), self.name.clone());
        endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let connecting = connect(address, Arc::clone(&certificates), name.clone());
            async move { connecting.await.map(TokioIo::new) }
        }))
    }
}

async fn connect(
    address: SocketAddr,
    certificates: Arc<Certificates<ClientConfig>>,
    name: ServerName<'static>,
) -> io::Result<TlsStream<TcpStream>> {
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    let connection = TlsConnector::from(certificates.current()).connect(name, connection).await?;
    if connection.get_ref().1.alpn_protocol() == Some(HTTP2) {
        Ok(connection)
    } else {
        Err(io::Error::other("the server does not speak HTTP/2"))
    }
}
