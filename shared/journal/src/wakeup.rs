//! Tells those who wait for events that there is something to read.

use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::postgres::{PgListener, PgNotification, PgPool};
use tokio::sync::watch;

/// How long a reader waits at most before it looks by itself. An announcement may get lost with the process that was about to
/// make it or while the connection that listens is made again, and an event may be readable only some time after it was
/// announced.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// How long a reader waits for events that are held back by an older transaction, which mostly ends in milliseconds.
const HELD_BACK: Duration = Duration::from_millis(10);

/// The longest payload of a notification, in bytes.
const LONGEST: usize = 7999;

/// One connection that listens for all readers of the process, while there are any.
#[derive(Debug)]
pub(crate) struct Wakeup {
    pool: PgPool,
    channel: &'static str,
    heard: Mutex<Option<watch::Sender<Heard>>>,
    told: Arc<Mutex<Told>>,
}

/// What is to be announced.
#[derive(Debug, Default)]
struct Told {
    types: BTreeSet<String>,
    /// Whether somebody is at it, who will announce these too.
    announcing: bool,
}

/// What was announced so far.
#[derive(Debug, Default)]
struct Heard {
    /// How often events of a type were.
    types: HashMap<String, u64>,
    /// How often it might have been anything.
    anything: u64,
}

impl Heard {
    /// Takes an announcement down: the types, with commas between them; anything when it says none.
    fn hear(&mut self, announced: &str) {
        if announced.is_empty() {
            self.anything += 1;
        }
        for kind in announced.split(',').filter(|kind| !kind.is_empty()) {
            match self.types.get_mut(kind) {
                Some(times) => *times += 1,
                None => drop(self.types.insert(kind.to_owned(), 1)),
            }
        }
    }

    /// How often something of these types was announced, or of any when there are none.
    fn times(&self, wanted: &[String]) -> u64 {
        let types: u64 = if wanted.is_empty() {
            self.types.values().sum()
        } else {
            wanted.iter().filter_map(|kind| self.types.get(kind)).sum()
        };
        self.anything + types
    }
}

/// One reader's ear, for the types that it wants to hear of.
#[derive(Debug)]
pub(crate) struct Ear {
    heard: watch::Receiver<Heard>,
    wanted: Vec<String>,
    times: u64,
}

impl Wakeup {
    pub fn new(pool: PgPool, channel: &'static str) -> Self {
        Self { pool, channel, heard: Mutex::new(None), told: Arc::default() }
    }

    /// Announces that events of these types were committed. What is told while an announcement is under way is announced with
    /// the next one.
    ///
    /// After the commit and not with it: transactions that notify are committed one after another, in the whole server, each
    /// with its wait for the disk.
    pub fn announce(&self, types: BTreeSet<String>) {
        if types.is_empty() {
            return;
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.types.extend(types);
        if !mem::replace(&mut told.announcing, true) {
            tokio::spawn(announce(self.pool.clone(), self.channel, Arc::clone(&self.told)));
        }
    }

    /// Hears every announcement of the types from now on, of any when there are none; the first reader starts the
    /// listening, which ends after the last one.
    pub fn ear(&self, wanted: Vec<String>) -> Ear {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = heard.as_ref().filter(|sender| !sender.is_closed()) {
            let heard = sender.subscribe();
            let times = heard.borrow().times(&wanted);
            return Ear { heard, wanted, times };
        }
        let (sender, receiver) = watch::channel(Heard::default());
        *heard = Some(sender.clone());
        let (pool, channel) = (self.pool.clone(), self.channel);
        tokio::spawn(async move {
            tokio::select! {
                () = listen(&pool, channel, &sender) => {}
                () = sender.closed() => {}
            }
        });
        Ear { heard: receiver, wanted, times: 0 }
    }
}

impl Ear {
    /// Waits until it is worth looking again: for an announcement since the last one that was heard, or for a while. When
    /// events are there already but `at_end` is false, they wait for a transaction that will not announce its end: then
    /// for a moment.
    pub async fn next_look(&mut self, at_end: bool) {
        let patience = if at_end { LOOK_AGAIN } else { HELD_BACK };
        let announced = async {
            loop {
                self.heard.changed().await?;
                let times = self.heard.borrow().times(&self.wanted);
                if mem::replace(&mut self.times, times) != times {
                    return Ok::<_, watch::error::RecvError>(());
                }
            }
        };
        match tokio::time::timeout(patience, announced).await {
            Ok(Ok(())) | Err(_) => {}
            // Nobody listens any more, the journal is gone: looking at intervals is what is left.
            Ok(Err(_)) => tokio::time::sleep(patience).await,
        }
    }
}

/// Announces what was told, until nothing is.
async fn announce(pool: PgPool, channel: &'static str, told: Arc<Mutex<Told>>) {
    loop {
        let types = {
            let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
            told.announcing = !told.types.is_empty();
            mem::take(&mut told.types)
        };
        if types.is_empty() {
            return;
        }
        // Nothing when it would be too long to be said: whoever hears it takes it for anything.
        let types = types.into_iter().collect::<Vec<_>>().join(",");
        let types = if types.len() > LONGEST { String::new() } else { types };
        if let Err(error) = sqlx::query("select pg_notify($1, $2)").bind(channel).bind(types).execute(&pool).await {
            tracing::debug!(%error, channel, "not announced, readers look at intervals");
        }
    }
}

async fn listen(pool: &PgPool, channel: &str, heard: &watch::Sender<Heard>) {
    while !pool.is_closed() {
        if let Err(error) = listen_until_lost(pool, channel, heard).await {
            tracing::debug!(%error, channel, "not listening, readers look at intervals meanwhile");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

async fn listen_until_lost(pool: &PgPool, channel: &str, heard: &watch::Sender<Heard>) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        // A lost connection counts as an announcement of anything: one may have been lost with it.
        let announced = listener.try_recv().await?;
        heard.send_modify(|heard| heard.hear(announced.as_ref().map_or("", PgNotification::payload)));
    }
}
