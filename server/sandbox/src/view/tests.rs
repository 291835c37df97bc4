//! Views over a folder with a link in it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use base::RelPath;
use expect_test::expect;
use tempfile::TempDir;

use super::lay;
use crate::View;

fn tree() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("src")).unwrap();
    fs::write(dir.path().join("src/old.sh"), "old").unwrap();
    fs::set_permissions(dir.path().join("src/old.sh"), fs::Permissions::from_mode(0o555)).unwrap();
    std::os::unix::fs::symlink("/etc", dir.path().join("link")).unwrap();
    dir
}

fn lay_one(tree: &Path, path: &str, content: Option<&str>) -> String {
    let content = content.map(|content| content.as_bytes().to_vec());
    let view = View { files: [(RelPath::parse(path).unwrap(), content)].into() };
    lay(tree, &view).map_or_else(|error| error.to_string(), |()| "laid".to_owned())
}

#[test]
fn files_are_written_anew_and_keep_their_mode() {
    let tree = tree();
    assert_eq!(lay_one(tree.path(), "src/old.sh", Some("new")), "laid");
    assert_eq!(lay_one(tree.path(), "more/deep/new", Some("new")), "laid");
    let old = tree.path().join("src/old.sh");
    assert_eq!(fs::read_to_string(&old).unwrap(), "new");
    assert_eq!(old.metadata().unwrap().permissions().mode() & 0o777, 0o555);
    assert_eq!(lay_one(tree.path(), "src/old.sh", None), "laid");
    assert_eq!(lay_one(tree.path(), "no/such", None), "laid");
    assert!(!old.exists() && tree.path().join("more/deep/new").is_file());
}

#[test]
fn no_link_is_followed() {
    let tree = tree();
    let all = ["link/passwd", "link", "src", "src/old.sh/below"];
    let said = all.map(|path| lay_one(tree.path(), path, Some("new")) + "\n").concat();
    expect![[r#"
        the job cannot be run: the view cannot be laid over the tree: `link/passwd` goes through a symbolic link
        the job cannot be run: the view cannot be laid over the tree: `link` is a symbolic link
        the job cannot be run: the view cannot be laid over the tree: `src` is not a plain file
        the job cannot be run: the view cannot be laid over the tree: `src/old.sh/below` goes through what is no folder
    "#]]
    .assert_eq(&said);
    assert!(lay_one(tree.path(), "link/passwd", None).contains("symbolic link"));
}
