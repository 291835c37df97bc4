//! Against the Python that is there: what it would take wrongly is what is hidden.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests make their own files, start a program, and fail where they cannot"
)]

use std::fs::FileTimes;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use vfs::Vfs;

use super::*;

struct Tree {
    dir: TempDir,
    root: AbsPathBuf,
}

impl Tree {
    /// A module that was saved a minute ago, and no longer.
    fn new() -> Tree {
        let dir = TempDir::new().unwrap();
        let root = AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap();
        fs::create_dir(dir.path().join("shop")).unwrap();
        let tree = Tree { dir, root };
        tree.save("cents = 1\n", SystemTime::now() - Duration::from_secs(60));
        tree
    }

    fn save(&self, text: &str, time: SystemTime) {
        let path = self.dir.path().join("shop/price.py");
        fs::write(&path, text).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
    }

    fn python(&self, script: &str) -> String {
        let mut python = Command::new("python3");
        python.args(["-c", script]).current_dir(self.dir.path());
        for variable in ["PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"] {
            python.env_remove(variable);
        }
        let output = python.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn compile(&self, mode: &str) {
        let script = format!(
            "import py_compile as c; c.compile(\"shop/price.py\", invalidation_mode=c.PycInvalidationMode.{mode})"
        );
        self.python(&script);
    }

    fn cents(&self) -> String {
        self.python("import shop.price; print(shop.price.cents)")
    }

    fn hidden(&self, view: View) -> Vec<String> {
        let snap = Vfs::open(self.root.clone()).unwrap().snapshot();
        let shown = hidden(view, &self.root, &snap).files;
        shown
            .into_iter()
            .filter(|(_, text)| text.is_none())
            .map(|(path, _)| path.to_string())
            .collect()
    }

    /// How many files are hidden of a tree without a view.
    fn count(&self) -> usize {
        self.hidden(View::default()).len()
    }
}

#[test]
fn what_was_compiled_long_after_it_was_saved_is_used() {
    let tree = Tree::new();
    tree.compile("TIMESTAMP");
    assert_eq!(tree.count(), 0);
    tree.compile("CHECKED_HASH");
    assert_eq!(tree.count(), 0);
}

#[test]
fn what_was_compiled_in_the_second_of_the_source_is_hidden() {
    let tree = Tree::new();
    let now = SystemTime::now();
    tree.save("cents = 1\n", now);
    tree.compile("TIMESTAMP");
    tree.save("cents = 2\n", now);
    // Python is wrong here.
    assert_eq!(tree.cents(), "1");
    assert_eq!(tree.count(), 1);
}

#[test]
fn what_python_does_not_compare_is_hidden() {
    let tree = Tree::new();
    tree.compile("UNCHECKED_HASH");
    tree.save("cents = 2\n", SystemTime::now());
    assert_eq!(tree.cents(), "1");
    assert_eq!(tree.count(), 1);
    fs::write(tree.dir.path().join("shop/__pycache__/price.cut.pyc"), "x").unwrap();
    assert_eq!(tree.count(), 2);
}

#[test]
fn of_a_file_in_the_view_nothing_is_used() {
    let tree = Tree::new();
    tree.compile("TIMESTAMP");
    let path = RelPath::parse("shop/price.py").unwrap();
    let view = View { files: [(path, Some(b"cents = 2\n".to_vec()))].into() };
    let [hidden] = tree.hidden(view).try_into().unwrap();
    assert!(hidden.starts_with("shop/__pycache__/price.") && hidden.ends_with(".pyc"), "{hidden}");
    // Nor of one that is new there.
    fs::remove_file(tree.dir.path().join("shop/price.py")).unwrap();
    let view =
        View { files: [(RelPath::parse("shop/price.py").unwrap(), Some(Vec::new()))].into() };
    assert_eq!(tree.hidden(view).len(), 1);
}

/// A view goes through no link: a job with such a path would not be run.
#[cfg(unix)]
#[test]
fn links_are_left_alone() {
    let tree = Tree::new();
    tree.compile("UNCHECKED_HASH");
    let folder = tree.dir.path().join("shop/__pycache__");
    let [entry] =
        fs::read_dir(&folder).unwrap().map(Result::unwrap).collect::<Vec<_>>().try_into().unwrap();
    std::os::unix::fs::symlink(entry.path(), folder.join("price.link.pyc")).unwrap();
    assert_eq!(tree.count(), 1);
    let elsewhere = tree.dir.path().join("elsewhere");
    fs::rename(&folder, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &folder).unwrap();
    assert_eq!(tree.count(), 0);
}
