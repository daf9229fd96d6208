//! Who breaks things, by a seed, and mends them again.

use std::time::Duration;

use anyhow::Result;
use callout_fleet::Fleet;
use rand::{Rng as _, rngs::StdRng};
use rustix::process::Signal;

/// What is done to the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A replica dies at once, and another takes its place after a while.
    Kill,
    /// A replica stands still for a while, as on a machine without memory, and goes on as if nothing had been.
    Pause,
    /// A replica is told to stop, and another takes its place.
    Restart,
    /// The database crashes, recovers from its log, and everybody's connection is lost.
    CrashDatabase,
    /// Every connection to the database is lost.
    CutDatabase,
}

impl Fault {
    /// What it is called in the summary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::Pause => "pauses",
            Self::Restart => "rolling restarts",
            Self::CrashDatabase => "crashes of the database",
            Self::CutDatabase => "cuts of the database",
        }
    }

    /// Half of what happens is the death of a replica.
    fn drawn(rng: &mut StdRng) -> Self {
        match rng.random_range(0..10) {
            0..5 => Self::Kill,
            5 | 6 => Self::Pause,
            7 => Self::Restart,
            8 => Self::CrashDatabase,
            _ => Self::CutDatabase,
        }
    }
}

/// Breaks things until it is dropped.
pub struct Nemesis<'f> {
    fleet: &'f Fleet,
    rng: StdRng,
    /// What was done, in order.
    pub done: Vec<Fault>,
}

impl<'f> Nemesis<'f> {
    /// One whose faults, and the times between them, follow from `rng`.
    pub const fn new(fleet: &'f Fleet, rng: StdRng) -> Self {
        Self { fleet, rng, done: Vec::new() }
    }

    /// Goes on for as long as the future is polled; may be dropped at any time. Returns only when it cannot go on.
    pub async fn work(&mut self) -> anyhow::Error {
        loop {
            self.wait(50..1_500).await;
            if let Err(broken) = self.strike().await {
                return broken;
            }
        }
    }

    async fn strike(&mut self) -> Result<()> {
        let (fault, replica) = (Fault::drawn(&mut self.rng), self.rng.random_range(0..self.fleet.replicas()));
        self.done.push(fault);
        match fault {
            Fault::Kill => {
                self.fleet.signal(replica, Signal::KILL).await?;
                self.wait(0..1_500).await;
                self.fleet.start_again(replica).await
            }
            Fault::Pause => {
                self.fleet.signal(replica, Signal::STOP).await?;
                self.wait(200..4_000).await;
                self.fleet.signal(replica, Signal::CONT).await
            }
            Fault::Restart => {
                self.fleet.signal(replica, Signal::TERM).await?;
                self.fleet.start_again(replica).await
            }
            Fault::CrashDatabase => self.fleet.crash_database().await,
            Fault::CutDatabase => self.fleet.cut_database().await,
        }
    }

    /// Ends every fault that still lasts.
    ///
    /// # Errors
    /// When a replica does not start.
    pub async fn heal(&mut self) -> Result<()> {
        for replica in 0..self.fleet.replicas() {
            self.fleet.signal(replica, Signal::CONT).await?;
            self.fleet.start_again(replica).await?;
        }
        Ok(())
    }

    async fn wait(&mut self, milliseconds: std::ops::Range<u64>) {
        let wait = Duration::from_millis(self.rng.random_range(milliseconds));
        tokio::time::sleep(wait).await;
    }
}
