//! A workspace with the folder of its index, and this test program once more as another process.

use std::env;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use base::AbsPathBuf;
use fixture::{Fixture, TempWorkspace};
use index::{Index, Query};
use vfs::Vfs;

/// Tells another process where the workspace is; unset in an ordinary test run.
const ROOT: &str = "INDEX_TEST_ROOT";

const QUESTIONS: &[&str] =
    &["alpha", "beta_3 gamma", "where are common words", "m1.py", "Reader.next", "round"];

/// Removed when dropped.
pub(crate) struct Place {
    disk: TempWorkspace,
}

impl Place {
    /// A workspace of some files.
    pub(crate) fn new(n_files: usize) -> Place {
        let place = Place { disk: TempWorkspace::new(&Fixture::parse("")).unwrap() };
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
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// What the saved index says is what a fresh one says, and nothing in it was damaged.
    pub(crate) fn check(&self) {
        let (vfs, index) = (vfs(self.root()), index(self.root()));
        let updated = index.update(&vfs.snapshot());
        assert_eq!(updated.notes, [] as [&str; 0]);
        assert_eq!(answers(&index), fresh(&vfs));
    }
}

/// Where the workspace is, for a test that is run as another process; `None` in an ordinary run.
pub(crate) fn given() -> Option<PathBuf> {
    env::var_os(ROOT).map(PathBuf::from)
}

pub(crate) fn vfs(root: &Path) -> Vfs {
    Vfs::open(AbsPathBuf::try_from(root.join("workspace")).unwrap()).unwrap()
}

pub(crate) fn index(root: &Path) -> Index {
    Index::open(&AbsPathBuf::try_from(root.join("index")).unwrap(), None)
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
    let index = Index::new();
    index.update(&vfs.snapshot());
    answers(&index)
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
