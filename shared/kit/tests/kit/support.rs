//! A service to call, a server to serve it, and clients of it.
//!
//! The service is the health protocol under other names: `/workshop.Work/Do` may be repeated, `/workshop.Work/Once`
//! may not, both need a permission; `/workshop.Work/Open` is public; `/workshop.Work/Watch` streams;
//! `/workshop.Work/ListJobs` is too, and has the name of a list; `/workshop.Work/Secret` has no policy.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
};

use callout_contract::types::v1::{MethodPolicy, method_policy::Idempotency};
use callout_kit::{
    Caller, Language, clock,
    identity::{DevelopmentIssuer, Verifier},
    permissions::{Permissions, RoleMaps},
    server::{self, Access, Plan, Running, Services},
    settings,
};
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use http::{Request as HttpRequest, Response as HttpResponse, Uri};
use tonic::{Request, Response, Status, body::Body, metadata::MetadataValue, server::NamedService};
use tonic_health::pb::{
    HealthCheckRequest, HealthCheckResponse,
    health_client::HealthClient,
    health_server::{Health, HealthServer},
};
use tower::Service;

pub const SERVICE: &str = "workshop";

/// What a call of the workshop is asked: any word.
pub type Asked = Request<HealthCheckRequest>;

type Handler = dyn Fn(Asked) -> BoxFuture<'static, Result<(), callout_kit::Error>> + Send + Sync;
type Streamer = dyn Fn(Asked) -> BoxStream<'static, Result<(), callout_kit::Error>> + Send + Sync;

/// The workshop's handlers.
#[derive(Clone)]
pub struct Workshop {
    handler: Arc<Handler>,
    streamer: Arc<Streamer>,
}

impl Workshop {
    pub fn new<F, W>(handler: F) -> Self
    where
        F: Fn(Asked) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), callout_kit::Error>> + Send + 'static,
    {
        Self {
            handler: Arc::new(move |asked| handler(asked).boxed()),
            streamer: Arc::new(|_| futures::stream::once(async { Ok(()) }).chain(futures::stream::pending()).boxed()),
        }
    }

    /// Answers everything.
    pub fn willing() -> Self {
        Self::new(|_| async { Ok(()) })
    }

    /// Never answers.
    pub fn stuck() -> Self {
        Self::new(|_| std::future::pending())
    }

    pub fn streaming<F>(mut self, streamer: F) -> Self
    where
        F: Fn(Asked) -> BoxStream<'static, Result<(), callout_kit::Error>> + Send + Sync + 'static,
    {
        self.streamer = Arc::new(streamer);
        self
    }
}

#[tonic::async_trait]
impl Health for Workshop {
    type WatchStream = Pin<Box<dyn futures::Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

    async fn check(&self, request: Asked) -> Result<Response<HealthCheckResponse>, Status> {
        (self.handler)(request).await?;
        Ok(Response::new(HealthCheckResponse::default()))
    }

    async fn watch(&self, request: Asked) -> Result<Response<Self::WatchStream>, Status> {
        let stream = (self.streamer)(request);
        Ok(Response::new(Box::pin(stream.map(|item| {
            item?;
            Ok(HealthCheckResponse::default())
        }))))
    }
}

/// The health protocol under the workshop's name.
#[derive(Clone)]
pub struct Renamed<S>(S);

impl NamedService for Renamed<HealthServer<Workshop>> {
    const NAME: &'static str = "workshop.Work";
}

impl Service<HttpRequest<Body>> for Renamed<HealthServer<Workshop>> {
    type Response = HttpResponse<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<HttpResponse<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: HttpRequest<Body>) -> Self::Future {
        let method = match request.uri().path().rsplit('/').next() {
            Some("Watch") => "Watch",
            _ => "Check",
        };
        *request.uri_mut() = Uri::try_from(format!("/grpc.health.v1.Health/{method}")).unwrap();
        self.0.call(request).boxed()
    }
}

/// A channel that calls a method of the workshop where the health client calls its own.
#[derive(Clone)]
pub struct Calling<C> {
    pub channel: C,
    pub method: &'static str,
}

