//! An immutable view of the workspace at one revision.
//!
//! It pins the list of files and the text of every open buffer. It does not copy the disk: texts are read on demand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use base::{RelPath, Text};

use crate::buffer::OpenFile;
use crate::error::{Error, Skipped};
use crate::listing::Listing;
use crate::reader::Reader;

/// Counts the changes of a workspace; a later one is larger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a list of files says of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMeta {
    /// Where it is.
    pub path: RelPath,
    /// Bytes: of the buffer if one is open, else on disk.
    pub len: u64,
    /// When the file on disk last changed, in nanoseconds since the epoch; 0 where there is none.
    pub modified_ns: i128,
    /// The client's version of the open buffer.
    pub buffer_version: Option<i32>,
}

/// The workspace at one revision. Cheap to clone and to keep.
///
/// The files' names and the open buffers stay as they were. A file on disk is read when it is asked for: if it changed
/// after the snapshot was taken, the newer text is returned (a change made against it carries that text's hash, so
/// nothing is lost); if it vanished, reading it is [`Error::Absent`].
#[derive(Clone)]
pub struct Snapshot {
    pub(crate) revision: Revision,
    pub(crate) listing: Listing,
    pub(crate) buffers: Arc<BTreeMap<RelPath, Arc<OpenFile>>>,
    /// What is taken for gone, whatever lies there; none of `buffers`.
    pub(crate) gone: Arc<BTreeSet<RelPath>>,
    pub(crate) reader: Arc<Reader>,
}

impl Snapshot {
    /// Which state of the workspace this is.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// All files, open buffers included, sorted by path. What lies in a `.git` directory is not listed.
    pub fn files(&self) -> impl Iterator<Item = &FileMeta> {
        let disk = self.listing.files.iter().map(|file| &**file);
        let mut disk = disk.filter(|file| !self.gone.contains(&file.path)).peekable();
        let buffers = self.buffers.values().map(|open| &open.meta);
        let mut buffers = buffers.filter(|meta| !meta.path.is_git_dir()).peekable();
        std::iter::from_fn(move || match (disk.peek(), buffers.peek()) {
            (Some(file), Some(buffer)) => {
                if file.path < buffer.path {
                    return disk.next();
                }
                if file.path == buffer.path {
                    disk.next();
                }
                buffers.next()
            }
            (Some(_), None) => disk.next(),
            (None, _) => buffers.next(),
        })
    }

    /// How many files there are.
    pub fn n_files(&self) -> usize {
        let is_new = |path: &&RelPath| !path.is_git_dir() && self.listing.get(path).is_none();
        let n_gone = self.gone.iter().filter(|path| self.listing.get(path).is_some()).count();
        self.listing.files.len() - n_gone + self.buffers.keys().filter(is_new).count()
    }

    /// The files that are not here what they are in `older`, sorted by path, each with its entry here, if it has one. Where
    /// the lists are not the very same, it costs a look at each entry, and at the paths of those alone that are others.
    ///
    /// A file that is as it was may be among them; the others are as the lists and the buffers of both tell.
    pub fn changed_since(&self, older: &Snapshot) -> Vec<(RelPath, Option<&FileMeta>)> {
        let mut paths = self.listing.differences(&older.listing);
        if !Arc::ptr_eq(&self.buffers, &older.buffers) {
            for (buffers, others) in [(self, older), (older, self)] {
                let is_same = |(path, open): &(&RelPath, &Arc<OpenFile>)| {
                    others.buffers.get(path).is_some_and(|other| Arc::ptr_eq(open, other))
                };
                let differ = buffers.buffers.iter().filter(|entry| !is_same(entry));
                paths.extend(differ.map(|(path, _)| path));
            }
        }
        paths.sort_unstable();
        paths.dedup();
        paths.into_iter().map(|path| (path.clone(), self.meta(path))).collect()
    }

    /// What was left out of the disk's files and why, sorted by path. One that is open as a buffer is in `files` as well.
    ///
    /// A file that turned out not to be text when it was read is among the `files` of snapshots taken before, and here
    /// in those taken after.
    pub fn skipped(&self) -> &[Skipped] {
        &self.listing.skipped
    }

    /// Whether `files` has this path.
    pub fn contains(&self, path: &RelPath) -> bool {
        self.meta(path).is_some()
    }

    /// The entry in `files`.
    pub fn meta(&self, path: &RelPath) -> Option<&FileMeta> {
        if path.is_git_dir() || self.gone.contains(path) {
            return None;
        }
        match self.buffers.get(path) {
            Some(open) => Some(&open.meta),
            None => self.listing.get(path),
        }
    }

    /// The text: of the buffer if one is open, else of the file on disk, listed or not.
    ///
    /// # Errors
    /// `Absent` if there is no such file (any more); `Skipped` if it is not text, too large or unreadable; `Symlink`,
    /// `NotAFile`, `Git` if the path may not be read; `Io`.
    pub fn read(&self, path: &RelPath) -> Result<Arc<str>, Error> {
        match self.buffers.get(path) {
            Some(open) => Ok(open.whole()),
            None if self.gone.contains(path) => Err(Error::Absent { path: path.clone() }),
            None => match self.reader.read(path)? {
                Some(text) => Ok(text),
                None => Err(Error::Absent { path: path.clone() }),
            },
        }
    }

    /// The open buffers whose text is not what lies on disk, sorted by path.
    pub fn overlay(&self) -> Vec<(RelPath, Arc<str>)> {
        let differs = |(path, open): (&RelPath, &Arc<OpenFile>)| {
            let text = open.whole();
            match self.reader.read(path) {
                Ok(Some(disk)) if disk == text => None,
                _ => Some((path.clone(), text)),
            }
        };
        let mine = self.buffers.iter().filter(|(path, _)| !path.is_git_dir());
        mine.filter_map(differs).collect()
    }

    /// The same with `texts` laid over it, as if they were open. Nobody else sees them, and its revision does not tell.
    pub fn over(&self, texts: impl IntoIterator<Item = (RelPath, Arc<str>)>) -> Snapshot {
        let (mut buffers, mut gone) = ((*self.buffers).clone(), (*self.gone).clone());
        for (path, text) in texts {
            gone.remove(&path);
            let empty =
                FileMeta { path: path.clone(), len: 0, modified_ns: 0, buffer_version: None };
            let meta = self.meta(&path).cloned().unwrap_or(empty);
            let version = meta.buffer_version.unwrap_or(0);
            buffers.insert(path, Arc::new(OpenFile::new(meta, version, Text::new(&text))));
        }
        Snapshot { buffers: Arc::new(buffers), gone: Arc::new(gone), ..self.clone() }
    }

    /// The same without these files, whatever is open or lies there. Nobody else sees that.
    pub fn without(&self, paths: impl IntoIterator<Item = RelPath>) -> Snapshot {
        let (mut buffers, mut gone) = ((*self.buffers).clone(), (*self.gone).clone());
        for path in paths {
            buffers.remove(&path);
            gone.insert(path);
        }
        Snapshot { buffers: Arc::new(buffers), gone: Arc::new(gone), ..self.clone() }
    }

    /// The files that [`Snapshot::without`] has taken away.
    pub fn gone(&self) -> &BTreeSet<RelPath> {
        &self.gone
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("revision", &self.revision)
            .field("files", &self.listing.files.len())
            .field("buffers", &self.buffers.len())
            .finish_non_exhaustive()
    }
}
