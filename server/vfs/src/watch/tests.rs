//! Where git keeps its head, and watching without enough watches; the watch itself is tested through `Vfs`.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::fs;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use base::{AbsPathBuf, RelPath};
use notify::EventKind;
use notify::event::{AccessKind, AccessMode};

use super::{GitDir, is_change};
use crate::vfs::Vfs;

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
fn a_git_link_without_end_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let dot_git = dir.path().join(".git");
    assert!(std::process::Command::new("mkfifo").arg(&dot_git).status().unwrap().success());
    let root = dir.path().to_owned();
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(GitDir::find(&root)));
    assert_eq!(wait.recv_timeout(Duration::from_secs(30)), Ok(None));
}

#[test]
fn reading_is_no_change() {
    assert!(!is_change(&EventKind::Access(AccessKind::Open(AccessMode::Any))));
    assert!(!is_change(&EventKind::Access(AccessKind::Close(AccessMode::Read))));
    assert!(is_change(&EventKind::Access(AccessKind::Close(AccessMode::Write))));
    assert!(is_change(&EventKind::Any));
}

#[cfg(target_os = "linux")]
#[test]
fn where_directories_cannot_be_watched_they_are_listed_again_and_again() {
    let dir = tempfile::tempdir().unwrap();
    let vfs = Vfs::open(AbsPathBuf::try_from(dir.path().to_owned()).unwrap()).unwrap();
    let watch = vfs.watch().unwrap();
    // As after the system's limit was hit.
    watch.complete.store(false, Ordering::Relaxed);
    let seen = |path: &str| {
        let path = RelPath::parse(path).unwrap();
        let mut revisions = vfs.subscribe();
        let deadline = Instant::now() + Duration::from_secs(30);
        while !vfs.snapshot().contains(&path) {
            assert!(Instant::now() < deadline, "{path} never came");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
            let changed =
                async { tokio::time::timeout(Duration::from_secs(30), revisions.changed()).await };
            runtime.unwrap().block_on(changed).unwrap().unwrap();
        }
    };
    fs::create_dir(dir.path().join("unwatched")).unwrap();
    fs::write(dir.path().join("a"), "").unwrap();
    seen("a");
    fs::write(dir.path().join("unwatched/b"), "").unwrap();
    seen("unwatched/b");
    assert!(!watch.is_complete());
}
