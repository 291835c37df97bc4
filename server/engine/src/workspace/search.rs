//! Searching the workspace: the index is brought up to the present text first, so that nothing typed is missed.

use base::Tokens;
use index::{ContextPack, Hit, Query, Updated};
use vfs::{Revision, Skipped};

use crate::error::Error;
use crate::workspace::Workspace;

/// What a search found.
#[derive(Debug, Clone)]
pub struct SearchResult {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Files that are not searched, each with the reason.
    pub skipped: Vec<Skipped>,
    /// The text that was searched.
    pub revision: Revision,
}

impl Workspace {
    /// Searches files and unsaved buffers.
    ///
    /// # Errors
    /// [`Error::Workspace`] if the folder cannot be walked.
    pub async fn search(&self, query: Query) -> Result<SearchResult, Error> {
        let (revision, skipped) = self.bring_index_up().await?;
        let index = self.inner.index.clone();
        let hits = blocking(move || index.search(&query)).await?;
        Ok(SearchResult { hits, skipped, revision })
    }

    /// The context that fits `budget`.
    pub(crate) async fn pack(&self, query: Query, budget: Tokens) -> Result<ContextPack, Error> {
        self.bring_index_up().await?;
        let index = self.inner.index.clone();
        blocking(move || index.pack(&query, budget, &models::count_tokens)).await
    }

    async fn bring_index_up(&self) -> Result<(Revision, Vec<Skipped>), Error> {
        let _turn = self.inner.indexing.lock().await;
        let (vfs, index) = (self.inner.vfs.clone(), self.inner.index.clone());
        let walk = self.inner.watch.is_none();
        let updated: Updated = blocking(move || {
            if walk {
                vfs.refresh()?;
            }
            Ok::<Updated, Error>(index.update(&vfs.snapshot()))
        })
        .await??;
        self.inner.saver.changed(&updated);
        Ok((updated.revision, updated.skipped))
    }
}

/// Runs work that keeps a core busy or waits for the disk where it holds up nobody.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Error::Internal(e.to_string()))
}
