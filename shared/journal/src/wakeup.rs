//! Tells those who wait for events that there is something to read.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::watch;

/// How long a reader waits at most before it looks by itself. An announcement may get lost while the connection that
/// listens is made again, and an event may be readable only some time after it was announced.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long a reader waits for events that are held back by an older transaction, which mostly ends in milliseconds.
const HELD_BACK: Duration = Duration::from_millis(10);

/// One connection that listens for all readers of the process, while there are any.
#[derive(Debug)]
pub(crate) struct Wakeup {
    pool: PgPool,
    channel: &'static str,
    heard: Mutex<Option<watch::Sender<()>>>,
}

/// One reader's ear.
#[derive(Debug)]
pub(crate) struct Ear {
    heard: watch::Receiver<()>,
}

impl Wakeup {
    pub fn new(pool: PgPool, channel: &'static str) -> Self {
        Self { pool, channel, heard: Mutex::new(None) }
    }

    /// Hears every announcement from now on; the first reader starts the listening, which ends after the last one.
    pub fn ear(&self) -> Ear {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = heard.as_ref().filter(|sender| !sender.is_closed()) {
            return Ear { heard: sender.subscribe() };
        }
        let (sender, receiver) = watch::channel(());
        *heard = Some(sender.clone());
        let (pool, channel) = (self.pool.clone(), self.channel);
        tokio::spawn(async move {
            tokio::select! {
                () = listen(&pool, channel, &sender) => {}
                () = sender.closed() => {}
            }
        });
        Ear { heard: receiver }
    }
}

impl Ear {
    /// Waits until it is worth looking again: for an announcement since the last one that was heard, or for a while. When
    /// events are there already but `at_end` is false, they wait for a transaction that will not announce its end: then
    /// for a moment.
    pub async fn next_look(&mut self, at_end: bool) {
        let patience = if at_end { LOOK_AGAIN } else { HELD_BACK };
        match tokio::time::timeout(patience, self.heard.changed()).await {
            Ok(Ok(())) | Err(_) => {}
            // Nobody listens any more, the journal is gone: looking at intervals is what is left.
            Ok(Err(_)) => tokio::time::sleep(patience).await,
        }
    }
}

async fn listen(pool: &PgPool, channel: &str, heard: &watch::Sender<()>) {
    while !pool.is_closed() {
        if let Err(error) = listen_until_lost(pool, channel, heard).await {
            tracing::debug!(%error, channel, "not listening, readers look at intervals meanwhile");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

async fn listen_until_lost(pool: &PgPool, channel: &str, heard: &watch::Sender<()>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        // A lost connection counts as an announcement: one may have been lost with it.
        listener.try_recv().await?;
        heard.send_replace(());
    }
}
