//! The index of one workspace: brought up to a snapshot, then searched, from any thread.
//! It is derived: losing it, or a part of it, costs time and nothing else.

mod fill;
pub(crate) mod probe;
mod reranked;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use base::{AbsPathBuf, Tokens};
use vfs::{Revision, Snapshot};

use crate::crew::Crew;
use crate::document;
use crate::embed::{self, Embedder};
use crate::fusion::Fusion;
use crate::index::fill::Waiting;
use crate::index::probe::Probe;
use crate::index::reranked::Reranking;
use crate::pack::{self, ContextPack};
use crate::query::Query;
use crate::query::vector::vector;
use crate::reader::Reader;
use crate::remote::server::Server;
use crate::remote::sync::{Sync, Synced};
use crate::remote::view::Scope;
use crate::remote::{Remote, Standing};
use crate::save;
use crate::search::meaning::{Embedded, Engine};
use crate::search::{self, Hit};
use crate::segment::bytes::Damaged;
use crate::segment::{Failed, Recipe};
use crate::storage::{self, Kept, Loaded, Storage, StorageError};
use crate::symbols;
use crate::update::{self, Update, Updated, Watcher};
use crate::vector::quantized::Quantized;
use crate::weights;
use crate::writer::Writer;

pub use crate::index::fill::Filled;

/// Updates that come in the way of a save make it begin anew, up to this often; the next one then catches up.
const MAX_SAVES: usize = 3;

/// A searchable view of a workspace's text.
///
/// Searches run beside updates and saves, and never wait for them: each sees the state that was published last, which
/// during a long update has some files in their new content and others in their old one.
pub struct Index {
    /// What searches see; replaced as a whole.
    reader: RwLock<Arc<Reader>>,
    /// Held during an update, and at the beginning and the end of a save.
    writer: Mutex<Writer>,
    /// Held during a save.
    saving: Mutex<()>,
    embedder: Option<Arc<dyn Embedder>>,
    /// What a slow embedder still has to do.
    waiting: Waiting,
    reranker: Option<Reranking>,
    fusion: Fusion,
    /// Asked for what is near in meaning, where there is one.
    remote: Option<Remote>,
    /// Helps with queries.
    crew: Crew,
}

/// What is in an index, and where it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Files with text.
    pub files: usize,
    /// Chunks, windows included.
    pub chunks: usize,
    /// Words counted, repeated ones each time.
    pub words: u64,
    /// Files that turned out to be no text when they were read.
    pub skipped: usize,
    /// Files whose vectors are still to be made, or could not be.
    pub without_vectors: usize,
    /// Pieces that the index is in, on disk and in memory.
    pub segments: usize,
    /// Bytes of the folder; 0 in memory.
    pub bytes_on_disk: u64,
    /// Bytes that are not on disk.
    pub bytes_in_memory: u64,
    /// All files of the newest snapshot are in it.
    pub is_complete: bool,
    /// The newest snapshot; `None` before the first update.
    pub revision: Option<Revision>,
    /// The id of the embedder.
    pub embedder: Option<String>,
    /// Where it is kept.
    pub kept: Kept,
    /// How the vector server stands; `None` without one.
    pub server: Option<Standing>,
}

/// What a search found, and what it looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Best first.
    pub hits: Vec<Hit>,
    /// The snapshot that was searched; `None` before the first update.
    pub revision: Option<Revision>,
    /// All files of that snapshot were searched.
    pub is_complete: bool,
    /// What went wrong and what was done about it, in words: a reranker that is away.
    pub notes: Vec<String>,
}

impl Default for Index {
    fn default() -> Index {
        Index::new()
    }
}

impl Index {
    /// An index of nothing, in memory, that finds by words and names.
    pub fn new() -> Index {
        Index::build(None, None)
    }

    /// An index of nothing, in memory, that finds by meaning too.
    pub fn with_embedder(embedder: Arc<dyn Embedder>) -> Index {
        Index::build(None, Some(embedder))
    }

    /// What it finds meaning by.
    pub fn embedder(&self) -> Option<&Arc<dyn Embedder>> {
        self.embedder.as_ref()
    }

