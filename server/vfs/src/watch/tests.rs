//! Where git keeps its head; the watch itself is tested through `Vfs`.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::fs;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode};

use super::{GitDir, is_change};

#[test]
fn git_dir_is_found_above_and_through_its_link_file() {
    let dir = tempfile::tempdir().unwrap();
    let top = dir.path().canonicalize().unwrap();
    fs::create_dir_all(top.join("repo/.git/worktrees/w")).unwrap();
    fs::create_dir_all(top.join("repo/sub/deep")).unwrap();
    fs::create_dir_all(top.join("w")).unwrap();
    fs::write(top.join("w/.git"), "gitdir: ../repo/.git/worktrees/w\n").unwrap();
    let found = |path: &str| GitDir::find(&top.join(path)).map(|git| git.dir);
    assert_eq!(found("repo/sub/deep"), Some(top.join("repo/.git")));
    assert_eq!(found("w"), Some(top.join("repo/.git/worktrees/w")));
    let git = GitDir::find(&top.join("repo")).unwrap();
    let decides = |name: &str| git.decides(&top.join("repo/.git").join(name));
    assert!(decides("HEAD") && decides("info/exclude"));
    assert!(!decides("index") && !decides("HEAD.lock") && !decides("logs/HEAD"));
    fs::write(top.join("w/.git"), "garbage").unwrap();
    assert_eq!(found("w"), None);
}

#[test]
fn reading_is_no_change() {
    assert!(!is_change(&EventKind::Access(AccessKind::Open(AccessMode::Any))));
    assert!(!is_change(&EventKind::Access(AccessKind::Close(AccessMode::Read))));
    assert!(is_change(&EventKind::Access(AccessKind::Close(AccessMode::Write))));
    assert!(is_change(&EventKind::Any));
}
