//! A stretch of network that can be made slow, silent, or cut.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch::{self, Receiver, Sender},
    task::JoinHandle,
};

/// Bytes that are passed on at a time.
const PIECE: usize = 16 * 1024;

/// How a link treats what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// At once.
    Fair,
    /// Each piece this much later.
    Slow(Duration),
    /// Not before the weather changes; nobody is told.
    Silent,
}

#[derive(Clone, Copy)]
struct State {
    weather: Weather,
    /// How often it was cut: a connection lives through none.
    cuts: u32,
}

/// An address of its own at which somebody else is reached.
pub struct Link {
    address: SocketAddr,
    state: Sender<State>,
    carrying: JoinHandle<()>,
}

impl Link {
    /// A link to `target`, in fair weather.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn to(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (state, watched) = watch::channel(State { weather: Weather::Fair, cuts: 0 });
        let carrying = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, target, watched.clone()));
            }
        });
        Ok(Self { address, state, carrying })
    }

    /// Where it is entered.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes how it treats what it carries.
    pub fn set(&self, weather: Weather) {
        self.state.send_modify(|state| state.weather = weather);
    }

    /// Ends the connections that go over it; new ones can be made at once.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(near: TcpStream, target: SocketAddr, mut state: Receiver<State>) {
    let born = state.borrow_and_update().cuts;
    // Who is not there is not there over a link either.
    let Ok(far) = TcpStream::connect(target).await else { return };
    // What waits for more is not what is to be seen here.
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let mut watched = state.clone();
    tokio::select! {
        () = pass(from_near, to_far, state.clone()) => {}
        () = pass(from_far, to_near, state) => {}
        _ = watched.wait_for(|state| state.cuts != born) => {}
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: Receiver<State>) {
    let mut piece = vec![0; PIECE];
    while let Ok(read) = from.read(&mut piece).await
        && read > 0
    {
        let Ok(weather) = state.wait_for(|state| state.weather != Weather::Silent).await.map(|state| state.weather)
        else {
            return;
        };
        if let Weather::Slow(wait) = weather {
            tokio::time::sleep(wait).await;
        }
        if to.write_all(&piece[..read]).await.is_err() {
            return;
        }
    }
}