    /// The index that is saved in `folder`, which is made where there is none (for its owner alone) and belongs to the
    /// index with all that is in it. Finds something only after the first update.
    ///
    /// Never fails: what is damaged, or was made by another version or with another embedder, is dropped and made again
    /// by the next update, which tells so in its notes. If the folder cannot be used, the index is in memory
    /// ([`Stats::kept`] says why). If another process has it open, this one reads it and keeps what is new in memory.
    pub fn open(folder: &AbsPathBuf, embedder: Option<Arc<dyn Embedder>>) -> Index {
        Index::build(Some(folder), embedder)
    }

    fn build(folder: Option<&AbsPathBuf>, embedder: Option<Arc<dyn Embedder>>) -> Index {
        let known =
            |embedder: &Arc<dyn Embedder>| Probe::read(&storage::probe(folder?)?, embedder.id());
        let probe = embedder.as_ref().and_then(known).unwrap_or_default();
        let mark = |embedder: &Arc<dyn Embedder>| probe.mark(embedder.id());
        let recipe =
            Recipe { cut: document::recipe(), embedder: embedder.as_ref().map_or(0, mark) };
        let (storage, loaded) = match folder {
            Some(folder) => {
                let (storage, loaded) = Storage::open(folder, recipe);
                (Some(storage), loaded)
            }
            None => (None, Loaded::default()),
        };
        let is_slow = embedder.as_ref().is_some_and(|embedder| embedder.is_slow());
        let writer = Writer::new(recipe, storage, loaded, is_slow);
        Index {
            reader: RwLock::new(Arc::new(writer.reader())),
            writer: Mutex::new(writer),
            saving: Mutex::default(),
            embedder,
            waiting: Waiting::new(probe),
            reranker: None,
            fusion: weights::FUSION,
            remote: None,
            crew: Crew::default(),
        }
    }

    /// The same index with another way to join words and meaning.
    #[must_use]
    pub fn with_fusion(mut self, fusion: Fusion) -> Index {
        self.fusion = fusion;
        self
    }

    /// The same index with a server that finds what is near in meaning, once [`Index::sync`] has brought it up to the
    /// index. Of unsaved text the server hears nothing, and while it is away the index answers by itself.
    #[must_use]
    pub fn with_server(mut self, server: Arc<dyn Server>) -> Index {
        self.remote = Some(Remote::new(server));
        self
    }

    /// Brings the index up to `snap`: files that changed since the last update are cut and counted again, unless their
    /// content was here before; others cost at most a look at their length and time. Open buffers count with their unsaved
    /// text. CPU work; call it where blocking is allowed.
    ///
    /// A snapshot older than the last one changes nothing.
    pub fn update(&self, snap: &Snapshot) -> Updated {
        self.update_watched(snap, &Watcher::none())
    }

    /// As [`Index::update`], for somebody who wants to know how far it is, or to end it early. What was done until then
    /// holds, and the next update goes on from there.
    pub fn update_watched(&self, snap: &Snapshot, watcher: &Watcher<'_>) -> Updated {
        let mut writer = self.writer();
        let cx = Update {
            snap,
            embedder: self.embedder.as_deref(),
            watcher,
            crew: &self.crew,
            publish: &|writer| self.publish(writer),
        };
        loop {
            match update::update(&mut writer, &cx) {
                Ok(mut updated) => {
                    self.waiting.wake();
                    updated.notes.extend(self.remote.as_ref().and_then(Remote::note));
                    return updated;
                }
                // Each time there is a segment less, and in the end none that was not just cut, so this ends.
                Err(damaged) => writer.give_up(damaged),
            }
        }
    }

