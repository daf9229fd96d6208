//! A process of one service.

use std::{
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    process::ExitStatus,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use callout_journal::Service;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    process::{Child, Command},
    sync::Mutex,
};

use crate::Link;

/// How long a replica may take to stop that was told to.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A process of one service, at an address that it keeps over restarts.
pub(crate) struct Replica {
    pub(crate) service: Service,
    /// Which of its service it is.
    pub(crate) number: usize,
    pub(crate) address: SocketAddr,
    /// How the others reach it, and how it reaches the database, when there is something between.
    pub(crate) links: Option<[Link; 2]>,
    running: Mutex<Option<Child>>,
    /// How often it died at a point that was set for it.
    aborted: AtomicUsize,
}

impl Replica {
    pub(crate) fn new(service: Service, number: usize, address: SocketAddr, links: Option<[Link; 2]>) -> Self {
        Self { service, number, address, links, running: Mutex::default(), aborted: AtomicUsize::new(0) }
    }

    pub(crate) fn aborted(&self) -> usize {
        self.aborted.load(Ordering::Relaxed)
    }

    pub(crate) async fn process_id(&self) -> Option<u32> {
        self.running.lock().await.as_ref().and_then(Child::id)
    }

    pub(crate) async fn start(&self, mut command: Command) -> Result<()> {
        let mut running = self.running.lock().await;
        if let Some(child) = running.as_mut() {
            match child.try_wait()? {
                None => return Ok(()),
                Some(status) => self.has_died_at_a_point(status),
            };
        }
        let program = command.as_std().get_program().to_owned();
        *running = Some(command.spawn().with_context(|| format!("{} cannot be run", program.display()))?);
        Ok(())
    }

    pub(crate) async fn signal(&self, signal: Signal) -> Result<()> {
        let mut running = self.running.lock().await;
        let Some(child) = running.as_mut() else { return Ok(()) };
        // One ends by itself at a point that was set for it, or when it finds no database as it starts.
        if let Some(status) = child.try_wait()? {
            self.has_died_at_a_point(status);
            *running = None;
            return Ok(());
        }
        let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)) else { return Ok(()) };
        // It may end by itself just now.
        let _ = kill_process(pid, signal);
        if signal == Signal::KILL || signal == Signal::TERM {
            let ended = tokio::time::timeout(STOP_LIMIT, child.wait()).await;
            let who = || format!("{} {}", self.service.schema(), self.number);
            let status = ended.with_context(|| format!("{} did not stop in {STOP_LIMIT:?}", who()))??;
            // One that has hardly begun does not listen for signals yet, and has nothing to put in order; one that is called by
            // somebody who stands still cuts that call off at the end of its drain, and says so by its status.
            let in_order = status.code().is_some() || status.signal() == Some(signal.as_raw());
            ensure!(in_order || self.has_died_at_a_point(status), "{} stopped with {status}", who());
            *running = None;
        }
        Ok(())
    }

    /// Counts the death of one that ended where it was set to.
    fn has_died_at_a_point(&self, status: ExitStatus) -> bool {
        let died = status.signal() == Some(Signal::ABORT.as_raw());
        self.aborted.fetch_add(usize::from(died), Ordering::Relaxed);
        died
    }
}
