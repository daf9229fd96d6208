//! What stands between intake and the other three services: each call of intake's is noted here, meets what a test has
//! arranged for its method, and reaches the real service unless it is refused.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use bytes::Bytes;
use callout_kit::{Caller, identity::Verifier, settings};
use futures::future::{BoxFuture, pending};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, Full};
use prost::Message;
use tokio::sync::Notify;
use tonic::{
    Status,
    body::Body,
    service::Routes,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};
use tower::{BoxError, Layer, Service, ServiceExt as _};

use super::people::ISSUER;

/// Bytes before a message: whether it is compressed, and how long it is.
const PREFIX: usize = 5;

/// A call that came through.
#[derive(Clone, Debug)]
pub struct Noted {
    /// `/callout.dispatch.v1.WorkOrders/CreateWorkOrder`.
    pub path: String,
    pub headers: HeaderMap,
    message: Bytes,
}

impl Noted {
    /// The schema of the service that was called.
    pub fn service(&self) -> &str {
        self.path.split('.').nth(1).unwrap()
    }

    pub fn message<M: Message + Default>(&self) -> M {
        M::decode(&self.message[PREFIX..]).unwrap()
    }

    /// On whose behalf it was made, by its token.
    pub fn caller(&self) -> Caller {
        let token = self.headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ");
        let verifier = Verifier::new(&settings::Identity::default()).unwrap().and_development(&ISSUER).unwrap();
        verifier.verify(token).unwrap().caller
    }
}

/// What becomes of the calls of a method.
#[derive(Clone)]
enum Fate {
    /// They are answered so, and reach nobody.
    Refused(Status),
    /// They are carried out, and their answers are lost with the stream.
    AnswerLost,
    /// They are carried out, which is told, and their answers never come.
    AnswerHeld(Arc<Notify>),
}

/// Clones share everything.
#[derive(Clone)]
pub struct Between {
    url: String,
    upstream: Channel,
    noted: Arc<Mutex<Vec<Noted>>>,
    fates: Arc<Mutex<BTreeMap<&'static str, Fate>>>,
}

impl Between {
    /// In front of the services at `upstream`, until the test's runtime ends.
    pub fn start(upstream: String) -> Self {
        let incoming = TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap().with_nodelay(Some(true));
        let between = Self {
            url: format!("http://{}", incoming.local_addr().unwrap()),
            upstream: Endpoint::from_shared(upstream).unwrap().connect_lazy(),
            noted: Arc::default(),
            fates: Arc::default(),
        };
        let server = Server::builder().layer(between.clone()).add_routes(Routes::default());
        tokio::spawn(server.serve_with_incoming(incoming));
        between
    }

    /// Where intake calls the others.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The calls of a method so far, in the order in which they came: `CreateWorkOrder`.
    pub fn calls(&self, method: &str) -> Vec<Noted> {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.iter().filter(|call| is_of(&call.path, method)).cloned().collect()
    }

    /// Answers the calls of a method so from now on, instead of passing them on.
    pub fn refuse(&self, method: &'static str, with: Status) {
        self.arrange(method, Fate::Refused(with));
    }

    /// Passes the calls of a method on from now on, and loses what is answered.
    pub fn lose_answers(&self, method: &'static str) {
        self.arrange(method, Fate::AnswerLost);
    }

    /// Passes the calls of a method on from now on and keeps what is answered to itself; says when one was carried out.
    pub fn hold_answers(&self, method: &'static str) -> Arc<Notify> {
        let carried_out = Arc::new(Notify::new());
        self.arrange(method, Fate::AnswerHeld(Arc::clone(&carried_out)));
        carried_out
    }

    /// Leaves the calls of all methods alone again.
    pub fn leave_alone(&self) {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn arrange(&self, method: &'static str, fate: Fate) {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner).insert(method, fate);
    }

    fn fate_of(&self, path: &str) -> Option<Fate> {
        let fates = self.fates.lock().unwrap_or_else(PoisonError::into_inner);
        fates.iter().find(|(method, _)| is_of(path, method)).map(|(_, fate)| fate.clone())
    }

    async fn pass(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let (parts, body) = request.into_parts();
        // Whatever intake calls takes one message.
        let message = body.collect().await?.to_bytes();
        let (path, headers) = (parts.uri.path().to_owned(), parts.headers.clone());
        let fate = self.fate_of(&path);
        let noted = Noted { path, headers, message: message.clone() };
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).push(noted);
        if let Some(Fate::Refused(status)) = fate {
            return Ok(status.into_http());
        }
        let request = Request::from_parts(parts, Body::new(Full::new(message)));
        // The head of an answer comes when the call was carried out.
        let answer = self.upstream.clone().oneshot(request).await?;
        match fate {
            Some(Fate::AnswerLost) => Err("the answer is lost".into()),
            Some(Fate::AnswerHeld(carried_out)) => {
                carried_out.notify_one();
                pending().await
            }
            Some(Fate::Refused(_)) | None => Ok(answer),
        }
    }
}

fn is_of(path: &str, method: &str) -> bool {
    path.rsplit('/').next() == Some(method)
}

impl<S> Layer<S> for Between {
    type Service = Self;

    fn layer(&self, _: S) -> Self {
        self.clone()
    }
}

impl Service<Request<Body>> for Between {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let between = self.clone();
        Box::pin(async move { between.pass(request).await })
    }
}
