//! A workspace on a temporary directory, and ways to look at it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use base::{AbsPathBuf, RelPath};
use tempfile::TempDir;
use vfs::{Revision, Snapshot, Vfs};

/// Long enough for a busy machine; reached only by a failing test.
const DEADLINE: Duration = Duration::from_secs(30);

/// A directory with files in it. Removed on drop.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    pub(crate) fn new(files: &[(&str, &str)]) -> Tree {
        let tree = Tree { dir: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            tree.put(path, text);
        }
        tree
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub(crate) fn put(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn get(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn open(&self) -> Vfs {
        Vfs::open(AbsPathBuf::try_from(self.dir.path().to_owned()).unwrap()).unwrap()
    }

    /// Everything in a directory, by name.
    pub(crate) fn names(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(path)).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn rel(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

/// The listed paths, space-separated.
pub(crate) fn list(snap: &Snapshot) -> String {
    let paths: Vec<&str> = snap.files().map(|file| file.path.as_str()).collect();
    paths.join(" ")
}

/// One line for each path left out.
pub(crate) fn skipped(snap: &Snapshot) -> String {
    let line = |skipped: &vfs::Skipped| format!("{}: {}\n", skipped.path, skipped.reason);
    snap.skipped().iter().map(line).collect()
}

/// Waits until a snapshot is as wished.
pub(crate) fn wait(
    vfs: &Vfs,
    revisions: &mut tokio::sync::watch::Receiver<Revision>,
    wish: impl Fn(&Snapshot) -> bool,
) -> Snapshot {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let found = runtime.block_on(async {
        tokio::time::timeout(DEADLINE, async {
            loop {
                revisions.borrow_and_update();
                let snap = vfs.snapshot();
                if wish(&snap) {
                    return snap;
                }
                revisions.changed().await.unwrap();
            }
        })
        .await
    });
    found.unwrap_or_else(|_| panic!("never came; the files are: {}", list(&vfs.snapshot())))
}
