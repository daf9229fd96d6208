//! The path of a call from the port to its handler and back, in one function.

use std::{
    convert::Infallible,
    panic::AssertUnwindSafe,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use anyhow::anyhow;
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderMap, Request, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tonic::{Code, Status, body::Body};
use tower::{Layer, Service, ServiceExt};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{
    access::{Access, language},
    running,
};
use crate::{
    Call, Error, attributes,
    body::{CallBody, EndsEarly},
    deadline::Deadline,
    method::{Method, Shape, is_bulk, service_of},
    settings,
    telemetry::rpc::Record,
};

/// When a shed caller should try again. Sooner, and the crowd is back before anybody has left.
const AFTER_THE_CROWD: Duration = Duration::from_millis(200);

/// tonic ends a call on its own at the caller's deadline, with CANCELLED. Ours must be first, and timers are exact to
/// the millisecond.
const AHEAD_OF_TONIC: Duration = Duration::from_millis(2);

/// Puts every call of a server on this path.
#[derive(Clone)]
pub(super) struct GuardLayer(Arc<Guard>);

struct Guard {
    service: &'static str,
    access: Access,
    open_reflection: bool,
    calls: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    default_deadline: Duration,
    stream_lifetime: Duration,
    drained: watch::Receiver<bool>,
}

impl GuardLayer {
    pub(super) fn new(
        service: &'static str,
        settings: &settings::Server,
        access: Access,
        drained: watch::Receiver<bool>,
    ) -> Self {
        Self(Arc::new(Guard {
            service,
            access,
            open_reflection: settings.reflection,
            calls: Arc::new(Semaphore::new(settings.concurrent_calls)),
            streams: Arc::new(Semaphore::new(settings.concurrent_streams)),
            default_deadline: Duration::from_millis(settings.default_deadline_ms),
            stream_lifetime: Duration::from_millis(settings.stream_lifetime_ms),
            drained,
        }))
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: Arc::clone(&self.0), inner }
    }
}

/// A service behind the guard.
#[derive(Clone)]
pub(super) struct Guarded<S> {
    guard: Arc<Guard>,
    inner: S,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (guard, inner) = (Arc::clone(&self.guard), self.inner.clone());
        Box::pin(async move { Ok(guard.serve(request, inner).await) })
    }
}

impl Guard {
    /// Recording is outermost, so that calls that are shed or run out of time are counted like all others.
    async fn serve<S>(&self, mut request: Request<Body>, inner: S) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send,
        S::Future: Send,
    {
        let path = request.uri().path().to_owned();
        let (method, shape) = (self.access.method(&path), Shape::of(&path));
        let known = method != Method::Unknown;
        let service = service_of(&path).unwrap_or(self.service);
        let call = Call { service, language: language(request.headers()), caller: None, deadline: None };
        let mut record = call.step(|| Record::server(service, &path, known, request.headers()));
        let span = record.span().clone();

        // Before all else that costs something, and without a line for each: a crowd is turned away, and counted.
        let permit = match call.step(|| self.permit(method, shape).map_err(Status::from)) {
            Ok(permit) => permit,
            Err(status) => {
                drop(span);
                record.end_quietly(status.code());
                return status.into_http();
            }
        };
        let deadline = self.deadline(request.headers(), shape);
        let call = Call { deadline, ..call };
        if !is_bulk(&path, shape) {
            request.headers_mut().remove("grpc-accept-encoding");
        }
        let mut early = self.ends_early(deadline, shape);
        let work = async {
            let worked = AssertUnwindSafe(self.answer(method, &call, request, inner)).catch_unwind();
            tokio::select! {
                answered = worked => {
                    answered.unwrap_or_else(|panic| Err(panicked(panic.as_ref()).into()))
                }
                error = &mut early => Err(Status::from(error)),
            }
        };
        let outcome = call.clone().scope(work.instrument(span.clone())).await;
        match outcome {
            Ok((response, call)) => {
                if let Some(code) = code_of(response.headers()) {
                    drop(span);
                    record.end(code);
                }
                response.map(|body| Body::new(CallBody::new(body, Some(call), record, early, permit)))
            }
            Err(status) => {
                drop(span);
                record.end(status.code());
                status.into_http()
            }
        }
    }

    /// Knows the caller, then lets the handler work on their behalf.
    async fn answer<S>(
        &self,
        method: Method,
        call: &Call,
        mut request: Request<Body>,
        inner: S,
    ) -> Result<(Response<Body>, Call), Status>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Send,
        S::Future: Send,
    {
        let caller = self.access.admit(method, request.headers(), self.open_reflection).await?;
        if let Some(caller) = &caller {
            Span::current().set_attribute(attributes::ORGANIZATION, caller.organization.clone());
            request.extensions_mut().insert(caller.clone());
        }
        if let Some(deadline) = call.deadline {
            request.extensions_mut().insert(deadline);
        }
        let call = Call { caller: caller.map(Arc::new), ..call.clone() };
        let response = match call.clone().scope(inner.oneshot(request)).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        Ok((response, call))
    }

    fn permit(&self, method: Method, shape: Shape) -> Result<Option<OwnedSemaphorePermit>, Error> {
        if method == Method::Health {
            // A server that sheds is alive; killing it for that would make things worse.
            return Ok(None);
        }
        let places = if shape.server_streams { &self.streams } else { &self.calls };
        let permit = Arc::clone(places).try_acquire_owned();
        permit.map(Some).map_err(|_| Error::Overloaded { retry_after: AFTER_THE_CROWD })
    }

    fn deadline(&self, headers: &HeaderMap, shape: Shape) -> Option<Deadline> {
        let asked =
            crate::deadline::from_headers(headers).map(|span| span.saturating_sub(AHEAD_OF_TONIC.min(span / 4)));
        asked.or((!shape.server_streams).then_some(self.default_deadline)).map(Deadline::after)
    }

    /// Calls end at their deadline. Streams also when they have lived long enough or the server stops: their reader
    /// goes on where it was, elsewhere.
    fn ends_early(&self, deadline: Option<Deadline>, shape: Shape) -> EndsEarly {
        let lifetime = shape.server_streams.then(|| Deadline::after(self.stream_lifetime));
        let drained = self.drained.clone();
        Box::pin(async move {
            let passed = async {
                match deadline {
                    Some(deadline) => deadline.passed().await,
                    None => std::future::pending().await,
                }
            };
            let moved_on = async {
                match lifetime {
                    Some(lifetime) => {
                        tokio::select! { () = lifetime.passed() => {}, () = running::told(drained) => {} }
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = passed => Error::DeadlineExceeded,
                () = moved_on => Error::Busy { retry_after: Duration::ZERO },
            }
        })
    }
}

/// The status that stands in the headers; none when it follows after messages.
fn code_of(headers: &HeaderMap) -> Option<Code> {
    headers.get(Status::GRPC_STATUS).map(|code| Code::from_bytes(code.as_bytes()))
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::Internal(anyhow!("a handler panicked: {}", said.unwrap_or("without a word")))
}
