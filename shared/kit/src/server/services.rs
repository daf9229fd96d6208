//! The gRPC services of one port.

use std::{convert::Infallible, sync::Arc};

use anyhow::Context;
use http::{Request, Response};
use tonic::{body::Body, server::NamedService, service::Routes};

/// Largest message, either way, in bytes: what clients of other languages take unless told otherwise.
pub const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// Sets the sizes and compressions of a generated server, which tonic allows on that type alone.
///
/// Whether an answer is compressed is decided by the method: see [`Services`].
#[macro_export]
macro_rules! limited {
    ($server:expr) => {
        $server
            .max_decoding_message_size($crate::server::LARGEST_MESSAGE)
            .max_encoding_message_size($crate::server::LARGEST_MESSAGE)
            .accept_compressed(::tonic::codec::CompressionEncoding::Gzip)
            .send_compressed(::tonic::codec::CompressionEncoding::Gzip)
    };
}

/// The gRPC services that a server serves; each one wrapped in [`limited!`](crate::limited).
///
/// Answers to methods that list or stream are compressed for callers that ask for it; the others are small.
#[derive(Default)]
pub struct Services {
    routes: Routes,
    names: Vec<&'static str>,
}

impl Services {
    /// Adds a generated server.
    #[must_use]
    pub fn and<S>(mut self, service: S) -> Self
    where
        S: tower::Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.names.push(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }

    pub(super) fn into_parts(self) -> (Routes, Arc<[&'static str]>) {
        (self.routes, self.names.into())
    }
}

/// Adds both versions of the reflection service; older tools know `v1alpha` only. Who may use it is decided per call.
pub(super) fn with_reflection(routes: Routes) -> anyhow::Result<Routes> {
    let described = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(callout_contract::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            // The details of refusals, which no method names: without them generic clients show bytes.
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
    };
    let v1 = described().build_v1().context("the descriptors cannot be served")?;
    let v1alpha = described().build_v1alpha().context("the descriptors cannot be served")?;
    Ok(routes.add_service(v1).add_service(v1alpha))
}
