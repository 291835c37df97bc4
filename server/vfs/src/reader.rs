//! Reads texts from disk for snapshots, and remembers them for a while.
//!
//! It knows nothing of buffers, and which files there are is not its question.

use std::fs::{File, Metadata};
use std::io::Seek;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use base::{AbsPathBuf, RelPath};

use crate::cache::TextCache;
use crate::disk::{self, Stamp};
use crate::error::{Error, SkipReason, Skipped};
use crate::snapshot::FileMeta;

/// How many bytes of text are kept in memory between readings of files on disk.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// The readable side of the disk below one root, shared by all snapshots.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) root: AbsPathBuf,
    /// Texts of recently read files.
    cache: Mutex<TextCache>,
    /// Files that turned out not to be text: entered by readers, taken by the next snapshot.
    sniffed: Mutex<Vec<(RelPath, Sniffed)>>,
}

impl Reader {
    pub(crate) fn new(root: AbsPathBuf) -> Reader {
        Reader { root, cache: Mutex::new(TextCache::new(CACHE_BYTES)), sniffed: Mutex::default() }
    }

    pub(crate) fn take_sniffed(&self) -> Vec<(RelPath, Sniffed)> {
        std::mem::take(&mut lock(&self.sniffed))
    }

    /// The text of a file; `None` if it does not exist.
    pub(crate) fn read(&self, path: &RelPath) -> Result<Option<Arc<str>>, Error> {
        let now = SystemTime::now();
        let Some((mut file, mut metadata)) = self.open(path)? else {
            return Ok(None);
        };
        let mut stamp = Stamp::of(&metadata);
        if let Some(text) = lock(&self.cache).get(path, &stamp) {
            return Ok(Some(text));
        }
        let io = |err| Error::io(path, err);
        let mut bytes = disk::read_bytes(&mut file, &metadata, path)?;
        // Somebody may be writing it in place: what was read while it changed is read again, but not for ever.
        for _ in 0..3 {
            metadata = file.metadata().map_err(io)?;
            let after = Stamp::of(&metadata);
            if after == stamp {
                break;
            }
            stamp = after;
            file.rewind().map_err(io)?;
            bytes = disk::read_bytes(&mut file, &metadata, path)?;
        }
        let text: Arc<str> = match disk::to_text(bytes) {
            Ok(text) => text.into(),
            Err(reason) => {
                self.note(path, &stamp, &reason);
                let path = path.clone();
                return Err(Error::Skipped { path, reason });
            }
        };
        if !stamp.is_racy(now) {
            lock(&self.cache).insert(path, stamp, Arc::clone(&text));
        }
        Ok(Some(text))
    }

    fn open(&self, path: &RelPath) -> Result<Option<(File, Metadata)>, Error> {
        if let Ok(root) = disk::open_root(&self.root)
            && let Some(opened) = disk::open_at_once(root.as_fd(), path)
        {
            return Ok(Some(opened));
        }
        let Some(dir) = disk::open_parent(&self.root, path)? else {
            return Ok(None);
        };
        let opened = disk::open_file(dir.as_fd(), path);
        if let Err(Error::Skipped { reason, .. }) = &opened
            && let Ok(metadata) = self.root.join(path).as_std_path().symlink_metadata()
        {
            self.note(path, &Stamp::of(&metadata), reason);
        }
        opened
    }

    fn note(&self, path: &RelPath, stamp: &Stamp, reason: &SkipReason) {
        let sniffed =
            Sniffed { modified_ns: stamp.modified_ns, len: stamp.len, reason: reason.clone() };
        lock(&self.sniffed).push((path.clone(), sniffed));
    }
}

/// What reading a file brought to light.
#[derive(Clone, Debug)]
pub(crate) struct Sniffed {
    pub(crate) modified_ns: i128,
    pub(crate) len: u64,
    pub(crate) reason: SkipReason,
}

impl Sniffed {
    pub(crate) fn fits(&self, file: &FileMeta) -> bool {
        self.modified_ns == file.modified_ns && self.len == file.len
    }

    pub(crate) fn skipped(&self, path: &RelPath) -> Skipped {
        Skipped { path: path.as_str().to_owned(), reason: self.reason.clone() }
    }
}

/// A panic elsewhere leaves these values whole: each change to them is a single assignment.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
