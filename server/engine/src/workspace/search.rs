//! Questions to the index: code by words and meaning, definitions by name, context for a request. The index is brought up
//! to the present text first, so that nothing typed is missed; every answer says what was searched.

use base::Tokens;
use index::{Filter, Hit, Query, Stats, Updated};
use tokio::sync::watch;
use vfs::{Revision, Skipped};

use crate::adapt::Focus;
use crate::error::Error;
use crate::stages::retrieve::{self, ContextPack};
use crate::workspace::Workspace;
use crate::workspace::indexing::{Indexing, Patience, blocking};
use crate::workspace::symbols::{Like, Symbol, SymbolQuery};

/// Of a longer query only the start is looked for, in bytes.
const MAX_QUERY_BYTES: usize = 64 << 10;
/// The same for a name.
const MAX_NAME_BYTES: usize = 256;

/// What an answer is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Searched {
    /// The state of the text; `None` if nothing has been indexed yet.
    pub revision: Option<Revision>,
    /// All files of that state were searched.
    pub is_complete: bool,
    /// Files that are never searched, each with the reason.
    pub skipped: Vec<Skipped>,
    /// What the asker should know, in words: how far the index is, what of the question was left out, what went wrong.
    pub notes: Vec<String>,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchResult {
    /// Best first.
    pub hits: Vec<Hit>,
    /// In what.
    pub searched: Searched,
}

/// The definitions with a name.
#[derive(Debug, Clone, PartialEq)]
pub struct SymbolResult {
    /// Best first.
    pub symbols: Vec<Symbol>,
    /// In what.
    pub searched: Searched,
}

/// What is in the index, and what bringing it up took.
#[derive(Debug, Clone)]
pub struct IndexReport {
    /// What is in it, and where it is kept.
    pub stats: Stats,
    /// What was done to bring it up to the present text.
    pub updated: Updated,
}

impl Workspace {
    /// Searches files and unsaved buffers.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an empty query, [`Error::Workspace`] if the folder cannot be walked.
    pub async fn search(
        &self,
        mut query: Query,
        patience: Patience,
    ) -> Result<SearchResult, Error> {
        let cut = checked(&mut query.text, "query", MAX_QUERY_BYTES)?;
        let mut searched = self.searched(patience, cut, &query.paths).await?;
        let index = self.inner.index.clone();
        let answer = blocking(move || index.answer(&query)).await?;
        (searched.revision, searched.is_complete) = (answer.revision, answer.is_complete);
        searched.notes.extend(answer.notes);
        Ok(SearchResult { hits: answer.hits, searched })
    }

    /// Finds definitions by name, in files and unsaved buffers; with [`Like::Any`] as many as are wanted, of whatever name.
    ///
    /// # Errors
    /// As [`Workspace::search`].
    pub async fn symbols(
        &self,
        mut query: SymbolQuery,
        patience: Patience,
    ) -> Result<SymbolResult, Error> {
        let cut = match query.like {
            Like::Any => Vec::new(),
            Like::Exact | Like::Fuzzy => checked(&mut query.name, "name", MAX_NAME_BYTES)?,
        };
        let searched = self.searched(patience, cut, &[]).await?;
        let index = self.inner.index.clone();
        let symbols = blocking(move || query.ask(&index)).await?;
        Ok(SymbolResult { symbols, searched })
    }

    /// The code that a model would be given for a request, the text of `query`: never more than `budget` when it is
    /// rendered. Of files that `query.paths` leaves out there is nothing.
    ///
    /// # Errors
    /// As [`Workspace::search`].
    pub async fn context(
        &self,
        query: Query,
        budget: Tokens,
        patience: Patience,
    ) -> Result<(ContextPack, Searched), Error> {
        let Query { mut text, paths, boost, .. } = query;
        let cut = checked(&mut text, "request", MAX_QUERY_BYTES)?;
        let searched = self.searched(patience, cut, &paths).await?;
        let focus = Focus { query: text, boost, ..Focus::default() };
        let pack = retrieve::gather(self, &self.vfs().snapshot(), &focus, &paths, budget).await?;
        Ok((pack, searched))
    }