impl<C: Service<HttpRequest<Body>>> Service<HttpRequest<Body>> for Calling<C> {
    type Response = C::Response;
    type Error = C::Error;
    type Future = C::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), C::Error>> {
        self.channel.poll_ready(context)
    }

    fn call(&mut self, mut request: HttpRequest<Body>) -> Self::Future {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(format!("/workshop.Work/{}", self.method).parse().unwrap());
        *request.uri_mut() = Uri::from_parts(parts).unwrap();
        self.channel.call(request)
    }
}

pub fn workshop_client<C>(channel: C, method: &'static str) -> HealthClient<Calling<C>>
where
    C: Service<HttpRequest<Body>, Response = HttpResponse<Body>>,
    C::Error: Into<tonic::codegen::StdError>,
{
    HealthClient::new(Calling { channel, method })
}

/// The policies of the workshop's methods.
pub fn policy_of(path: &str) -> Option<&'static MethodPolicy> {
    static POLICIES: LazyLock<[(&str, MethodPolicy); 5]> = LazyLock::new(|| {
        let policy = |permission: &str, idempotency: Idempotency| MethodPolicy {
            permission: permission.to_owned(),
            idempotency: idempotency.into(),
            ..MethodPolicy::default()
        };
        [
            ("/workshop.Work/Do", policy("workshop.work.do", Idempotency::RequestId)),
            ("/workshop.Work/Once", policy("workshop.work.do", Idempotency::Unspecified)),
            ("/workshop.Work/ListJobs", policy("public", Idempotency::Read)),
            ("/workshop.Work/Open", policy("public", Idempotency::Read)),
            ("/workshop.Work/Watch", policy("workshop.work.get", Idempotency::Read)),
        ]
    });
    POLICIES.iter().find(|(known, _)| *known == path).map(|(_, policy)| policy)
}

pub static ISSUER: LazyLock<DevelopmentIssuer> = LazyLock::new(|| DevelopmentIssuer::new().unwrap());

/// Settings that stop at once.
pub fn quick() -> settings::Server {
    settings::Server { drain_delay_ms: 0, drain_limit_ms: 5_000, ..settings::Server::default() }
}

pub fn plan(workshop: Workshop) -> Plan {
    let verifier = Verifier::new(&settings::Identity::default()).unwrap().and_development(&ISSUER).unwrap();
    let server = callout_kit::limited!(HealthServer::new(workshop));
    Plan {
        service: SERVICE,
        services: Services::default().and(Renamed(server)),
        access: Access::new(Arc::new(verifier), RoleMaps::profiles_only()).with_policies(policy_of),
        ready: Box::pin(async { Ok(()) }),
    }
}

pub async fn serve(workshop: Workshop) -> Running {
    serve_by(&quick(), workshop).await
}

pub async fn serve_by(settings: &settings::Server, workshop: Workshop) -> Running {
    callout_kit::telemetry::collect();
    server::start(settings, plan(workshop)).await.unwrap()
}

pub fn caller(role: &str) -> Caller {
    Caller {
        organization: "acme".to_owned(),
        subject: "users/wang".to_owned(),
        roles: vec![role.to_owned()],
        agency: None,
        service: None,
        language: Language::default(),
        permissions: Permissions::default(),
    }
}

pub fn token(role: &str) -> String {
    ISSUER.token(&caller(role), clock::system_now()).unwrap()
}

/// A question to the workshop from somebody with `role`.
pub fn ask(role: &str) -> Asked {
    let mut request = anonymous();
    let value: MetadataValue<_> = format!("Bearer {}", token(role)).parse().unwrap();
    request.metadata_mut().insert("authorization", value);
    request
}

pub fn anonymous() -> Asked {
    Request::new(HealthCheckRequest { service: "workshop".to_owned() })
}

/// A stock channel, as other people's clients have it.
pub async fn stock_channel(running: &Running) -> tonic::transport::Channel {
    tonic::transport::Endpoint::from_shared(running.url()).unwrap().connect().await.unwrap()
}