    /// Writes what is new to the index's folder and merges small segments there, beside updates and searches. Unsaved
    /// text stays in memory. Does nothing without a folder, or where another process writes it.
    ///
    /// # Errors
    /// [`StorageError::Unwritable`]: what was saved before still is, and all is still searched.
    pub fn save(&self) -> Result<(), StorageError> {
        let _saving = self.saving.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..MAX_SAVES {
            let plan = {
                let mut writer = self.writer();
                match save::plan(&mut writer) {
                    Some(plan) => plan,
                    None => return self.save_states(&mut writer),
                }
            };
            match plan.carry_out() {
                Ok(done) => {
                    let mut writer = self.writer();
                    if done.commit(&mut writer)? {
                        self.publish(&writer);
                        return Ok(());
                    }
                }
                Err(Failed::Damaged(damaged)) => self.repair(damaged),
                Err(Failed::Disk(source)) => {
                    return save::note(&mut self.writer(), source).map_or(Ok(()), Err);
                }
            }
        }
        Ok(())
    }

    /// Sends the vector server what is new since the last time, and removes from it what is gone; after a failure, and
    /// at the start, the two are compared first. Takes as long as the server does, beside updates and searches;
    /// `is_cancelled` is asked now and then, and what was done until then holds. Does nothing without a server.
    pub fn sync(&self, is_cancelled: &(dyn Fn() -> bool + std::marker::Sync)) -> Synced {
        let Some(remote) = &self.remote else {
            return Synced { is_complete: true, ..Synced::default() };
        };
        let Some(embedder) = &self.embedder else {
            return remote.out("there is no embedder to make vectors; choose one");
        };
        // A slow one may have to be asked.
        let dim = match embed::width(embedder.as_ref()) {
            Ok(dim) => dim.get().next_multiple_of(32),
            Err(error) => {
                return Synced { problem: Some(error.to_string()), ..Synced::default() };
            }
        };
        let (name, may_remove, recipe) = {
            let mut writer = self.writer();
            let name = writer.storage.as_mut().and_then(Storage::name);
            let kept = writer.storage.as_ref().map_or(Kept::Memory, Storage::kept);
            (name, kept == Kept::Saved, writer.recipe)
        };
        let Some(workspace) = name else {
            return remote
                .out("the index has no folder to keep its name there in; see why it is not saved");
        };
        self.read(|reader| {
            // Of half an index it is not known what is gone.
            if !reader.is_complete {
                return Ok(Synced::default());
            }
            let cx = Sync { reader, may_remove, dim, is_cancelled };
            remote.sync(&cx, Scope { workspace: workspace.clone(), recipe })
        })
    }

    /// How the vector server stands; `None` without one. Waits for nothing.
    pub fn server(&self) -> Option<Standing> {
        self.remote.as_ref().map(Remote::standing)
    }

    /// Whether [`Index::sync`] has something to do by now. Waits for nothing.
    pub fn sync_is_due(&self) -> bool {
        let reader = Arc::clone(&self.reader.read().unwrap_or_else(PoisonError::into_inner));
        reader.is_complete && self.remote.as_ref().is_some_and(|remote| remote.is_due(&reader))
    }

    /// The chunks that fit `query` best, best first. The order is the same for the same content.
    pub fn search(&self, query: &Query) -> Vec<Hit> {
        self.answer(query).hits
    }

    /// As [`Index::search`], with what was searched.
    pub fn answer(&self, query: &Query) -> Answer {
        match &self.reranker {
            Some(reranking) if 0 < query.limit => self.reranked(query, reranking),
            _ => self.answer_plainly(query),
        }
    }

    fn answer_plainly(&self, query: &Query) -> Answer {
        self.crew.rouse();
        let vector = self.vector(query);
        self.read(|reader| {
            let asked = self.remote.as_ref().and_then(|remote| remote.asked(reader));
            let engine = asked.as_ref().map_or(&Embedded as &dyn Engine, |asked| asked);
            let hits =
                search::search(reader, query, vector.as_ref(), self.fusion, engine, &self.crew)?;
            let (revision, is_complete) = (reader.revision(), reader.is_complete);
            Ok(Answer { hits, revision, is_complete, notes: Vec::new() })
        })
    }

    /// What searches see now: the newest snapshot, and whether all its files are in it. Waits for nothing.
    pub fn state(&self) -> (Option<Revision>, bool) {
        let reader = self.reader.read().unwrap_or_else(PoisonError::into_inner);
        (reader.revision(), reader.is_complete)
    }

