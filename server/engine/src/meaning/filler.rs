//! Makes the vectors of a slow embedder, on a thread of its own, as long as the workspace is open.
//!
//! What there is to do, the index knows.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use index::Index;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::workspace::blocking;

/// Files that get their vectors together: what is lost when the process is killed, and how soon a search sees them.
const BATCH_FILES: usize = 32;

/// How often what was made is saved while there is more to do.
const SAVE_EVERY: Duration = Duration::from_secs(60);

/// How long it waits for something to do before it looks by itself.
const IDLE: Duration = Duration::from_secs(600);

/// The thread, if one is needed. Dropping it tells it to end.
pub(crate) struct Filler {
    index: Arc<Index>,
    stop: CancellationToken,
    /// Awaited by `finish`.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Filler {
    /// Begins. `stop` also ends the embedder's waits; after a failure it tries again when `rest` is over.
    pub(crate) fn start(index: Arc<Index>, stop: CancellationToken, rest: Duration) -> Filler {
        let builder = std::thread::Builder::new().name("vectors".to_owned());
        let thread = {
            let (index, stop) = (Arc::clone(&index), stop.clone());
            builder.spawn(move || work(&index, &stop, rest))
        };
        let thread = thread.inspect_err(|error| {
            tracing::warn!("search goes on by words alone: no thread for vectors: {error}");
        });
        Filler { index, stop, thread: Mutex::new(thread.ok()) }
    }

    /// None is needed.
    pub(crate) fn none(index: Arc<Index>, stop: CancellationToken) -> Filler {
        Filler { index, stop, thread: Mutex::default() }
    }

    /// Tells it to end, and waits until it has: at most as long as one text takes.
    pub(crate) async fn finish(&self) -> Result<(), Error> {
        self.end();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        let joined = blocking(move || thread.join()).await?;
        joined.map_err(|_| Error::Internal("making vectors ended with a panic".to_owned()))
    }

    fn end(&self) {
        self.stop.cancel();
        self.index.wake();
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        self.end();
    }
}

fn work(index: &Index, stop: &CancellationToken, rest: Duration) {
    let mut unsaved_since: Option<Instant> = None;
    let mut told = None;
    while !stop.is_cancelled() {
        let pause = match index.embed_waiting(BATCH_FILES) {
            Ok(filled) => {
                if 0 < filled.done {
                    unsaved_since.get_or_insert_with(Instant::now);
                }
                let goes_on = 0 < filled.done || filled.problem.is_some();
                if filled.problem.is_some() && filled.problem != told {
                    let problem = filled.problem.as_deref().unwrap_or_default();
                    tracing::warn!("some files are found by their words only: {problem}");
                    told = filled.problem;
                }
                if 0 < filled.left && goes_on { Duration::ZERO } else { IDLE }
            }
            // What is wrong was told by whoever found it.
            Err(error) => {
                tracing::debug!(%error, "no vectors");
                rest
            }
        };
        let is_long = unsaved_since.is_some_and(|since| SAVE_EVERY <= since.elapsed());
        if unsaved_since.is_some() && (pause == IDLE || is_long) {
            unsaved_since = None;
            save(index);
        }
        if !pause.is_zero() && !stop.is_cancelled() {
            index.wait_for_updates(pause);
        }
    }
    if unsaved_since.is_some() {
        save(index);
    }
}

fn save(index: &Index) {
    if let Err(error) = index.save() {
        // The next update says so as well; the index goes on in memory.
        tracing::debug!(%error, "vectors are not saved");
    }
}
