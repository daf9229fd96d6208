//! How one service calls another: to all of its replicas, within the caller's time, on the caller's behalf.

use std::{
    net::SocketAddr,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, Request, Response, header, request::Parts};
use http_body_util::{BodyExt, Full};
use tonic::{Code, Status, body::Body};
use tower::{
    Service, ServiceExt,
    retry::budget::{Budget, TpsBudget},
};
use tracing::Instrument;

use crate::{
    Call, Caller, Error, Language, PolicyOf,
    body::{CallBody, EndsEarly},
    clock,
    deadline::{self, Deadline},
    identity::Signer,
    method::{Method, Shape},
    server::LARGEST_MESSAGE,
    settings,
    telemetry::rpc::Record,
};

mod peer;
mod pool;
mod retry;
mod tls;

use peer::InFlight;
use pool::Pool;

pub use pool::Lookup;

/// How long a token for another service is good: longer than any call, shorter than anybody needs to misuse it.
const TOKEN_LIFETIME: Duration = Duration::from_mins(2);

/// Retries that are allowed, as a share of the calls. More, and a service in trouble gets more calls than one that is
/// well.
const RETRY_SHARE: f32 = 0.1;

/// Retries a second that are allowed however few calls there are.
const RETRY_RESERVE: u32 = 1;

/// A connection to a service, for the generated clients: `CasesClient::new(channel)`. Clones share everything.
///
/// Each call goes to one of the addresses behind the name, with the deadline, the trace, the language and the caller
/// of the call that the task serves. A call that may be repeated is, when the service was busy or gone.
#[derive(Clone)]
pub struct Channel(Arc<Shared>);

struct Shared {
    service: &'static str,
    signer: Option<Signer>,
    pool: Arc<Pool>,
    budget: TpsBudget,
    default_deadline: Duration,
    policy_of: PolicyOf,
}

impl Channel {
    /// A channel from `service` to the one at `url`, such as `http://dispatch:50051`; nothing is connected yet. Where
    /// no name stands for all replicas, `url` lists them, separated by commas.
    ///
    /// `signer` signs the token by which the other side knows us; without one, calls go out with the token that their
    /// request has, if any. Needs a tokio runtime.
    ///
    /// # Errors
    /// When the address is none, or a certificate cannot be used.
    pub fn new(
        service: &'static str,
        url: &str,
        settings: &settings::Client,
        signer: Option<Signer>,
    ) -> anyhow::Result<Self> {
        Self::looked_up_by(pool::system_lookup(), service, url, settings, signer)
    }

    /// The same, but names are looked up by `lookup` and not as the system does.
    ///
    /// # Errors
    /// As [`Channel::new`].
    pub fn looked_up_by(
        lookup: Lookup,
        service: &'static str,
        url: &str,
        settings: &settings::Client,
        signer: Option<Signer>,
    ) -> anyhow::Result<Self> {
        Ok(Self(Arc::new(Shared {
            service,
            signer,
            pool: Pool::start(service, url, settings, lookup)?,
            budget: TpsBudget::new(Duration::from_secs(10), RETRY_RESERVE, RETRY_SHARE),
            default_deadline: Duration::from_millis(settings.default_deadline_ms),
            policy_of: callout_contract::policy::of,
        })))
    }

    /// The same with policies from elsewhere than the protos, for methods that are not of the suite.
    #[must_use]
    pub fn with_policies(self, policy_of: PolicyOf) -> Self {
        let Shared { service, signer, pool, default_deadline, .. } = &*self.0;
        Self(Arc::new(Shared {
            service,
            signer: signer.clone(),
            pool: Arc::clone(pool),
            budget: TpsBudget::new(Duration::from_secs(10), RETRY_RESERVE, RETRY_SHARE),
            default_deadline: *default_deadline,
            policy_of,
        }))
    }
}

/// What came of sending a call once.
struct Attempt {
    /// Where it was sent; none when no address is known.
    address: Option<SocketAddr>,
    /// Whether it is certain that no server has looked at it.
    unseen: bool,
    answer: Result<(Response<Body>, InFlight), Status>,
}

impl Service<Request<Body>> for Channel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Response<Body>, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { shared.call(request).await })
    }
}