    /// Definitions named `name` (also qualified: `Outer.inner`), at most `limit`: the same name, then other cases,
    /// then names that begin with it, then names with all its parts.
    pub fn symbols(&self, name: &str, limit: usize) -> Vec<Hit> {
        self.read(|reader| symbols::symbols(reader, name, limit))
    }

    /// Definitions of whatever name, at most `limit`: code first, then by path and place.
    pub fn definitions(&self, limit: usize) -> Vec<Hit> {
        self.read(|reader| symbols::definitions(reader, limit))
    }

    /// Chunks that call, import or use as a type what is named `name`, at most `limit`.
    pub fn references(&self, name: &str, limit: usize) -> Vec<Hit> {
        self.read(|reader| symbols::references(reader, name, limit))
    }

    /// The best hits for `query` that fit into `budget` together, as [`Hit::render`] shows them, without copies.
    ///
    /// `count`: the tokens of a text, as the model that will read it counts them.
    pub fn pack(
        &self,
        query: &Query,
        budget: Tokens,
        count: &dyn Fn(&str) -> Tokens,
    ) -> ContextPack {
        let hits = self.search(&Query { distinct: true, ..query.clone() });
        pack::pack(hits, &query.text, budget, count)
    }

    /// How much is indexed, and where it is kept. Waits for an update to end.
    pub fn stats(&self) -> Stats {
        let writer = self.writer();
        let reader = writer.reader();
        Stats {
            files: reader.n_files(),
            chunks: reader.n_units(),
            words: reader.n_words(),
            skipped: writer.skips.len(),
            without_vectors: fill::n_waiting(&writer),
            segments: reader.parts().len(),
            bytes_on_disk: writer.storage.as_ref().map_or(0, Storage::bytes_on_disk),
            bytes_in_memory: writer.unsaved_bytes(0) as u64,
            is_complete: reader.is_complete,
            revision: reader.revision(),
            embedder: self.embedder.as_ref().map(|embedder| embedder.id().to_owned()),
            kept: writer.storage.as_ref().map_or(Kept::Memory, Storage::kept),
            server: self.remote.as_ref().map(Remote::standing),
        }
    }

    /// Asks the present state; if a part of it turns out to be damaged, repairs that and asks again.
    fn read<T>(&self, ask: impl Fn(&Arc<Reader>) -> Result<T, Damaged>) -> T {
        loop {
            let reader = Arc::clone(&self.reader.read().unwrap_or_else(PoisonError::into_inner));
            match ask(&reader) {
                Ok(answer) => return answer,
                // Each time there is a segment less, and in the end none that was not just cut, so this ends.
                Err(damaged) => self.repair(damaged),
            }
        }
    }

    /// Leaves out a damaged segment and indexes its files again.
    fn repair(&self, damaged: Damaged) {
        let snapshot = {
            let mut writer = self.writer();
            writer.give_up(damaged);
            self.publish(&writer);
            writer.snapshot().cloned()
        };
        if let Some(snapshot) = snapshot {
            let notes = self.update(&snapshot).notes;
            // The next update that is asked for tells of it.
            self.writer().notes.extend(notes);
        }
    }

    fn vector(&self, query: &Query) -> Option<Quantized> {
        let embedder = self.embedder.as_ref()?;
        if embedder.is_slow() && !self.has_vectors() {
            return None;
        }
        // Without an answer the words alone decide; updates tell what is wrong with the embedder.
        let vector = vector(&query.text, &**embedder).ok()?;
        Some(Quantized::new(&vector))
    }

    fn save_states(&self, writer: &mut Writer) -> Result<(), StorageError> {
        let can_write = writer.storage.as_mut().is_some_and(Storage::can_write);
        if writer.is_dirty && can_write { save::write_manifest(writer) } else { Ok(()) }
    }

    fn publish(&self, writer: &Writer) {
        let reader = Arc::new(writer.reader());
        *self.reader.write().unwrap_or_else(PoisonError::into_inner) = reader;
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        // A panic leaves whole parts: each change to the list of them is a single step.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
