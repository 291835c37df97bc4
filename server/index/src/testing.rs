//! A small workspace on disk with its index, for the tests of this crate.
//! It asserts nothing.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base::{AbsPathBuf, ContentHash, RelPath};
use fixture::{Fixture, TempWorkspace};
use vfs::Vfs;

use crate::embed::{EmbedError, Embedder, Text};
use crate::words::word_list;
use crate::{Hit, Index, Query, Updated};

pub(crate) struct World {
    pub(crate) vfs: Vfs,
    pub(crate) index: Index,
    disk: TempWorkspace,
}

impl World {
    /// A workspace with the files of a fixture, indexed in memory.
    pub(crate) fn new(files: &str) -> World {
        World::with(files, Index::new())
    }

    /// The same with an index of its own.
    pub(crate) fn with(files: &str, index: Index) -> World {
        let disk = TempWorkspace::new(&Fixture::parse(files)).unwrap();
        let root = std::fs::canonicalize(disk.path()).unwrap();
        let vfs = Vfs::open(AbsPathBuf::try_from(root).unwrap()).unwrap();
        let world = World { vfs, index, disk };
        world.update();
        world
    }

    /// The same workspace with another index, which is opened when the one before is gone.
    pub(crate) fn reopened(self, open: impl FnOnce() -> Index) -> World {
        let World { vfs, disk, index: before } = self;
        drop(before);
        let world = World { vfs, index: open(), disk };
        world.update();
        world
    }

    /// Gives a file a time long past, which no file had before: that it is as it was, is then told from it.
    pub(crate) fn age(&self, at: &str) {
        static SECONDS: AtomicU64 = AtomicU64::new(1_000_000_000);
        let past = Duration::from_secs(SECONDS.fetch_add(1, Ordering::Relaxed));
        let file = std::fs::File::options().write(true).open(self.disk.path().join(at)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + past).unwrap();
        self.vfs.refresh().unwrap();
    }

    /// Puts a file there as it is, for content that a fixture cannot hold.
    pub(crate) fn put(&self, at: &str, text: &str) {
        self.disk.write(at, text).unwrap();
        self.vfs.refresh().unwrap();
    }

    /// The same without looking at the folder again.
    pub(crate) fn put_quietly(&self, at: &str, text: &str) {
        self.disk.write(at, text).unwrap();
    }

    /// Deletes a file without looking at the folder again.
    pub(crate) fn remove_quietly(&self, at: &str) {
        std::fs::remove_file(self.disk.path().join(at)).unwrap();
    }

    /// Changes, creates or deletes a file, as the rest of the program does.
    pub(crate) fn write(&self, at: &str, text: Option<&str>) {
        let before: Option<Arc<str>> = self.vfs.read_disk(&path(at)).unwrap();
        let expected = before.map(|text| ContentHash::of(text.as_bytes()));
        self.vfs.write(&path(at), expected, text).unwrap();
        self.vfs.refresh().unwrap();
    }

    /// Renames a file on disk.
    pub(crate) fn rename(&self, from: &str, to: &str) {
        let to = self.disk.path().join(to);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::rename(self.disk.path().join(from), to).unwrap();
        self.vfs.refresh().unwrap();
    }

    pub(crate) fn update(&self) -> Updated {
        self.index.update(&self.vfs.snapshot())
    }

    pub(crate) fn search(&self, text: &str) -> Vec<Hit> {
        self.index.search(&Query::new(text))
    }

    /// What an index that never saw an older state answers to the same query.
    pub(crate) fn fresh(&self, embedder: Option<Arc<dyn Embedder>>) -> Index {
        let index = embedder.map_or_else(Index::new, Index::with_embedder);
        index.update(&self.vfs.snapshot());
        index
    }
}

/// A folder for an index; removed when dropped.
pub(crate) struct Folder {
    disk: TempWorkspace,
}

impl Folder {
    pub(crate) fn new() -> Folder {
        Folder { disk: TempWorkspace::new(&Fixture::parse("")).unwrap() }
    }

    /// Where the index lies; made by the index.
    pub(crate) fn path(&self) -> AbsPathBuf {
        AbsPathBuf::try_from(self.disk.path().join("index")).unwrap()
    }

    pub(crate) fn index(&self) -> Index {
        Index::open(&self.path(), None)
    }

    /// The files of the index by name.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.path().as_std_path()).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }

    /// Their names, but for the lock.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        self.files().iter().map(name).filter(|name| name != "lock").collect()
    }

    /// Whether any file of the index holds this text.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let holds = |path: &PathBuf| {
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        self.files().iter().any(holds)
    }
}

/// Knows 32 groups of words: a text's vector is how many of its words are in each.
pub(crate) struct Groups;

impl Embedder for Groups {
    fn id(&self) -> &str {
        "groups-1-32"
    }

    fn dim(&self) -> usize {
        32
    }

    fn embed(&self, text: Text<'_>, out: &mut [f32]) -> Result<(), EmbedError> {
        out.fill(0.0);
        let text = match text {
            Text::Query(text) => text.to_owned(),
            Text::Chunk { path, qualified, signature, doc, body } => {
                let mut parts = path.rsplit('/');
                let (name, folder) = (parts.next().unwrap(), parts.next().unwrap_or_default());
                [name, folder, qualified, signature, doc, body].join(" ")
            }
        };
        for word in word_list(&text) {
            out[word.bytes().map(usize::from).sum::<usize>() % 32] += 1.0;
        }
        let norm = out.iter().map(|number| number * number).sum::<f32>().sqrt();
        if 0.0 < norm {
            out.iter_mut().for_each(|number| *number /= norm);
        }
        Ok(())
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

/// All that an index says to some questions: two indexes with the same content must agree in each bit.
pub(crate) fn answers(index: &Index, questions: &[&str]) -> String {
    let mut all = String::new();
    for text in questions {
        let query = Query::new(*text);
        for hit in index.search(&query) {
            all += &format!("{text} {:08x} {hit:?}\n", hit.score.to_bits());
        }
        for hit in index.symbols(text, 5).into_iter().chain(index.references(text, 5)) {
            all += &format!("{text} {hit:?}\n");
        }
    }
    let stats = index.stats();
    all + &format!("{} {} {}\n", stats.files, stats.chunks, stats.words)
}