impl Shared {
    async fn call(&self, request: Request<Body>) -> Result<Response<Body>, Status> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let (method, shape) = (Method::of(&path, self.policy_of), Shape::of(&path));
        let deadline = self.deadline(&parts.headers, shape);
        if deadline.is_some_and(|deadline| deadline.remaining().is_zero()) {
            return Err(Error::DeadlineExceeded.into());
        }
        self.speak_for_the_caller(&mut parts.headers)?;
        let mut record = Record::client(self.service, &path, self.pool.host(), &mut parts.headers);
        let span = record.span().clone();
        let mut early: EndsEarly = Box::pin(async move {
            match deadline {
                Some(deadline) => deadline.passed().await,
                None => std::future::pending().await,
            }
            Error::DeadlineExceeded
        });
        let repeatable = method.may_be_repeated();
        let attempts = async {
            tokio::select! {
                answered = self.attempts(&parts, body, shape, repeatable, deadline, &mut record) => answered,
                error = &mut early => Err(error.into()),
            }
        };
        match attempts.instrument(span).await {
            Ok((response, in_flight)) => {
                if let Some(status) = Status::from_header_map(response.headers()) {
                    record.end(status.code());
                }
                Ok(response.map(|body| Body::new(CallBody::new(body, None, record, early, in_flight))))
            }
            Err(status) => {
                // tonic's channel watches the same deadline and says CANCELLED when its timer is the first to be seen.
                let timed_out = status.code() == Code::Cancelled && has_passed(deadline);
                let status = if timed_out { Error::DeadlineExceeded.into() } else { status };
                record.end(status.code());
                Err(status)
            }
        }
    }

    /// Sends the call until it is answered, cannot be sent again, or all tries are used up.
    async fn attempts(
        &self,
        parts: &Parts,
        body: Body,
        shape: Shape,
        repeatable: bool,
        deadline: Option<Deadline>,
        record: &mut Record,
    ) -> Result<(Response<Body>, InFlight), Status> {
        if shape.client_streams {
            return self.attempt(parts, body, deadline, &[]).await.answer;
        }
        let message: Bytes = body.collect().await?.to_bytes();
        if repeatable {
            self.budget.deposit();
        }
        let mut tried = Vec::new();
        let (mut sent, mut unseen) = (0, 0);
        loop {
            let body = Body::new(Full::new(message.clone()));
            let attempt = self.attempt(parts, body, deadline, &tried).await;
            tried.extend(attempt.address);
            // Nobody has seen it: this is no repetition, and neither the method nor the budget has a say in it.
            if attempt.unseen && unseen < retry::MOST_UNSEEN {
                unseen += 1;
                continue;
            }
            let answer = attempt.answer;
            sent += 1;
            let pause = if repeatable { retry::pause(&answer, sent, deadline) } else { None };
            let Some(pause) = pause else { return answer };
            if message.len() > LARGEST_MESSAGE || !self.budget.withdraw() {
                return answer;
            }
            record.sent_again(sent);
            tokio::time::sleep(pause).await;
        }
    }

    /// Sends the call once, to an address that is not among those `tried` if there is another.
    async fn attempt(&self, parts: &Parts, body: Body, deadline: Option<Deadline>, tried: &[SocketAddr]) -> Attempt {
        let peer = match self.pool.pick(tried).await {
            Ok(peer) => peer,
            Err(status) => return Attempt { address: None, unseen: false, answer: Err(status) },
        };
        let address = Some(peer.address());
        let mut request = Request::from_parts(parts.clone(), body);
        if let Some(deadline) = deadline {
            request.headers_mut().insert(deadline::HEADER, deadline::header_value(deadline.remaining()));
        }
        let in_flight = InFlight::at(&peer);
        let answer = peer.channel().oneshot(request).await;
        let unseen = answer.as_ref().is_err_and(retry::nobody_saw);
        let answer = answer.map_err(|fault| {
            let status = Status::from_error(Box::new(fault));
            // Nobody answered: unless our time is over, the connection was closing, and the call was not carried out or is
            // carried out once however often it is sent. Another replica may have it.
            if has_passed(deadline) { status } else { Status::unavailable(status.message()) }
        });
        let code = match &answer {
            Ok(response) => Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code()),
            Err(status) => status.code(),
        };
        // A connection that was told to go while calls were on their way to it says nothing about who is there.
        if !unseen {
            peer.answered(code);
        }
        Attempt { address, unseen, answer: answer.map(|response| (response, in_flight)) }
    }

    /// The caller's time less the way back, or our own if that is shorter. A stream without a caller waiting for it
    /// has none: the server ends it.
    fn deadline(&self, headers: &HeaderMap, shape: Shape) -> Option<Deadline> {
        let own = deadline::from_headers(headers).or((!shape.server_streams).then_some(self.default_deadline));
        let callers = deadline::remaining().map(|left| left.saturating_sub(deadline::WAY_BACK));
        own.into_iter().chain(callers).min().map(Deadline::after)
    }

    fn speak_for_the_caller(&self, headers: &mut HeaderMap) -> Result<(), Status> {
        let tag = HeaderValue::from_static(Language::of_call().tag());
        headers.entry(header::ACCEPT_LANGUAGE).or_insert(tag);
        let Some(signer) = self.signer.as_ref().filter(|_| !headers.contains_key(header::AUTHORIZATION)) else {
            return Ok(());
        };
        let caller = match Call::current().and_then(|call| call.caller) {
            Some(caller) => Caller { service: Some(self.service.to_owned()), ..(*caller).clone() },
            None => Caller::service(self.service, Caller::EVERY_ORGANIZATION),
        };
        let token = signer.sign(&caller, clock::system_now(), TOKEN_LIFETIME)?;
        let mut value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|fault| Error::Internal(anyhow::Error::new(fault).context("a token cannot stand in a header")))?;
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
        Ok(())
    }
}

fn has_passed(deadline: Option<Deadline>) -> bool {
    deadline.is_some_and(|deadline| deadline.remaining().is_zero())
}
