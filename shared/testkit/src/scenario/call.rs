//! Calls of any method of the contract, by its descriptor.

use std::{
    error::Error,
    time::{Duration, Instant},
};

use http::uri::PathAndQuery;
use prost::Message as _;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use tonic::{
    Code, Request, Status, TimeoutExpired,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::{Ascii, MetadataValue},
    transport::{self, Channel},
};

/// How often a call is sent at least that nobody answers.
const TRIES: usize = 3;

/// How long to wait before a call is sent again that nobody could take.
const PAUSE: Duration = Duration::from_millis(100);

/// What is borne with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long one sending of a call may take. A clock that is moved by months fires everything on the way before it answers.
    pub call: Duration,
    /// How long an answer to a call may take, however often it has to be sent for that: longer than the outages that are to
    /// be borne. None sends it again only where a connection was lost.
    pub in_all: Duration,
    /// Whether documents may have later numbers than expected: the number of one whose command came to nothing is not given
    /// again.
    pub gaps: bool,
}

impl Default for Patience {
    fn default() -> Self {
        Self { call: Duration::from_mins(1), in_all: Duration::ZERO, gaps: false }
    }
}

/// Sends a call until somebody answers: a server tells connections of some minutes to go, and the call that is about to
/// take such a one is lost; and where things are broken on purpose, nobody may be there for a while. That does no harm,
/// since each method of the suite may be repeated.
pub(super) async fn answered<A>(patience: Patience, send: impl AsyncFn() -> Result<A, Status>) -> Result<A, Status> {
    let (started, mut sent) = (Instant::now(), 0);
    loop {
        sent += 1;
        match send().await {
            Err(status) if sent < TRIES && is_unanswered(&status) => {}
            Err(status) if started.elapsed() < patience.in_all && is_of_an_outage(&status) => {
                tokio::time::sleep(PAUSE).await;
            }
            answer => return answer,
        }
    }
}

/// Whether the call may have reached nobody, or somebody who is gone.
fn is_of_an_outage(status: &Status) -> bool {
    matches!(
        status.code(),
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Aborted
    ) || is_caused_by::<transport::Error>(status)
}

/// Whether the status is our own word for a connection that broke, and not for time that ran out.
fn is_unanswered(status: &Status) -> bool {
    is_caused_by::<transport::Error>(status) && !is_caused_by::<TimeoutExpired>(status)
}

fn is_caused_by<E: Error + 'static>(status: &Status) -> bool {
    std::iter::successors(status.source(), |&cause| cause.source()).any(<dyn Error>::is::<E>)
}

/// Under whose name, and in which trace, a call is made.
pub(super) struct Credentials<'a> {
    pub(super) token: &'a str,
    pub(super) traceparent: &'a str,
    pub(super) patience: Patience,
}

impl Credentials<'_> {
    /// A request that carries them.
    pub(super) fn request<M>(&self, message: M) -> Result<Request<M>, Status> {
        let ascii = |value: String| {
            value.parse::<MetadataValue<Ascii>>().map_err(|_| Status::unauthenticated("the token is no header value"))
        };
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", ascii(format!("Bearer {}", self.token))?);
        request.metadata_mut().insert("traceparent", ascii(self.traceparent.to_owned())?);
        request.set_timeout(self.patience.call);
        Ok(request)
    }
}

/// Calls `method` and returns its answers: one, or those of a server's stream up to its end.
pub(super) async fn call(
    channel: Channel,
    method: &MethodDescriptor,
    message: DynamicMessage,
    credentials: &Credentials<'_>,
) -> Result<Vec<DynamicMessage>, Status> {
    let path: PathAndQuery = format!("/{}/{}", method.parent_service().full_name(), method.name())
        .parse()
        .map_err(|_| Status::internal("the method's name is no path"))?;
    let request = credentials.request(message)?;
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let codec = DynamicCodec { answer: method.output() };
    if !method.is_server_streaming() {
        return Ok(vec![client.unary(request, path, codec).await?.into_inner()]);
    }
    let mut stream = client.server_streaming(request, path, codec).await?.into_inner();
    let mut answers = Vec::new();
    while let Some(answer) = stream.message().await? {
        answers.push(answer);
    }
    Ok(answers)
}

/// Encodes and decodes messages of which only the descriptor is known.
struct DynamicCodec {
    answer: MessageDescriptor,
}

impl Codec for DynamicCodec {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = DynamicEncoder;
    type Decoder = DynamicDecoder;

    fn encoder(&mut self) -> Self::Encoder {
        DynamicEncoder
    }

    fn decoder(&mut self) -> Self::Decoder {
        DynamicDecoder(self.answer.clone())
    }
}

struct DynamicEncoder;

impl Encoder for DynamicEncoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

struct DynamicDecoder(MessageDescriptor);

impl Decoder for DynamicDecoder {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let decoded = DynamicMessage::decode(self.0.clone(), buffer);
        decoded.map(Some).map_err(|error| Status::internal(format!("the answer cannot be read: {error}")))
    }
}
