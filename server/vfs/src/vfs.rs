//! The handle on a workspace's files: buffers come in, snapshots go out.
//!
//! It holds the only mutable state of this crate and no policy: who may write what is decided elsewhere.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use base::{AbsPathBuf, ContentHash, RelPath, Text};
use tokio::sync::watch;

use crate::buffer::{self, Buffer, BufferChange};
use crate::error::Error;
use crate::listing::Found;
use crate::reader::{self, Reader};
use crate::scan::{OnDir, Scanner};
use crate::snapshot::{Revision, Snapshot};
use crate::state::State;
use crate::temp::TempNames;
use crate::watch::Watch;
use crate::write;

/// One workspace's files. Cheap to clone; all clones are the same workspace.
#[derive(Clone, Debug)]
pub struct Vfs {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The root as it was opened, links and all: clients spell their paths this way.
    given: PathBuf,
    reader: Arc<Reader>,
    temps: TempNames,
    /// Held during a scan, so that an older view of the disk never replaces a newer one. Taken before `state`.
    scanner: Mutex<Scanner>,
    /// All that a snapshot is made of. Held for moments, never during IO.
    state: Mutex<State>,
    revision: watch::Sender<Revision>,
}

impl Vfs {
    /// Opens the workspace at `root` and lists its files once. Executes nothing and opens no file.
    ///
    /// # Errors
    /// `Root` if it is not a directory that can be listed, or its real path is not UTF-8.
    pub fn open(root: AbsPathBuf) -> Result<Vfs, Error> {
        let root_error = |source| Error::Root { path: root.to_string(), source };
        let real = root.as_std_path().canonicalize().map_err(root_error)?;
        let real = AbsPathBuf::try_from(real)
            .map_err(|err| root_error(io::Error::new(io::ErrorKind::InvalidData, err)))?;
        let inner = Inner {
            given: root.as_std_path().to_owned(),
            temps: TempNames::new(),
            scanner: Mutex::new(Scanner::new(&real)),
            reader: Arc::new(Reader::new(real)),
            state: Mutex::default(),
            revision: watch::Sender::new(Revision::default()),
        };
        let vfs = Vfs { inner: Arc::new(inner) };
        vfs.refresh()?;
        Ok(vfs)
    }

    /// The real path of the workspace: no link in it.
    pub fn root(&self) -> &AbsPathBuf {
        &self.inner.reader.root
    }

    /// The workspace path of an absolute path, however the client spells the root.
    ///
    /// # Errors
    /// `Outside` if it does not lie below the root.
    pub fn relative(&self, path: &Path) -> Result<RelPath, Error> {
        let roots = [self.root().as_std_path(), &self.inner.given];
        let below = roots.into_iter().find_map(|root| path.strip_prefix(root).ok());
        let outside = || Error::Outside { path: path.display().to_string() };
        // `..` is the system's to resolve: after a link it is not the part before.
        let plain =
            below.filter(|rest| !rest.components().any(|part| part == Component::ParentDir));
        let text = match plain {
            Some(rest) => rest.to_str().map(str::to_owned),
            None => {
                // Another spelling of the root: its real path decides. The file itself need not exist.
                let (dir, name) = path.parent().zip(path.file_name()).ok_or_else(outside)?;
                let real = dir.canonicalize().map_err(|_| outside())?.join(name);
                let rest = real.strip_prefix(self.root().as_std_path());
                rest.ok().and_then(Path::to_str).map(str::to_owned)
            }
        };
        text.and_then(|text| RelPath::parse(&text).ok()).ok_or_else(outside)
    }

    /// The workspace as it is now. Costs a few reference counts.
    pub fn snapshot(&self) -> Snapshot {
        let mut state = self.inner.state();
        state.leave_out(self.inner.reader.take_sniffed());
        Snapshot {
            gone: Arc::default(),
            revision: state.revision,
            listing: state.listing.clone(),
            buffers: Arc::clone(&state.buffers),
            reader: Arc::clone(&self.inner.reader),
        }
    }

    /// How many changes there have been.
    pub fn revision(&self) -> Revision {
        self.inner.state().revision
    }

    /// Is told each new revision; one that comes while nobody looks is overtaken by the next.
    pub fn subscribe(&self) -> watch::Receiver<Revision> {
        self.inner.revision.subscribe()
    }

    /// Takes `text` as the truth about `path` from now on. Opening an open buffer replaces it.
    pub fn open_buffer(&self, path: RelPath, version: i32, text: &str) {
        let text = Text::new(text);
        let mut state = self.inner.state();
        state.put_buffer(path, version, text);
        self.inner.bump(&mut state);
    }

