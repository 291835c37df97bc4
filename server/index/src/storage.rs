//! The folder of a saved index: which files count, who may write, and what is left after a crash.
//! It knows nothing of texts and words; it keeps parts, and what was seen of files that are no text.
//!
//! - `lock`: held by the one process that writes. Others read, and keep what is new in memory.
//! - `manifest`: what counts. It is replaced in one step; a segment is complete on disk before a manifest names it.
//! - `probe`: what some texts were to an embedder that may become another behind its name.
//! - `name`: what a vector server knows this index by, where one is used.
//! - `<number>.seg`: segments. One that no manifest names is in the making, or was merged into another, or is the rest of a
//!   crash.
//!
//! What cannot be read is dropped and told: its files are then indexed again.
#![allow(clippy::disallowed_methods, reason = "the index's own files, in its own folder")]

mod manifest;

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base::AbsPathBuf;

use crate::part::Part;
use crate::segment::{Recipe, Refused, Segment};
use crate::storage::manifest::{Listed, Manifest};
use crate::update::seen::Skips;

const MANIFEST: &str = "manifest";
/// A file on its way to its place.
const NEW_FILE: &str = "manifest.new";
const NAME: &str = "name";
const PROBE: &str = "probe";
const LOCK: &str = "lock";
const SEGMENT: &str = "seg";

/// A reader may find a segment gone because the writer has just merged it: there is a new manifest then.
const MAX_READS: usize = 3;

/// Why the index is not saved. It works on, in memory.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The folder or a file in it cannot be written.
    #[error(
        "cannot save the search index in {folder}: {source}; it stays in memory, check the free space and the owner"
    )]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Where an index is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kept {
    /// In memory, because nothing else was asked for.
    #[default]
    Memory,
    /// In its folder.
    Saved,
    /// In its folder, by another process; what this process adds stays in memory.
    Elsewhere,
    /// In memory, because of an error, in words.
    Failed(String),
}

/// The folder of one index.
#[derive(Debug)]
pub(crate) struct Storage {
    folder: PathBuf,
    recipe: Recipe,
    /// `None`: another process writes, or nobody can.
    lock: Option<File>,
    /// That of the manifest that was read or written last.
    generation: u64,
    /// The segments that it names: what is not among them may be in the making.
    named: BTreeSet<u64>,
    next_id: u64,
    /// Why the last try to write failed.
    pub(crate) problem: Option<String>,
}

/// What was found in a folder.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) parts: Vec<Part>,
    pub(crate) skips: Skips,
    /// What was dropped and why, in words.
    pub(crate) dropped: Vec<String>,
}

impl Storage {
    /// Opens the folder, and makes it where there is none. What is wrong with it is told in `problem` and `dropped`.
    pub(crate) fn open(folder: &AbsPathBuf, recipe: Recipe) -> (Storage, Loaded) {
        let mut storage = Storage {
            folder: folder.as_std_path().to_owned(),
            recipe,
            lock: None,
            generation: 0,
            named: BTreeSet::new(),
            next_id: 1,
            problem: None,
        };
        match storage.take_lock() {
            Ok(lock) => storage.lock = lock,
            Err(source) => storage.fail(source),
        }
        let loaded = storage.load();
        if storage.lock.is_some() {
            storage.sweep(&loaded.parts);
        }
        (storage, loaded)
    }

    pub(crate) fn kept(&self) -> Kept {
        match (&self.problem, &self.lock) {
            (Some(problem), _) => Kept::Failed(problem.clone()),
            (None, Some(_)) => Kept::Saved,
            (None, None) => Kept::Elsewhere,
        }
    }

    /// Whether this process writes. If the one that did is gone, and left what this one has read, it takes its place.
    pub(crate) fn can_write(&mut self) -> bool {
        if self.lock.is_none()
            && let Ok(Some(lock)) = self.take_lock()
        {
            let now = self.read_manifest().ok().flatten().map_or(0, |now| now.generation);
            if now == self.generation {
                self.lock = Some(lock);
                self.skip_used_ids();
            }
        }
        self.lock.is_some()
    }

