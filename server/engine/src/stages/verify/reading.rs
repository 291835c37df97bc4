//! Parses, while something else takes its time, the texts that are about to be changed: the check of the change is quick then.

use std::future::{Future, pending};
use std::sync::Arc;

use base::RelPath;

use crate::cx::Cx;
use crate::workspace::blocking;

/// Does `work`, and never takes longer for what is read meanwhile. `texts`: looks them up, where that holds up nobody.
pub(crate) async fn while_reading<T>(
    cx: &Cx,
    texts: impl FnOnce() -> Vec<(RelPath, Arc<str>)> + Send + 'static,
    work: impl Future<Output = T>,
) -> T {
    let trees = Arc::clone(cx.workspace.trees());
    let reading = async {
        let read = move || texts().iter().for_each(|(path, text)| trees.read(text, path));
        // The check does without.
        if let Err(error) = blocking(read).await {
            tracing::warn!("parsing ahead failed: {error}");
        }
        pending().await
    };
    tokio::select! {
        done = work => done,
        never = reading => never,
    }
}
