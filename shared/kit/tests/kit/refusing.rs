//! Calls that a server turns away before it has looked at them.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use callout_kit::{client::Channel, settings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tonic::Code;

use crate::support::*;

/// Types of HTTP/2 frames.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

/// Codes of HTTP/2 errors.
const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;

/// How a server answers the first call on a connection.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// The connection is to go, and no call on it was looked at.
    Go,
    /// The call is ended, for a reason.
    Reset(u32),
}

/// A server that answers no call, and counts those that came.
async fn turning_away(refusal: Refusal) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let turned_away = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&turned_away);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let counter = Arc::clone(&counter);
            // A client that leaves in the middle is not what is tested.
            tokio::spawn(async move { turn_away(stream, refusal, &counter).await.ok() });
        }
    });
    (address, turned_away)
}

async fn turn_away(mut stream: TcpStream, refusal: Refusal, counter: &AtomicUsize) -> std::io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [high, middle, low, kind, _, stream_id @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, high, middle, low]) as usize];
        stream.read_exact(&mut payload).await?;
        if kind != HEADERS {
            continue;
        }
        counter.fetch_add(1, Ordering::Relaxed);
        let refused = match refusal {
            Refusal::Go => frame(GOAWAY, 0, &[0_u32.to_be_bytes(), NO_ERROR.to_be_bytes()].concat()),
            Refusal::Reset(reason) => frame(RST_STREAM, u32::from_be_bytes(stream_id), &reason.to_be_bytes()),
        };
        stream.write_all(&refused).await?;
    }
}

fn frame(kind: u8, stream_id: u32, payload: &[u8]) -> Vec<u8> {
    let [_, high, middle, low] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&[high, middle, low, kind, 0], stream_id.to_be_bytes().as_slice(), payload].concat()
}

/// What comes of calls that may not be repeated, to two addresses of which one turns them away.
async fn called(refusal: Refusal) -> Vec<Code> {
    let (address, turned_away) = turning_away(refusal).await;
    let running = serve(Workshop::willing()).await;
    let url = format!("{},http://{address}", running.url());
    let channel = Channel::new("intake", &url, &settings::Client::default(), Some(ISSUER.signer())).unwrap();
    let channel = channel.with_policies(policy_of);
    let mut codes = Vec::new();
    // Which of the two is called first is drawn.
    while turned_away.load(Ordering::Relaxed) < 3 {
        let answer = workshop_client(channel.clone(), "Once").check(anonymous()).await;
        codes.push(answer.map_or_else(|status| status.code(), |_| Code::Ok));
    }
    codes
}

#[tokio::test]
async fn a_call_that_no_server_has_looked_at_goes_to_another_one_whatever_its_method() {
    for refusal in [Refusal::Go, Refusal::Reset(REFUSED_STREAM)] {
        let codes = called(refusal).await;
        assert!(codes.iter().all(|code| *code == Code::Ok), "{refusal:?}: {codes:?}");
    }
}

#[tokio::test]
async fn a_call_that_a_server_may_have_looked_at_is_sent_once() {
    let codes = called(Refusal::Reset(INTERNAL_ERROR)).await;
    assert_eq!(codes.iter().filter(|code| **code == Code::Unavailable).count(), 3, "{codes:?}");
}
