//! Who breaks things, by a seed, and mends them again.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::Result;
use callout_fleet::{Fleet, Weather};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use rustix::process::Signal;

use crate::plant::{FAILPOINTS, Mistake};

/// How long the next fault waits at most for the services to be there again.
const LONGEST_BREATH: Duration = Duration::from_secs(10);

/// How often is looked whether they are.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is done to the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A replica dies at once, and another takes its place after a while.
    Kill,
    /// A replica dies just before or just after one of its next commits, and another takes its place.
    DieAtCommit,
    /// A replica stands still for a while, as on a machine without memory, and goes on as if nothing had been.
    Pause,
    /// A replica is told to stop, and another takes its place.
    Restart,
    /// The database crashes, recovers from its log, and everybody's connection is lost.
    CrashDatabase,
    /// Every connection to the database is lost.
    CutDatabase,
    /// What goes to a replica, or from it to the database, takes longer for a while.
    SlowLink,
    /// It does not arrive for a while.
    SilentLink,
    /// Every connection on the way is lost.
    CutLink,
}

impl Fault {
    /// What it is called in the summary.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::DieAtCommit => "processes set to die at a commit",
            Self::Pause => "pauses",
            Self::Restart => "rolling restarts",
            Self::CrashDatabase => "crashes of the database",
            Self::CutDatabase => "cuts of the database",
            Self::SlowLink => "slow links",
            Self::SilentLink => "silent links",
            Self::CutLink => "cut links",
        }
    }

    /// Half of what happens is the death of a replica.
    fn drawn(rng: &mut StdRng) -> Self {
        match rng.random_range(0..20) {
            0..5 => Self::Kill,
            5..10 => Self::DieAtCommit,
            10 | 11 => Self::Pause,
            12 | 13 => Self::Restart,
            14 => Self::CrashDatabase,
            15 => Self::CutDatabase,
            16 | 17 => Self::SlowLink,
            18 => Self::SilentLink,
            _ => Self::CutLink,
        }
    }
}

/// Breaks things until it is dropped.
pub struct Nemesis<'f> {
    fleet: &'f Fleet,
    rng: StdRng,
    planted: Option<Mistake>,
    /// Replicas that may still die at a commit.
    armed: BTreeSet<usize>,
    /// What was done, in order.
    pub done: Vec<Fault>,
}

impl<'f> Nemesis<'f> {
    /// One whose faults, and the times between them, follow from `rng`. Processes that it starts make the mistake that is
    /// `planted`.
    pub const fn new(fleet: &'f Fleet, rng: StdRng, planted: Option<Mistake>) -> Self {
        Self { fleet, rng, planted, armed: BTreeSet::new(), done: Vec::new() }
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
        self.let_them_breathe().await?;
        let (fault, replica) = (Fault::drawn(&mut self.rng), self.rng.random_range(0..self.fleet.replicas()));
        self.done.push(fault);
        match fault {
            Fault::Kill => {
                self.armed.remove(&replica);
                self.fleet.signal(replica, Signal::KILL).await?;
                self.wait(0..1_500).await;
                self.fleet.start_again(replica).await
            }
            Fault::DieAtCommit => {
                let when = ["before-commit", "after-commit"].choose(&mut self.rng).copied().unwrap_or_default();
                let commits = self.rng.random_range(0..100);
                let point = format!("{when}={commits}*off->1*return");
                let set = self.planted.and_then(Mistake::point).into_iter().map(str::to_owned).chain([point]);
                let set = set.collect::<Vec<_>>().join(";");
                self.fleet.signal(replica, Signal::KILL).await?;
                self.armed.insert(replica);
                self.fleet.start_again_with(replica, &[(FAILPOINTS, set)]).await
            }
            Fault::Pause => {
                self.fleet.signal(replica, Signal::STOP).await?;
                self.wait(200..4_000).await;
                self.fleet.signal(replica, Signal::CONT).await
            }
            Fault::Restart => {
                self.armed.remove(&replica);
                self.fleet.signal(replica, Signal::TERM).await?;
                self.fleet.start_again(replica).await
            }
            Fault::CrashDatabase => self.fleet.crash_database().await,
            Fault::CutDatabase => self.fleet.cut_database().await,
            Fault::SlowLink => {
                let wait = Duration::from_millis(self.rng.random_range(5..200));
                self.weather(Weather::Slow(wait)).await;
                Ok(())
            }
            Fault::SilentLink => {
                self.weather(Weather::Silent).await;
                Ok(())
            }
            Fault::CutLink => {
                if let Some(link) = self.fleet.links().choose(&mut self.rng) {
                    link.cut();
                }
                Ok(())
            }
        }
    }

    /// One link has this weather for a while.
    async fn weather(&mut self, weather: Weather) {
        if let Some(link) = self.fleet.links().choose(&mut self.rng) {
            link.set(weather);
            self.wait(200..3_000).await;
            link.set(Weather::Fair);
        }
    }

    /// Waits until each service has somebody again: where the machine is slower than the faults, nothing would be left to be
    /// broken, and nothing would be shown by it.
    async fn let_them_breathe(&self) -> Result<()> {
        let began = Instant::now();
        loop {
            self.replace_the_dead().await?;
            if self.fleet.is_there().await || began.elapsed() > LONGEST_BREATH {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Nobody waits for a replica that died by itself.
    async fn replace_the_dead(&self) -> Result<()> {
        for replica in 0..self.fleet.replicas() {
            self.fleet.start_again(replica).await?;
        }
        Ok(())
    }

    /// Ends every fault that still lasts.
    ///
    /// # Errors
    /// When a replica does not start.
    pub async fn heal(&mut self) -> Result<()> {
        for link in self.fleet.links() {
            link.set(Weather::Fair);
        }
        for replica in 0..self.fleet.replicas() {
            self.fleet.signal(replica, Signal::CONT).await?;
        }
        // Those whose commit has not come yet would die while nobody breaks anything any more.
        for replica in std::mem::take(&mut self.armed) {
            self.fleet.signal(replica, Signal::KILL).await?;
        }
        self.replace_the_dead().await
    }

    async fn wait(&mut self, milliseconds: std::ops::Range<u64>) {
        let wait = Duration::from_millis(self.rng.random_range(milliseconds));
        tokio::time::sleep(wait).await;
    }
}
