//! A client of every method: requests are messages of which only the descriptor is known, answers are bytes.

use std::time::Duration;

use bytes::Buf as _;
use http::uri::PathAndQuery;
use prost::{Message as _, bytes::BufMut as _};
use prost_reflect::{DynamicMessage, MethodDescriptor};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};

use crate::contract;

/// How long one call may take on a machine that is busy with other tests. A clock that is moved fires everything on the
/// way before it answers.
const CALL_LIMIT: Duration = Duration::from_mins(1);

/// A connection to one replica of the suite.
#[derive(Clone)]
pub struct Client {
    channel: Channel,
}

impl Client {
    pub fn new(url: &str) -> Self {
        let endpoint = Endpoint::from_shared(url.to_owned()).expect("the address of a suite");
        Self::over(endpoint.connect_lazy())
    }

    pub fn over(channel: Channel) -> Self {
        Self { channel }
    }

    /// Calls `method` as the bearer of `token`; the answer as it came, those of a stream up to its end.
    pub async fn call(
        &self,
        method: &MethodDescriptor,
        message: &DynamicMessage,
        token: Option<&str>,
    ) -> Result<Vec<Vec<u8>>, Status> {
        let path: PathAndQuery = format!("/{}", contract::name_of(method)).parse().expect("a method is a path");
        let mut request = Request::new(message.encode_to_vec());
        if let Some(token) = token {
            let bearer: MetadataValue<Ascii> = format!("Bearer {token}").parse().expect("a token is a header value");
            request.metadata_mut().insert("authorization", bearer);
        }
        request.set_timeout(CALL_LIMIT);
        let mut client = Grpc::new(self.channel.clone());
        client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        if !method.is_server_streaming() {
            return Ok(vec![client.unary(request, path, Bytes).await?.into_inner()]);
        }
        let mut stream = client.server_streaming(request, path, Bytes).await?.into_inner();
        let mut answers = Vec::new();
        while let Some(answer) = stream.message().await? {
            answers.push(answer);
        }
        Ok(answers)
    }
}

/// Messages as they are on the wire, so that answers can be compared byte for byte.
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, message: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&message);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let mut message = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut message);
        Ok(Some(message))
    }
}
