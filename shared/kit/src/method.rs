//! What is known of a method before its handler is asked.

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

/// How the messages of a method flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The caller sends any number of messages.
    pub(crate) client_streams: bool,
    /// The server does.
    pub(crate) server_streams: bool,
}

impl Shape {
    /// By the descriptors; methods that are in none of them have one message each way.
    pub(crate) fn of(path: &str) -> Self {
        let (service, method) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
        match service {
            "grpc.health.v1.Health" => Self { client_streams: false, server_streams: method == "Watch" },
            "grpc.reflection.v1.ServerReflection" | "grpc.reflection.v1alpha.ServerReflection" => {
                Self { client_streams: true, server_streams: true }
            }
            _ => {
                let service = POOL.get_service_by_name(service);
                let method = service.and_then(|service| service.methods().find(|found| found.name() == method));
                Self {
                    client_streams: method.as_ref().is_some_and(prost_reflect::MethodDescriptor::is_client_streaming),
                    server_streams: method.as_ref().is_some_and(prost_reflect::MethodDescriptor::is_server_streaming),
                }
            }
        }
    }
}

/// Whether answers of the method are worth compressing: lists and streams.
pub(crate) fn is_bulk(path: &str, shape: Shape) -> bool {
    let method = path.rsplit('/').next().unwrap_or_default();
    shape.server_streams || method.starts_with("List")
}