    /// A name for this folder that no other has, for servers that keep parts of many: made when it is first asked for,
    /// and kept as long as the folder. `None` if it cannot be kept, or another process has to make it first.
    pub(crate) fn name(&mut self) -> Option<String> {
        let path = self.folder.join(NAME);
        let is_name =
            |name: &String| name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(name) = fs::read_to_string(&path).ok().filter(is_name) {
            return Some(name);
        }
        if !self.can_write() {
            return None;
        }
        // Each of these has keys of its own from the system's source of chance.
        let [high, low] = [0, 1].map(|half: u8| RandomState::new().hash_one((half, &self.folder)));
        let name = format!("{high:016x}{low:016x}");
        let written = self.replace(NAME, name.as_bytes());
        self.result(written).ok().map(|()| name)
    }

    /// From now on segments are of this recipe. What was written is dropped with the next manifest, or at the next start.
    pub(crate) fn start_anew(&mut self, recipe: Recipe, probe: &[u8]) {
        self.recipe = recipe;
        self.keep_probe(probe);
    }

    /// Keeps the file that [`probe`] reads. Without it a change of the model goes unnoticed, and nothing else.
    pub(crate) fn keep_probe(&mut self, probe: &[u8]) {
        if self.can_write() {
            let written = self.replace(PROBE, probe);
            // Told with the next update, as with all that cannot be written.
            let _ = self.result(written);
        }
    }

    /// A name for the next segment; it is never used again.
    pub(crate) fn next_segment(&mut self) -> (u64, PathBuf) {
        let id = self.next_id;
        self.next_id += 1;
        (id, self.segment_path(id))
    }