    /// Brings the index up to the present text, saves it, and says what is in it.
    ///
    /// # Errors
    /// [`Error::Workspace`] if the folder cannot be walked.
    pub async fn index_stats(&self) -> Result<IndexReport, Error> {
        let updated = self.inner.indexer.bring_up(Patience::Complete).await?;
        let updated = updated.expect("whoever waits for all of it gets all of it");
        self.inner.saver.finish().await;
        let index = self.inner.index.clone();
        Ok(IndexReport { stats: blocking(move || index.stats()).await?, updated })
    }

    /// How far the index is on its way to the present text; `None` while nothing is under way.
    pub fn indexing(&self) -> watch::Receiver<Option<Indexing>> {
        self.inner.indexer.progress()
    }

    pub(crate) async fn bring_index_up(&self) -> Result<(), Error> {
        self.inner.indexer.bring_up(Patience::Complete).await.map(drop)
    }

    /// The context that fits `budget`, from the index as it is; each hit costs `frame` besides its own text.
    pub(crate) async fn pack(
        &self,
        query: Query,
        budget: Tokens,
        frame: Tokens,
    ) -> Result<index::ContextPack, Error> {
        let index = self.inner.index.clone();
        let count = move |text: &str| Tokens(models::count_tokens(text).0 + frame.0);
        blocking(move || index.pack(&query, budget, &count)).await
    }

    /// Brings the index up as far as `patience` goes, and says what a question will be about.
    async fn searched(
        &self,
        patience: Patience,
        mut notes: Vec<String>,
        paths: &[String],
    ) -> Result<Searched, Error> {
        let updated = self.inner.indexer.bring_up(patience).await?;
        let (revision, is_complete) = self.inner.index.state();
        let snapshot = self.inner.vfs.snapshot();
        for pattern in paths.iter().filter(|pattern| !pattern.trim_start().starts_with('!')) {
            let filter = Filter::new(std::slice::from_ref(pattern));
            if !snapshot.files().any(|file| filter.allows(file.path.as_str())) {
                notes.push(format!(
                    "no file matches `{}`; give paths relative to the workspace, or globs such as `src/**/*.rs`",
                    shown(pattern)
                ));
            }
        }
        if !is_complete {
            notes.push(unfinished(*self.inner.indexer.progress().borrow()));
        }
        let (skipped, new) = match updated {
            Some(updated) => (updated.skipped, updated.notes),
            None => (snapshot.skipped().to_vec(), Vec::new()),
        };
        notes.extend(new);
        Ok(Searched { revision, is_complete, skipped, notes })
    }
}

/// Shortens a text that is too long, and says so.
fn checked(text: &mut String, what: &str, max_bytes: usize) -> Result<Vec<String>, Error> {
    if text.trim().is_empty() {
        return Err(Error::BadRequest(format!(
            "the {what} is empty; give words, a name or an error message"
        )));
    }
    if text.len() <= max_bytes {
        return Ok(Vec::new());
    }
    let note =
        format!("the {what} has {} bytes; only its first {max_bytes} were looked for", text.len());
    text.truncate(text.floor_char_boundary(max_bytes));
    Ok(vec![note])
}

fn unfinished(at: Option<Indexing>) -> String {
    let far = at.map_or(String::new(), |at| {
        let left = at
            .left()
            .map_or(String::new(), |left| format!(", about {} s left", left.as_secs().max(1)));
        format!(" ({} of {} files{left})", at.done, at.total)
    });
    format!("the index is not complete yet{far}; ask again for more")
}

fn shown(pattern: &str) -> String {
    let start: String = pattern.chars().take(120).collect();
    if start.len() < pattern.len() { format!("{start}…") } else { start }
}
