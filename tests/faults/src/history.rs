//! What callers were told, to be held against what the services say when everything is whole again.

use std::{sync::Arc, time::Duration};

use callout_contract::Call;
use futures::future::BoxFuture;
use prost::Message;
use tonic::{Code, Request, Status, client::Grpc, metadata::MetadataValue, transport::Channel};
use tonic_prost::ProstCodec;

/// How long one sending of a call may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// How long to wait before a call is sent again that nobody answered.
const PAUSE: Duration = Duration::from_millis(100);

/// Sends a call once.
type Sending = Arc<dyn Fn() -> BoxFuture<'static, Result<Vec<u8>, Status>> + Send + Sync>;

/// A call that was answered, by whichever of its sendings.
struct Told {
    method: &'static str,
    send: Sending,
    answer: Vec<u8>,
}

/// The calls of one caller, and what is wrong with the answers.
#[derive(Default)]
pub struct History {
    told: Vec<Told>,
    /// Answers that should not have been.
    pub wrong: Vec<String>,
}

impl History {
    /// How many calls were answered.
    pub const fn len(&self) -> usize {
        self.told.len()
    }

    /// Makes a call, and makes it again under the same request id until somebody answers. `twice`: two sendings are under
    /// way at once.
    pub async fn call<R, A>(&mut self, channel: &Channel, token: &str, request: R, twice: bool) -> Option<A>
    where
        R: Call + Clone + Send + Sync + 'static,
        A: Message + Default + Send + 'static,
    {
        let (channel, token) = (channel.clone(), token.to_owned());
        let send: Sending = Arc::new(move || {
            let (channel, token, request) = (channel.clone(), token.clone(), request.clone());
            Box::pin(async move { once::<R, A>(channel, &token, request).await.map(|answer| answer.encode_to_vec()) })
        });
        let answer = if twice {
            let (first, second) = tokio::join!(answered(&send), answered(&send));
            if let (Ok(first), Ok(second)) = (&first, &second)
                && first != second
            {
                self.wrong.push(format!("{}: two sendings at once were answered differently", R::METHOD));
            }
            first
        } else {
            answered(&send).await
        };
        match answer {
            Ok(answer) => {
                let read = A::decode(answer.as_slice()).ok();
                self.told.push(Told { method: R::METHOD, send, answer });
                read
            }
            Err(status) => {
                self.wrong.push(format!("{}: {}: {}", R::METHOD, status.code(), status.message()));
                None
            }
        }
    }

    /// Sends every call once more: each must be answered as it was.
    pub async fn compare(&mut self) {
        for Told { method, send, answer } in &self.told {
            match answered(send).await {
                Ok(again) if again == *answer => {}
                Ok(_) => self.wrong.push(format!("{method}: the same request was answered differently afterwards")),
                Err(status) => {
                    self.wrong.push(format!("{method}: afterwards {}: {}", status.code(), status.message()));
                }
            }
        }
    }
}

/// Sends a call until somebody answers: what is not there for a while is no answer.
async fn answered(send: &Sending) -> Result<Vec<u8>, Status> {
    loop {
        match send().await {
            Err(status) if is_of_an_outage(status.code()) => tokio::time::sleep(PAUSE).await,
            answer => return answer,
        }
    }
}

const fn is_of_an_outage(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Unknown | Code::Aborted)
}

async fn once<R, A>(channel: Channel, token: &str, message: R) -> Result<A, Status>
where
    R: Call + Send + Sync + 'static,
    A: Message + Default + Send + 'static,
{
    let mut request = Request::new(message);
    let bearer = MetadataValue::try_from(format!("Bearer {token}"));
    request.metadata_mut().insert("authorization", bearer.map_err(|_| Status::internal("a token is no header"))?);
    request.set_timeout(DEADLINE);
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
    let path = http::uri::PathAndQuery::from_static(R::METHOD);
    client.unary(request, path, ProstCodec::<R, A>::default()).await.map(tonic::Response::into_inner)
}