    /// Makes `parts` what counts; those that are not saved are left out. Files that count no more are removed, and no others:
    /// another segment may be on its way.
    ///
    /// # Errors
    /// What was there before still counts.
    pub(crate) fn write_manifest<'a>(
        &mut self,
        parts: impl Iterator<Item = &'a Part>,
        skips: &Skips,
    ) -> Result<(), StorageError> {
        let saved: Vec<&Part> = parts.filter(|part| part.is_saved()).collect();
        let manifest = Manifest {
            recipe: self.recipe,
            generation: self.generation + 1,
            next_id: self.next_id,
            segments: saved
                .iter()
                .map(|part| Listed {
                    stub: part.segment.stub(),
                    docs: part.docs().copied().collect(),
                })
                .collect(),
            skips: skips.clone(),
        };
        let written = self.replace_manifest(&manifest.write());
        self.result(written)?;
        self.generation = manifest.generation;
        let kept: BTreeSet<u64> = saved.iter().map(|part| part.segment.id()).collect();
        for id in self.named.difference(&kept) {
            self.discard(&self.segment_path(*id));
        }
        self.named = kept;
        Ok(())
    }

    /// Notes how a try to write ended.
    pub(crate) fn result<T>(&mut self, result: io::Result<T>) -> Result<T, StorageError> {
        match result {
            Ok(value) => {
                self.problem = None;
                Ok(value)
            }
            Err(source) => {
                let error = StorageError::Unwritable { folder: self.folder.clone(), source };
                self.problem = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Waits until the disk knows the names of new files.
    fn sync_folder(&self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.folder)?.sync_all() } else { Ok(()) }
    }

    /// Removes the file of a segment that counts no more.
    fn discard(&self, path: &Path) {
        // Should it stay, it is swept when the folder is opened next time.
        let _ = fs::remove_file(path);
    }

    pub(crate) fn bytes_on_disk(&self) -> u64 {
        let Ok(entries) = fs::read_dir(&self.folder) else { return 0 };
        entries.flatten().filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum()
    }

    fn fail(&mut self, source: io::Error) {
        let error = StorageError::Unwritable { folder: self.folder.clone(), source };
        self.problem = Some(error.to_string());
    }

    /// `None` if another process has it.
    fn take_lock(&self) -> io::Result<Option<File>> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
            builder.mode(0o700);
            options.mode(0o600);
        }
        builder.create(&self.folder)?;
        let file = options.open(self.folder.join(LOCK))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(source)) => Err(source),
        }
    }

    /// `None` if there is none, or one that says nothing of use.
    fn read_manifest(&self) -> Result<Option<Manifest>, String> {
        match fs::read(self.folder.join(MANIFEST)) {
            Ok(bytes) => Manifest::read(&bytes).map(Some).ok_or("it is damaged".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn load(&mut self) -> Loaded {
        let mut loaded = Loaded::default();
        for _ in 0..MAX_READS {
            loaded = Loaded::default();
            let manifest = match self.read_manifest() {
                Ok(Some(manifest)) => manifest,
                Ok(None) => break,
                Err(why) => {
                    loaded.dropped.push(format!("the list of the saved index: {why}"));
                    break;
                }
            };
            self.generation = manifest.generation;
            self.named = manifest.segments.iter().map(|listed| listed.stub.id).collect();
            self.next_id = manifest.next_id;
            if manifest.recipe != self.recipe {
                loaded.dropped.push(format!("the saved index: {}", Refused::OtherRecipe));
                break;
            }
            let mut is_gone = false;
            for listed in manifest.segments {
                let id = listed.stub.id;
                match self.open_segment(listed) {
                    Ok(part) => loaded.parts.push(part),
                    Err(why) => {
                        is_gone |= matches!(&why, Refused::Unreadable(error) if error.kind() == io::ErrorKind::NotFound);
                        loaded.dropped.push(format!("segment {id} of the saved index: {why}"));
                    }
                }
            }
            loaded.skips = manifest.skips;
            if !is_gone || self.lock.is_some() {
                break;
            }
        }
        self.skip_used_ids();
        loaded
    }

    /// Ids are not used again, also where the manifest that knew them is lost.
    fn skip_used_ids(&mut self) {
        let ids = self.segment_files().into_iter().map(|(id, _)| id.saturating_add(1));
        self.next_id = ids.fold(self.next_id, u64::max);
    }

    fn open_segment(&self, listed: Listed) -> Result<Part, Refused> {
        let path = self.segment_path(listed.stub.id);
        let segment = Segment::open(&path, listed.stub, self.recipe)?;
        if segment.n_docs() as usize != listed.docs.len() {
            return Err(Refused::Damaged);
        }
        Ok(Part::new(segment, &listed.docs))
    }

    fn segment_path(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.{SEGMENT}"))
    }

    fn segment_files(&self) -> Vec<(u64, PathBuf)> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let paths = entries.flatten().map(|entry| entry.path());
        let ours = paths.filter(|path| path.extension().is_some_and(|end| end == SEGMENT));
        let id = |path: &Path| path.file_stem()?.to_str()?.parse().ok();
        ours.filter_map(|path| Some((id(&path)?, path))).collect()
    }

    fn replace_manifest(&self, bytes: &[u8]) -> io::Result<()> {
        self.replace(MANIFEST, bytes)
    }

    /// Puts a file there in one step.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let new = self.folder.join(NEW_FILE);
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        // The names of new segments are on disk before anything says that they count.
        self.sync_folder()?;
        fs::rename(&new, self.folder.join(name))?;
        self.sync_folder()
    }

    /// Removes what a crash left.
    fn sweep(&self, parts: &[Part]) {
        let _ = fs::remove_file(self.folder.join(NEW_FILE));
        let kept: BTreeSet<u64> = parts.iter().map(|part| part.segment.id()).collect();
        for (id, path) in self.segment_files() {
            if !kept.contains(&id) {
                self.discard(&path);
            }
        }
    }
}

/// What was kept with [`Storage::keep_probe`] in a folder.
pub(crate) fn probe(folder: &AbsPathBuf) -> Option<Vec<u8>> {
    fs::read(folder.as_std_path().join(PROBE)).ok()
}

#[cfg(test)]
mod tests;
