//! Gets the languages of a workspace ready beside everything else, so that the first file that changes need not wait until
//! its language's queries are compiled. Which languages there are, the names of the files say; it reads none.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use syntax::Language;
use tokio_util::sync::CancellationToken;
use vfs::Snapshot;

use crate::error::Error;
use crate::workspace::blocking;

/// The thread, while there is one. Dropping it tells it to end.
#[derive(Default)]
pub(super) struct Languages {
    stop: CancellationToken,
    /// Awaited by `finish`.
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Languages {
    /// Begins, with the language that most files are written in.
    pub(super) fn prepare(&self, snapshot: Snapshot) {
        let stop = self.stop.clone();
        let work = move || {
            for lang in by_use(&snapshot) {
                if stop.is_cancelled() {
                    return;
                }
                syntax::prepare(lang);
            }
        };
        match std::thread::Builder::new().name("languages".to_owned()).spawn(work) {
            Ok(thread) => {
                *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread);
            }
            Err(error) => tracing::debug!(%error, "languages are got ready when they are used"),
        }
    }

    /// Tells it to end, and waits until it has: at most as long as one language takes.
    pub(super) async fn finish(&self) -> Result<(), Error> {
        self.stop.cancel();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return Ok(()) };
        let joined = blocking(move || thread.join()).await?;
        joined.map_err(|_| Error::Internal("getting languages ready ended with a panic".to_owned()))
    }
}

impl Drop for Languages {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The languages of the files, the one with the most files first.
fn by_use(snapshot: &Snapshot) -> Vec<&'static Language> {
    let mut counts: BTreeMap<&str, (usize, &'static Language)> = BTreeMap::new();
    for lang in snapshot.files().filter_map(|file| syntax::detect(&file.path, None)) {
        counts.entry(lang.id).or_insert((0, lang)).0 += 1;
    }
    let mut counts: Vec<(usize, &'static Language)> = counts.into_values().collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(_, lang)| lang).collect()
}

#[cfg(test)]
mod tests;
