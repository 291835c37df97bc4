//! The tasks of one connection: whoever starts one can end it, and none outlives its client.
//!
//! What the tasks do is not known here.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

/// How long ended tasks may take to let go.
const GRACE: Duration = Duration::from_millis(500);

/// A set of tasks.
#[derive(Default)]
pub(crate) struct Tasks {
    /// `None` once the connection has ended. Filled by `spawn`, which also takes out what has finished.
    set: Mutex<Option<JoinSet<()>>>,
}

impl Tasks {
    /// An empty set that takes tasks.
    pub(crate) fn new() -> Tasks {
        Tasks { set: Mutex::new(Some(JoinSet::new())) }
    }

    /// Starts `task`; after the end of the connection it is dropped instead.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = self.lock();
        let Some(set) = set.as_mut() else { return };
        while let Some(done) = set.try_join_next() {
            log_panic(done);
        }
        set.spawn(task);
    }

    /// Ends all tasks, at their next await, without waiting for that.
    pub(crate) fn abort(&self) {
        drop(self.lock().take());
    }

    /// Ends all tasks and waits until they have let go.
    pub(crate) async fn stop(&self) {
        let set = self.lock().take();
        let Some(mut set) = set else { return };
        set.abort_all();
        let ended = async {
            while let Some(done) = set.join_next().await {
                log_panic(done);
            }
        };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            tracing::warn!("a task does not let itself be ended");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<JoinSet<()>>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn log_panic(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done
        && error.is_panic()
    {
        tracing::error!(%error, "a task of the connection panicked");
    }
}
