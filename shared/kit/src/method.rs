//! What is known of a method before its handler is asked.

use std::{collections::HashMap, sync::LazyLock};

use callout_contract::{
    POOL,
    types::v1::{MethodPolicy, method_policy::Idempotency},
};

/// Finds the policy of a method by its path; [`callout_contract::policy::of`] but for tests.
pub type PolicyOf = fn(&str) -> Option<&'static MethodPolicy>;

/// The kinds of methods on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    /// `grpc.health.v1`: open to everybody.
    Health,
    /// `grpc.reflection`: for those who may see the descriptors.
    Reflection,
    /// A method of the suite, with the policy that its proto declares.
    Declared(&'static MethodPolicy),
    /// Nothing that is served here, or that says who may call it.
    Unknown,
}

impl Method {
    pub(crate) fn of(path: &str, policy_of: PolicyOf) -> Self {
        if path.starts_with("/grpc.health.v1.") {
            Self::Health
        } else if path.starts_with("/grpc.reflection.") {
            Self::Reflection
        } else {
            policy_of(path).map_or(Self::Unknown, Self::Declared)
        }
    }

    /// Whether a copy of the call may be sent although nobody knows what became of the first one.
    pub(crate) fn may_be_repeated(self) -> bool {
        match self {
            Self::Health => true,
            Self::Reflection | Self::Unknown => false,
            Self::Declared(policy) => match policy.idempotency() {
                Idempotency::Read | Idempotency::RequestId => true,
                Idempotency::Unspecified => false,
            },
        }
    }
}

/// The service of the suite whose package a method is of: several services may share a port.
pub(crate) fn service_of(path: &str) -> Option<&'static str> {
    let package = path.strip_prefix("/callout.")?.split('.').next()?;
    ["intake", "dispatch", "inventory", "evaluation"].into_iter().find(|service| *service == package)
}

/// How the messages of a method flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The caller sends any number of messages.
    pub(crate) client_streams: bool,
    /// The server does.
    pub(crate) server_streams: bool,
}

/// One message each way.
const UNARY: Shape = Shape { client_streams: false, server_streams: false };

/// The methods of the suite that are not unary, by path.
static STREAMING: LazyLock<HashMap<String, Shape>> = LazyLock::new(|| {
    POOL.services()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .map(|method| {
            let shape =
                Shape { client_streams: method.is_client_streaming(), server_streams: method.is_server_streaming() };
            (format!("/{}/{}", method.parent_service().full_name(), method.name()), shape)
        })
        .filter(|(_, shape)| *shape != UNARY)
        .collect()
});

impl Shape {
    /// By the descriptors; a method that is in none of them counts as unary.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            "/grpc.health.v1.Health/Watch" => Self { client_streams: false, server_streams: true },
            "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
            | "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo" => {
                Self { client_streams: true, server_streams: true }
            }
            _ => STREAMING.get(path).copied().unwrap_or(UNARY),
        }
    }
}

/// Whether answers of the method are worth compressing: lists and streams.
pub(crate) fn is_bulk(path: &str, shape: Shape) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    shape.server_streams || method.starts_with("List")
}
