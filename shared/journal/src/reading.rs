//! What all who follow one feed in this process know together, so that none of them does what another one has done: a follower
//! that runs, and whoever lets a sandbox settle meanwhile.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex as Lock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Mutex;

use crate::{Cursor, Service};

/// Those of the feeds that are followed.
#[derive(Debug, Default)]
pub(crate) struct Readings(Lock<HashMap<Service, Arc<Reading>>>);

impl Readings {
    /// That of the feed of a service.
    pub fn of(&self, upstream: Service) -> Arc<Reading> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(upstream).or_default())
    }
}

/// How far a feed is read.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Up to where everything is known to be dealt with, by this process or another one. Whoever deals with events holds it;
    /// the others would wait for the same row of the database, each with a connection.
    pub dealt_with: Mutex<Cursor>,
    /// How many have asked for the feed to be read to its end.
    asked: AtomicU64,
    /// How many of them it has been read for.
    served: Mutex<u64>,
}

impl Reading {
    /// Has `read` read the feed to its end. Those who ask while somebody reads have the next of them read for all.
    pub async fn to_the_end<E>(&self, read: impl Future<Output = Result<(), E>>) -> Result<(), E> {
        let nth = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut served = self.served.lock().await;
        // Somebody has begun to read after this was asked, and come to the end.
        if *served >= nth {
            return Ok(());
        }
        let waiting = self.asked.load(Ordering::SeqCst);
        read.await?;
        *served = waiting;
        Ok(())
    }
}
