//! The body of an answer, which may go on long after its headers, on the side that gives it and on the one that reads.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::{Code, Status, body::Body};

use crate::{Call, Error, telemetry::rpc::Record};

/// Completes when a call must end although its answer is not complete, with the reason.
pub(crate) type EndsEarly = Pin<Box<dyn Future<Output = Error> + Send>>;

/// Keeps what the call has until its last frame: its record, its deadline, on the server its caller, and `held`, its
/// place among the calls.
pub(crate) struct CallBody<H> {
    inner: Body,
    call: Option<Call>,
    record: Record,
    early: EndsEarly,
    _held: H,
    ended: bool,
}

impl<H> CallBody<H> {
    pub(crate) fn new(inner: Body, call: Option<Call>, record: Record, early: EndsEarly, held: H) -> Self {
        Self { inner, call, record, early, _held: held, ended: false }
    }
}

/// Runs `step` as part of `call`, if it has one of its own.
fn within<R>(call: Option<&Call>, step: impl FnOnce() -> R) -> R {
    match call {
        Some(call) => call.step(step),
        None => step(),
    }
}

impl<H: Unpin> http_body::Body for CallBody<H> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        // Looked at first: a stream that always has something to send must end too.
        if let Poll::Ready(error) = this.early.as_mut().poll(context) {
            this.ended = true;
            this.inner = Body::empty();
            let status = within(this.call.as_ref(), || Status::from(error));
            this.record.end(status.code());
            let mut trailers = HeaderMap::new();
            return Poll::Ready(Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers))));
        }
        let span = this.record.span().clone();
        let inner = Pin::new(&mut this.inner);
        let frame = within(this.call.as_ref(), || span.in_scope(|| inner.poll_frame(context)));
        drop(span);
        match &frame {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    let code = trailers
                        .get(Status::GRPC_STATUS)
                        .map_or(Code::Unknown, |code| Code::from_bytes(code.as_bytes()));
                    this.record.end(code);
                }
            }
            Poll::Ready(Some(Err(status))) => this.record.end(status.code()),
            Poll::Ready(None) => {
                this.ended = true;
                this.record.end(Code::Unknown);
            }
            Poll::Pending => {}
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
