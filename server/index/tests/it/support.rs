//! A workspace with the folder of its index, and this test program once more as another process.

use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use base::AbsPathBuf;
use fixture::{Fixture, TempWorkspace};
use index::embed::Embedder;
use index::embed::table::StaticTable;
use index::{Index, Query};
use vfs::Vfs;

/// Tells another process where the workspace is; unset in an ordinary test run.
const ROOT: &str = "INDEX_TEST_ROOT";
/// Tells it that the index has vectors.
const VECTORS: &str = "INDEX_TEST_VECTORS";

const QUESTIONS: &[&str] =
    &["alpha", "beta_3 gamma", "where are common words", "m1.py", "Reader.next", "round"];

/// Removed when dropped.
pub(crate) struct Place {
    disk: TempWorkspace,
    kind: Kind,
}

/// What an index finds by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Words,
    /// Meaning too, by the table in the program.
    Vectors,
}

impl Kind {
    fn embedder(self) -> Option<Arc<dyn Embedder>> {
        match self {
            Kind::Words => None,
            Kind::Vectors => Some(Arc::new(StaticTable::shipped())),
        }
    }
}

impl Place {
    /// A workspace of some files, whose index finds by words.
    pub(crate) fn new(n_files: usize) -> Place {
        Place::of(n_files, Kind::Words)
    }

    pub(crate) fn of(n_files: usize, kind: Kind) -> Place {
        let place = Place { disk: TempWorkspace::new(&Fixture::parse("")).unwrap(), kind };
        for idx in 0..n_files {
            write(place.disk.path(), idx, 0);
        }
        place
    }

    pub(crate) fn root(&self) -> &Path {
        self.disk.path()
    }

    /// Starts `test` of this program as another process, by way of `wrapper` if there is one.
    pub(crate) fn start(&self, test: &str, wrapper: &[&str]) -> Child {
        let program = env::current_exe().unwrap();
        let mut words: Vec<String> = wrapper.iter().map(|word| (*word).to_owned()).collect();
        words.push(program.to_str().unwrap().to_owned());
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).args(["--exact", test, "--nocapture"]);
        command.env(ROOT, self.root()).stdin(Stdio::piped());
        if self.kind == Kind::Vectors {
            command.env(VECTORS, "1");
        }
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What the saved index says is what a fresh one says, and nothing in it was damaged.
    pub(crate) fn check(&self) {
        let (vfs, index) = (vfs(self.root()), open(self.root(), self.kind));
        let updated = index.update(&vfs.snapshot());
        assert_eq!(updated.notes, [] as [&str; 0]);
        assert_eq!(answers(&index), answers(&made_anew(&vfs, self.kind)));
    }
}

/// The numbers of the segments on disk.
pub(crate) fn segments(root: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(root.join("index")) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(|name| name.strip_suffix(".seg")?.parse().ok()).collect()
}

/// Where the workspace is, for a test that is run as another process; `None` in an ordinary run.
pub(crate) fn given() -> Option<PathBuf> {
    env::var_os(ROOT).map(PathBuf::from)
}

pub(crate) fn vfs(root: &Path) -> Vfs {
    Vfs::open(AbsPathBuf::try_from(root.join("workspace")).unwrap()).unwrap()
}

/// The saved index, of the kind that the process was told.
pub(crate) fn index(root: &Path) -> Index {
    open(root, if env::var_os(VECTORS).is_some() { Kind::Vectors } else { Kind::Words })
}

pub(crate) fn open(root: &Path, kind: Kind) -> Index {
    Index::open(&AbsPathBuf::try_from(root.join("index")).unwrap(), kind.embedder())
}

/// Writes a file of the workspace.
pub(crate) fn write(root: &Path, idx: usize, round: usize) {
    let folder = root.join("workspace/src");
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        "\"\"\"Common words.\"\"\"\n\nclass Reader:\n    def next(self):\n        return alpha_{idx}()\n\ndef alpha_{idx}():\n    round_{round}()\n    return beta_{idx}(gamma)\n"
    );
    std::fs::write(folder.join(format!("m{idx}.py")), text).unwrap();
}

/// What an index says to some questions, to the last bit.
pub(crate) fn answers(index: &Index) -> String {
    let mut all = String::new();
    for text in QUESTIONS {
        for hit in index.search(&Query::new(*text)) {
            all += &format!("{text} {:08x} {hit:?}\n", hit.score.to_bits());
        }
        all += &format!("{:?}\n", index.symbols(text, 5));
    }
    all
}

pub(crate) fn fresh(vfs: &Vfs) -> String {
    answers(&made_anew(vfs, Kind::Words))
}

/// An index that never saw anything else.
pub(crate) fn made_anew(vfs: &Vfs, kind: Kind) -> Index {
    let index = kind.embedder().map_or_else(Index::new, Index::with_embedder);
    index.update(&vfs.snapshot());
    index
}

/// Tells the process that started this one that another step is done: one byte, straight to the pipe.
pub(crate) fn step() {
    std::io::stderr().write_all(b".").unwrap();
}

/// Waits until the other process has done so many steps.
pub(crate) fn await_steps(child: &mut Child, count: usize) {
    let mut seen = vec![0; count];
    child.stderr.as_mut().unwrap().read_exact(&mut seen).unwrap();
    assert!(seen.iter().all(|byte| *byte == b'.'), "{}", String::from_utf8_lossy(&seen));
}
