//! Questions about code to the project's language servers: what a name is, where it is defined and used, what is in a file, what
//! is wrong with it, and edits that a server proposes. Where no server can tell, names alone do, and the answer says so.
//! Nothing is edited here: an edit comes back as a patch.

use std::sync::Arc;
use std::time::Duration;

use base::{AbsPathBuf, RelPath};
use lsp::Pool;
use schemars::JsonSchema;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use vfs::Snapshot;

use crate::error::Error;

mod address;
mod ask;
mod definitions;
mod edits;
mod findings;
mod names;
mod places;
mod symbols;
#[cfg(test)]
mod tests;

pub use address::{Address, Named, Target};
pub use definitions::Definition;
pub use edits::ActionName;
pub use findings::{FileFindings, Findings};
pub use places::{FilePlaces, Part, Place, Places};
pub use symbols::{CodeSymbol, CodeSymbols};

/// What is asked, and whom. Dropping a question ends it.
#[derive(Clone, Debug)]
pub struct Code {
    /// The language servers of the workspace.
    pub servers: Pool,
    /// The workspace.
    pub root: AbsPathBuf,
    /// Its files as they are now, unsaved text included.
    pub snapshot: Snapshot,
    /// How long a question may take.
    pub time: Duration,
}

/// An answer, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Said<T> {
    /// There is one; it may be that there is nothing.
    Answer {
        /// Who says so.
        by: By,
        /// What was asked for.
        found: T,
        /// What to know about it.
        notes: Vec<String>,
    },
    /// Nobody has answered, which says nothing about the code.
    NoAnswer {
        /// Why.
        why: String,
    },
}

/// Who has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A language server.
    Server {
        /// Its name: `pyright`.
        name: &'static str,
        /// What it says its version is.
        version: Option<String>,
    },
    /// Names alone: definitions and words that are written the same, whatever they mean there.
    Names {
        /// Why no server was asked.
        why: String,
    },
}

/// Who has answered, for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SaidBy {
    /// The language server that has answered, or `names`: what is written the same, whatever it means there. Absent where there
    /// is no answer.
    pub by: Option<String>,
    /// Why there is no answer. It says nothing about the code.
    pub no_answer: Option<String>,
    /// What to know about the answer.
    pub notes: Vec<String>,
}

impl<T> Said<T> {
    /// The answer apart from who has given it.
    pub fn split(self) -> (SaidBy, Option<T>) {
        match self {
            Said::Answer { by: By::Server { name, .. }, found, notes } => {
                (SaidBy { by: Some(name.to_owned()), no_answer: None, notes }, Some(found))
            }
            Said::Answer { by: By::Names { why }, found, mut notes } => {
                notes.insert(0, format!("by names alone, for {why}"));
                (SaidBy { by: Some("names".to_owned()), no_answer: None, notes }, Some(found))
            }
            Said::NoAnswer { why } => (SaidBy { no_answer: Some(why), ..SaidBy::default() }, None),
        }
    }
}

impl Code {
    /// The text of a file.
    fn read(&self, path: &RelPath) -> Result<Arc<str>, Error> {
        read(&self.snapshot, path)
    }
}

fn read(snapshot: &Snapshot, path: &RelPath) -> Result<Arc<str>, Error> {
    snapshot.read(path).map_err(|error| match error {
        vfs::Error::Absent { .. } => Error::Question(format!("there is no file `{path}`")),
        error => Error::Question(error.to_string()),
    })
}

/// Work that reads many files, off the threads that others wait for. It is stopped when nobody waits for it any more.
///
/// # Errors
/// It has panicked; the reason.
async fn scan<T: Send + 'static>(
    work: impl FnOnce(&CancellationToken) -> T + Send + 'static,
) -> Result<T, String> {
    let cancel = CancellationToken::new();
    let stops = cancel.clone().drop_guard();
    let done = tokio::task::spawn_blocking(move || work(&cancel)).await;
    drop(stops);
    done.map_err(|error| format!("internal error: {error}"))
}

/// A text of others, as far as it is told.
fn bounded(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
