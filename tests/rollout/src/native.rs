//! The client in Rust: the suite's own channel, told not to send anything again.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use bytes::{Buf as _, BufMut as _, Bytes};
use callout_contract::POOL;
use callout_kit::{
    client::{Channel, Lookup},
    clock, settings,
    telemetry::code_word,
};
use prost::Message as _;
use prost_reflect::{DynamicMessage, MethodDescriptor};
use serde_json::Value;
use tokio::{sync::oneshot, task::JoinSet};
use tonic::{
    Request, Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    metadata::{Ascii, MetadataValue},
};
use uuid::Uuid;

use crate::call::{Call, FRESH_ID, OK, Outcome, Pace, Task};

/// What can be called, and on whose behalf.
#[derive(Clone)]
pub struct Client {
    channels: Arc<BTreeMap<&'static str, Channel>>,
    bearer: MetadataValue<Ascii>,
    deadline: Duration,
}

impl Client {
    /// A client of the services at these URLs, whose names are looked up by `lookup`.
    ///
    /// # Errors
    /// When an address or the token is none.
    pub fn new(
        urls: &BTreeMap<&'static str, String>,
        lookup: &Lookup,
        token: &str,
        deadline: Duration,
    ) -> Result<Self> {
        let channels = urls.iter().map(|(service, url)| {
            let settings = settings::Client::default();
            let channel = Channel::looked_up_by(Arc::clone(lookup), "rollout", url, &settings, None)?;
            // Of a method without a policy it is not known that it may be repeated: nothing is sent again.
            Ok((*service, channel.with_policies(|_| None)))
        });
        Ok(Self {
            channels: Arc::new(channels.collect::<Result<_>>()?),
            bearer: format!("Bearer {token}").parse()?,
            deadline,
        })
    }

    /// Makes a call and returns its last answer, in the JSON of protobuf.
    ///
    /// # Errors
    /// What the service answered.
    pub async fn call(&self, call: &Call) -> Result<Value, Status> {
        let prepared = Prepared::of(call).map_err(|fault| Status::internal(format!("{fault:#}")))?;
        let answer = self.send(&prepared).await?;
        let answer = DynamicMessage::decode(prepared.method.output(), answer);
        let answer = answer.map_err(|fault| Status::internal(fault.to_string()))?;
        serde_json::to_value(answer).map_err(|fault| Status::internal(fault.to_string()))
    }

    async fn send(&self, call: &Prepared) -> Result<Bytes, Status> {
        let channel = self.channels.get(call.service).ok_or_else(|| Status::internal("no such service"))?;
        let mut grpc = Grpc::new(channel.clone());
        grpc.ready().await?;
        let mut request = Request::new(call.message());
        request.metadata_mut().insert("authorization", self.bearer.clone());
        request.set_timeout(self.deadline);
        let path = call.path.parse().map_err(|_| Status::internal("the method's name is no path"))?;
        if !call.streams {
            return Ok(grpc.unary(request, path, Plain).await?.into_inner());
        }
        let mut stream = grpc.server_streaming(request, path, Plain).await?.into_inner();
        let mut last = Bytes::new();
        while let Some(answer) = stream.message().await? {
            last = answer;
        }
        Ok(last)
    }

    /// Does what the clients are asked to, until `over`.
    ///
    /// # Errors
    /// When a request is none.
    pub async fn work(self, task: Task, mut over: oneshot::Receiver<()>) -> Result<Outcome> {
        let calls: Vec<Arc<Prepared>> =
            task.calls.iter().map(|call| Prepared::of(call).map(Arc::new)).collect::<Result<_>>()?;
        let outcome = Arc::new(Mutex::new(Outcome { client: version(), ..Outcome::default() }));
        let mut under_way = JoinSet::new();
        let start = |call: &Arc<Prepared>, under_way: &mut JoinSet<()>| {
            let (client, call, outcome) = (self.clone(), Arc::clone(call), Arc::clone(&outcome));
            under_way.spawn(async move { client.counted(&call, &outcome).await });
        };
        match task.pace {
            Pace::AtOnce(times) => {
                let all = calls.iter().flat_map(|call| (0..times).map(move |_| call));
                all.for_each(|call| start(call, &mut under_way));
            }
            Pace::EveryUs(interval) => {
                let mut ticks = tokio::time::interval(Duration::from_micros(interval));
                for call in calls.iter().cycle() {
                    tokio::select! {
                        biased;
                        _ = &mut over => break,
                        _ = ticks.tick() => {}
                    }
                    start(call, &mut under_way);
                    while under_way.try_join_next().is_some() {}
                }
            }
        }
        under_way.join_all().await;
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(outcome)
    }

    async fn counted(&self, call: &Prepared, outcome: &Mutex<Outcome>) {
        let started = Instant::now();
        let answer = self.send(call).await;
        let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::system_now().as_millisecond();
        match answer {
            Ok(_) => {
                outcome.slowest_ms = outcome.slowest_ms.max(took);
                outcome.count(&call.path, OK, "", now);
            }
            Err(status) => outcome.count(&call.path, code_word(status.code()), status.message(), now),
        }
    }
}

fn version() -> String {
    "Rust, the suite's own channel".to_owned()
}

/// A call whose request was found to fit.
struct Prepared {
    service: &'static str,
    path: String,
    method: MethodDescriptor,
    request: DynamicMessage,
    /// The field of the request that takes a fresh id, if it has one.
    fresh: Option<prost_reflect::FieldDescriptor>,
    streams: bool,
}

impl Prepared {
    fn of(call: &Call) -> Result<Self> {
        let service = POOL.get_service_by_name(call.of).with_context(|| format!("there is no {}", call.of))?;
        let method = service.methods().find(|method| method.name() == call.method);
        let method = method.with_context(|| format!("{} has no {}", call.of, call.method))?;
        let request = DynamicMessage::deserialize(method.input(), &call.request)?;
        let fresh = method.input().fields().find(|field| request.get_field(field).as_str() == Some(FRESH_ID));
        Ok(Self { service: call.service, path: call.path(), method, request, fresh, streams: call.streams })
    }

    fn message(&self) -> Bytes {
        let mut request = self.request.clone();
        if let Some(field) = &self.fresh {
            request.set_field(field, prost_reflect::Value::String(Uuid::from_u128(rand::random()).to_string()));
        }
        request.encode_to_vec().into()
    }
}

/// Passes messages as they are on the wire.
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(message);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
