//! The index of one workspace: brought up to a snapshot, then searched, from any thread.
//! It is derived and lives in memory only; losing it costs time, nothing else.

use std::sync::{Mutex, PoisonError, RwLock};

use base::Tokens;
use vfs::Snapshot;

use crate::pack::{self, ContextPack};
use crate::query::Query;
use crate::search::{self, Hit};
use crate::state::State;
use crate::symbols;
use crate::update::{self, Updated};

/// A searchable view of a workspace's text.
///
/// Searches run beside an update; what they see is a mix of the old and the new files until it is done, never half a
/// file.
#[derive(Default)]
pub struct Index {
    state: RwLock<State>,
    /// Held during an update: two at once would overtake each other.
    updating: Mutex<()>,
}

/// The size of an index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files with text.
    pub files: usize,
    /// Chunks, windows included.
    pub chunks: usize,
    /// Words counted, repeated ones each time.
    pub words: u64,
}

impl Index {
    /// An index of nothing.
    pub fn new() -> Index {
        Index::default()
    }

    /// Brings the index up to `snap`: files that changed since the last update are cut and counted again, others cost
    /// a look at their length and time. Open buffers count with their unsaved text. CPU work; call it where blocking
    /// is allowed.
    ///
    /// A snapshot older than the last one changes nothing.
    pub fn update(&self, snap: &Snapshot) -> Updated {
        let _updating = self.updating.lock().unwrap_or_else(PoisonError::into_inner);
        update::update(&self.state, snap)
    }

    /// The chunks that fit `query` best, best first. The order is the same for the same content.
    pub fn search(&self, query: &Query) -> Vec<Hit> {
        search::search(&self.state.read().unwrap_or_else(PoisonError::into_inner), query)
    }

    /// Definitions named `name` (also qualified: `Outer.inner`), at most `limit`: the same name, then other cases,
    /// then names that begin with it, then names with all its parts.
    pub fn symbols(&self, name: &str, limit: usize) -> Vec<Hit> {
        symbols::symbols(&self.state.read().unwrap_or_else(PoisonError::into_inner), name, limit)
    }

    /// The best hits for `query` that fit into `budget` together, as [`Hit::render`] shows them.
    ///
    /// `count`: the tokens of a text, as the model that will read it counts them.
    pub fn pack(
        &self,
        query: &Query,
        budget: Tokens,
        count: &dyn Fn(&str) -> Tokens,
    ) -> ContextPack {
        pack::pack(self.search(query), &query.text, budget, count)
    }

    /// How much is indexed.
    pub fn stats(&self) -> Stats {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        Stats { files: state.n_files(), chunks: state.n_units, words: state.n_words }
    }
}
