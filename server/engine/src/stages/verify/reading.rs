//! Parses, while something else takes its time, the texts that are about to be changed: the check of the change is quick then.

use std::future::{Future, pending};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use base::RelPath;
use tools::parse::Trees;

use crate::cx::Cx;
use crate::workspace::blocking;

/// Does `work`, and never takes longer for what is read meanwhile. `texts`: looks them up, where that holds up nobody.
pub(crate) async fn while_reading<T>(
    cx: &Cx,
    texts: impl FnOnce() -> Vec<(RelPath, Arc<str>)> + Send + 'static,
    work: impl Future<Output = T>,
) -> T {
    let trees = Arc::clone(cx.workspace.trees());
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let reading = async {
        let read = move || {
            let texts = texts();
            for (path, text) in texts.iter().take(Trees::MOST) {
                // Nobody waits for more than what is done.
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                trees.read(text, path);
            }
        };
        // The check does without.
        if let Err(error) = blocking(read).await {
            tracing::warn!("parsing ahead failed: {error}");
        }
        pending().await
    };
    let done = tokio::select! {
        done = work => done,
        never = reading => never,
    };
    over.store(true, Ordering::Relaxed);
    done
}
