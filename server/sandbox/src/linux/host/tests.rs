//! What a workspace says of its repository is not believed, and not waited for.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{fs, sync::mpsc, thread, time::Duration};

use super::git_folders;

#[test]
fn a_repository_that_is_a_pipe_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    fs::create_dir(root.join("own")).unwrap();
    fs::write(root.join(".git"), "gitdir: own").unwrap();
    let pipe = root.join("own/gitdir");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let (done, wait) = mpsc::channel();
    thread::spawn(move || done.send(git_folders(&root)));
    assert_eq!(wait.recv_timeout(Duration::from_secs(30)), Ok(Vec::new()));
}
