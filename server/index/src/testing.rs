//! A small workspace on disk with its index, for the tests of this crate.
//! It asserts nothing.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use base::{AbsPathBuf, ContentHash, RelPath};
use fixture::{Fixture, TempWorkspace};
use vfs::Vfs;

use crate::{Hit, Index, Query, Updated};

pub(crate) struct World {
    pub(crate) vfs: Vfs,
    pub(crate) index: Index,
    disk: TempWorkspace,
}

impl World {
    /// A workspace with the files of a fixture, indexed.
    pub(crate) fn new(files: &str) -> World {
        let disk = TempWorkspace::new(&Fixture::parse(files)).unwrap();
        let root = std::fs::canonicalize(disk.path()).unwrap();
        let vfs = Vfs::open(AbsPathBuf::try_from(root).unwrap()).unwrap();
        let world = World { vfs, index: Index::new(), disk };
        world.update();
        world
    }

    /// Puts a file there as it is, for content that a fixture cannot hold.
    pub(crate) fn put(&self, at: &str, text: &str) {
        self.disk.write(at, text).unwrap();
        self.vfs.refresh().unwrap();
    }

    /// Changes, creates or deletes a file, as the rest of the program does.
    pub(crate) fn write(&self, at: &str, text: Option<&str>) {
        let before: Option<Arc<str>> = self.vfs.read_disk(&path(at)).unwrap();
        let expected = before.map(|text| ContentHash::of(text.as_bytes()));
        self.vfs.write(&path(at), expected, text).unwrap();
        self.vfs.refresh().unwrap();
    }

    pub(crate) fn update(&self) -> Updated {
        self.index.update(&self.vfs.snapshot())
    }

    pub(crate) fn search(&self, text: &str) -> Vec<Hit> {
        self.index.search(&Query::new(text))
    }
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

/// One line for each hit: place, name or first line, reason.
pub(crate) fn show(hits: &[Hit]) -> String {
    let mut shown = String::new();
    for hit in hits {
        let name =
            if hit.chunk.name.is_empty() { &hit.chunk.signature } else { &hit.chunk.qualified };
        let (first, last) = hit.chunk.lines;
        shown += &format!("{}:{first}-{last} {name} | {}\n", hit.path, hit.reason);
    }
    shown
}
