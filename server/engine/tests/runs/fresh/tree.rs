//! A working tree with its repository, and what can happen to it from outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use fixture::Random;
use tempfile::TempDir;

use crate::fresh::steps::Step;
use crate::fresh::texts;

/// The branches that there are; each differs from the first one in a tenth of the files or more.
pub(super) const BRANCHES: &[&str] = &["main", "left", "right"];

pub(super) struct Tree {
    root: PathBuf,
    /// Removed when this is dropped, where the tree has its own.
    _dir: Option<TempDir>,
}

impl Tree {
    pub(super) fn new() -> Tree {
        let dir = TempDir::new().unwrap();
        Tree { root: dir.path().to_owned(), _dir: Some(dir) }
    }

    pub(super) fn at(root: &Path) -> Tree {
        Tree { root: root.to_owned(), _dir: None }
    }

    pub(super) fn path(&self) -> &Path {
        &self.root
    }

    /// Makes the repository with its branches.
    pub(super) fn fill(&self, n_files: usize, random: &mut Random) {
        self.git(&["init", "-q", "-b", BRANCHES[0]]);
        self.put(".gitignore", "*.log\n");
        for number in 0..n_files {
            let path = texts::path(number, random);
            self.put(&path, &texts::text(&path, random));
        }
        self.commit();
        for (at, branch) in (1..).zip(&BRANCHES[1..]) {
            self.git(&["checkout", "-q", "-b", branch, BRANCHES[0]]);
            for path in self.files() {
                match random.below(20) {
                    0 => self.delete(&path),
                    1 => self.rename(&path, &format!("moved/{path}")),
                    2 | 3 => self.put(&path, &texts::text(&path, random)),
                    _ => {}
                }
            }
            let path = texts::path(n_files * at, random);
            self.put(&path, &texts::definition(&path, &format!("only_{branch}"), random));
            self.commit();
        }
        self.git(&["checkout", "-q", BRANCHES[0]]);
    }

    pub(super) fn happen(&self, step: &Step) {
        match step {
            Step::Edit { path, text } | Step::Create { path, text } => self.put(path, text),
            Step::Delete { path } => self.delete(path),
            Step::Rename { from, to } => self.rename(from, to),
            Step::Switch { branch, is_committed } => {
                if *is_committed {
                    self.commit();
                }
                self.git(&["checkout", "-q", "-f", branch]);
            }
            Step::Type { .. } | Step::Close { .. } => {}
        }
    }

    /// All files, sorted, without those that start with a dot.
    pub(super) fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut pending = vec![self.root.clone()];
        while let Some(dir) = pending.pop() {
            for entry in fs::read_dir(&dir).unwrap() {
                let path = entry.unwrap().path();
                let relative = path.strip_prefix(&self.root).unwrap().to_str().unwrap().to_owned();
                if relative.starts_with('.') {
                    continue;
                }
                if path.is_dir() { pending.push(path) } else { found.push(relative) }
            }
        }
        found.sort();
        found
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn delete(&self, path: &str) {
        fs::remove_file(self.root.join(path)).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        let to = self.root.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(self.root.join(from), to).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "a step"]);
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "gc.auto=0"]);
        command.args(args).current_dir(&self.root);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
