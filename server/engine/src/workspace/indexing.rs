//! Brings the index up to the present text: one update at a time, whose progress all can see. Whoever waits for it may
//! give up waiting, or stop it. What is looked for is not known here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use index::{Index, Updated, Watcher};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use vfs::Vfs;

use crate::error::Error;
use crate::workspace::saving::Saver;

/// How far the index is on its way to the present text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Indexing {
    /// Files that were looked at.
    pub done: usize,
    /// Files that have to be looked at.
    pub total: usize,
    /// Since it began.
    pub elapsed: Duration,
}

impl Indexing {
    /// How long the rest takes at the pace so far; `None` before there is a pace.
    pub fn left(&self) -> Option<Duration> {
        let rest = self.total.saturating_sub(self.done) as f64;
        (0 < self.done).then(|| self.elapsed.mul_f64(rest / self.done as f64))
    }
}

/// How long a question waits for the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Until every file is in it.
    Complete,
    /// So long. Then the answer is of the files that are in it by then and says so, and the index goes on growing.
    Within(Duration),
}

/// Updates one index.
pub(super) struct Indexer {
    vfs: Vfs,
    index: Arc<Index>,
    saver: Arc<Saver>,
    /// The file list is not kept up to date by the system, so it is made anew each time.
    walks: bool,
    /// Held during an update: another one waits for it, and then has little left to do.
    turn: Arc<Mutex<()>>,
    /// `Some` during an update that has something to do.
    progress: watch::Sender<Option<Indexing>>,
    /// Stops every update.
    stop: CancellationToken,
}

impl Indexer {
    pub(super) fn new(vfs: Vfs, index: Arc<Index>, saver: Arc<Saver>, walks: bool) -> Indexer {
        Indexer {
            vfs,
            index,
            saver,
            walks,
            turn: Arc::default(),
            progress: watch::Sender::new(None),
            stop: CancellationToken::new(),
        }
    }

    /// Updates the index; `None` if `patience` came to its end before.
    ///
    /// Dropping the future stops the update that it has begun, unless patience has ended. What was done holds, and the
    /// next update goes on from there.
    ///
    /// # Errors
    /// [`Error::Workspace`] if the folder cannot be walked.
    pub(super) async fn bring_up(&self, patience: Patience) -> Result<Option<Updated>, Error> {
        let cancel = self.stop.child_token();
        let stops = cancel.clone().drop_guard();
        let update = self.update(cancel);
        match patience {
            Patience::Complete => update.await.map(Some),
            Patience::Within(limit) => match tokio::time::timeout(limit, update).await {
                Ok(updated) => updated.map(Some),
                Err(_) => {
                    stops.disarm();
                    Ok(None)
                }
            },
        }
    }

    /// How far the update is that is under way.
    pub(super) fn progress(&self) -> watch::Receiver<Option<Indexing>> {
        self.progress.subscribe()
    }

    /// Shows how far something else is that belongs to it.
    pub(super) fn show(&self, at: Option<Indexing>) {
        self.progress.send_replace(at);
    }

    /// Stops what is under way; what is asked for from now on gets what there is.
    pub(super) async fn stop(&self) {
        self.stop.cancel();
        drop(self.turn.lock().await);
    }

    async fn update(&self, cancel: CancellationToken) -> Result<Updated, Error> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let (vfs, index, saver) = (self.vfs.clone(), self.index.clone(), self.saver.clone());
        let (walks, progress) = (self.walks, Shown(self.progress.clone()));
        blocking(move || {
            // Not the caller's: an update that nobody waits for any more still has its turn.
            let _turn = turn;
            if walks {
                vfs.refresh()?;
            }
            let started = Instant::now();
            let watcher = Watcher {
                progress: &|at| {
                    progress.0.send_replace(Some(Indexing {
                        done: at.done,
                        total: at.total,
                        elapsed: started.elapsed(),
                    }));
                },
                is_cancelled: &|| cancel.is_cancelled(),
            };
            let updated = index.update_watched(&vfs.snapshot(), &watcher);
            saver.changed(&updated);
            Ok(updated)
        })
        .await?
    }
}

/// Progress that is over when this is dropped, also by a panic.
struct Shown(watch::Sender<Option<Indexing>>);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.send_replace(None);
    }
}

/// Runs work that keeps a core busy or waits for the disk where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))
}