    /// Applies changes in order; neither parses nor does IO.
    ///
    /// `version` is kept as it comes, also where it does not grow: the order of the calls is the order of the text.
    ///
    /// # Errors
    /// `NotOpen` if there is no such buffer; nothing was changed.
    pub fn change_buffer(
        &self,
        path: &RelPath,
        version: i32,
        changes: &[BufferChange],
    ) -> Result<(), Error> {
        let mut state = self.inner.state();
        let Some(open) = state.buffers.get(path) else {
            return Err(Error::NotOpen { path: path.clone() });
        };
        if version <= open.version {
            tracing::debug!(%path, version, was = open.version, "buffer version did not grow");
        }
        let text = buffer::apply(&open.text, changes);
        state.put_buffer(path.clone(), version, text);
        self.inner.bump(&mut state);
        Ok(())
    }

    /// The truth about `path` is on disk again. Does nothing for a path that is not open.
    pub fn close_buffer(&self, path: &RelPath) {
        let mut state = self.inner.state();
        if state.buffers.contains_key(path) {
            Arc::make_mut(&mut state.buffers).remove(path);
            self.inner.bump(&mut state);
        }
    }

    /// The open buffer of `path`.
    pub fn buffer(&self, path: &RelPath) -> Option<Buffer> {
        let state = self.inner.state();
        let open = state.buffers.get(path)?;
        Some(Buffer { version: open.version, text: open.text.clone() })
    }

    /// Lists all files again; the revision grows only if something is different.
    ///
    /// # Errors
    /// `Root` if the root cannot be listed any more; the workspace stays as it was known.
    pub fn refresh(&self) -> Result<(), Error> {
        self.refresh_with(&mut |_| {})
    }

    /// Follows changes on disk until the [`Watch`] is dropped.
    ///
    /// # Errors
    /// `Watch` if the system offers no watching here, `Root` if the root is gone. The workspace works on without.
    pub fn watch(&self) -> Result<Watch, Error> {
        Watch::start(self)
    }

    /// Creates (`expected` is `None`), replaces or deletes (`text` is `None`) one file on disk, whole or not at all.
    ///
    /// The only way in which a user's file changes. The content must hash to `expected` at that moment; among writers
    /// that use this call the check and the change are one step. Missing directories are made. Mode bits are kept,
    /// and the owner where the system allows it; hard links to the old file keep the old content. Killed at any point,
    /// it leaves the old or the new file. Snapshots taken afterwards show the change.
    ///
    /// # Errors
    /// `Stale`, `Exists`, `Absent`: the file is not what the caller thought. `Symlink`, `Git`, `NotAFile`: the path may
    /// not be written. `Skipped`: what is there is too large or unreadable. `DiskFull`, `Busy`, `Io`. In every case the
    /// file is as it was.
    pub fn write(
        &self,
        path: &RelPath,
        expected: Option<ContentHash>,
        text: Option<&str>,
    ) -> Result<(), Error> {
        write::write(self.root(), &self.inner.temps, path, expected, text)?;
        self.inner.scanner().add_parents(path);
        self.rescan(&BTreeSet::from([path.as_str().to_owned()]), &mut |_| {});
        Ok(())
    }

    /// The text of a file on disk, whatever an open buffer says; `None` if there is no such file.
    ///
    /// # Errors
    /// As [`Snapshot::read`], less `Absent`.
    pub fn read_disk(&self, path: &RelPath) -> Result<Option<Arc<str>>, Error> {
        self.inner.reader.read(path)
    }

    /// Removes the temporary files of writers that died half-way; returns how many there were.
    ///
    /// For the opening of a workspace. Files of processes that live are left alone. Ignored directories are not
    /// searched: what lies there goes with the next write to the same directory.
    pub fn sweep(&self) -> usize {
        let dirs: Vec<String> = self.inner.scanner().dirs().map(str::to_owned).collect();
        dirs.iter().map(|dir| write::sweep(self.root(), dir)).sum()
    }

    pub(crate) fn refresh_with(&self, on_dir: OnDir<'_>) -> Result<(), Error> {
        let mut scanner = self.inner.scanner();
        let found = scanner.full(on_dir)?;
        self.inner.publish(&[String::new()], found);
        Ok(())
    }

    /// Looks at `touched` paths again, and below those that are directories.
    pub(crate) fn rescan(&self, touched: &BTreeSet<String>, on_dir: OnDir<'_>) {
        let mut scanner = self.inner.scanner();
        let (scope, found) = scanner.some(touched, on_dir);
        self.inner.publish(&scope, found);
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        reader::lock(&self.state)
    }

    fn scanner(&self) -> MutexGuard<'_, Scanner> {
        reader::lock(&self.scanner)
    }

    fn publish(&self, scope: &[String], found: Found) {
        let mut state = self.state();
        // What was read before this look at the disk says nothing against it.
        state.leave_out(self.reader.take_sniffed());
        if state.take_in(scope, found) {
            self.bump(&mut state);
        }
    }

    /// Tells everybody of a change, while nobody else can make one.
    fn bump(&self, state: &mut State) {
        state.revision.0 += 1;
        self.revision.send_replace(state.revision);
    }
}
