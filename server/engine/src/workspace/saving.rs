//! Saves the index while nobody waits: after many changes at once, else now and then.
//! What it is kept for is the next start; nothing depends on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use index::{Index, Updated};
use tokio::task::JoinHandle;

/// So many changed files are saved at once: to index them again would be felt.
const MANY_FILES: usize = 32;
/// Fewer wait until this has passed since the last time.
const SELDOM: Duration = Duration::from_secs(20);

/// Saves one index, one save at a time.
pub(crate) struct Saver {
    index: Arc<Index>,
    /// Guards the running save; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Begun by `changed`, awaited by `finish`.
    running: Option<JoinHandle<()>>,
    last: Option<Instant>,
    /// Something changed since the last save began.
    is_due: bool,
    /// What the last update had to tell; it is logged when it is new.
    notes: Vec<String>,
}

impl Saver {
    pub(crate) fn new(index: Arc<Index>) -> Saver {
        Saver { index, state: Mutex::default() }
    }

    /// Begins to save, if that is worth it after `updated`. Call it where tasks can be started.
    pub(crate) fn changed(&self, updated: &Updated) {
        let n_files = updated.indexed + updated.removed;
        let mut state = self.state();
        for note in updated.notes.iter().filter(|note| !state.notes.contains(note)) {
            tracing::warn!("search index: {note}");
        }
        state.notes.clone_from(&updated.notes);
        state.is_due |= 0 < n_files;
        let is_running = state.running.as_ref().is_some_and(|save| !save.is_finished());
        let was_just_now = state.last.is_some_and(|last| last.elapsed() < SELDOM);
        if !state.is_due || is_running || (n_files < MANY_FILES && was_just_now) {
            return;
        }
        state.is_due = false;
        state.last = Some(Instant::now());
        let index = self.index.clone();
        state.running = Some(tokio::task::spawn_blocking(move || save(&index)));
    }

    /// Waits for a save that runs, and saves what is new since.
    pub(crate) async fn finish(&self) {
        let (running, is_due) = {
            let mut state = self.state();
            (state.running.take(), std::mem::take(&mut state.is_due))
        };
        if let Some(running) = running
            && let Err(error) = running.await
        {
            tracing::error!("saving the search index ended with a panic: {error}");
        }
        let index = self.index.clone();
        if is_due && tokio::task::spawn_blocking(move || save(&index)).await.is_err() {
            tracing::error!("saving the search index ended with a panic");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn save(index: &Index) {
    if let Err(error) = index.save() {
        // The next update says so in its notes as well; the index goes on in memory.
        tracing::warn!("{error}");
    }
}
