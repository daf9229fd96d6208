//! What the current task knows of the call that it serves, without being told through every function.

use std::{future::Future, sync::Arc};

use crate::{Caller, deadline::Deadline, text::Language};

tokio::task_local! {
    static CURRENT: Call;
}

/// The call that a task serves. Does not follow into a spawned task: work that outlives its call belongs into a
/// timer or an event, where it has a caller of its own.
#[derive(Clone, Debug)]
pub struct Call {
    /// The service of the suite that serves it; several may share a process.
    pub service: &'static str,
    /// The language of its answer.
    pub language: Language,
    /// On whose behalf; none for public methods.
    pub caller: Option<Arc<Caller>>,
    /// When its answer is no longer wanted; none means never.
    pub deadline: Option<Deadline>,
}

impl Call {
    /// Work that a service does of its own accord, such as following a feed, on behalf of `caller`.
    #[must_use]
    pub fn own_work(service: &'static str, caller: Caller) -> Self {
        Self { service, language: caller.language, caller: Some(Arc::new(caller)), deadline: None }
    }

    /// The call that the current task serves; none outside of calls.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Looks at the current call without copying it.
    pub(crate) fn peek<R>(look: impl FnOnce(&Self) -> R) -> Option<R> {
        CURRENT.try_with(look).ok()
    }

    /// Runs `work` as part of this call.
    pub fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }

    /// Runs one synchronous step, such as polling a response body, as part of this call.
    pub(crate) fn step<R>(&self, step: impl FnOnce() -> R) -> R {
        CURRENT.sync_scope(self.clone(), step)
    }
}
