//! What a copy has and what it leaves out.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs::{self, File, FileTimes},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    time::{Duration, SystemTime},
};

use expect_test::expect;

use super::{BLOCK, CACHE_TAG, copy_tree, size};

fn list(root: &Path, dir: &Path, acc: &mut Vec<String>) {
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let meta = entry.path().symlink_metadata().unwrap();
        let name = entry.path().strip_prefix(root).unwrap().display().to_string();
        let mode = meta.permissions().mode() & 0o777;
        if meta.is_symlink() {
            acc.push(format!("{name} -> {}", fs::read_link(entry.path()).unwrap().display()));
        } else if meta.is_dir() {
            acc.push(format!("{name}/ {mode:o}"));
            list(root, &entry.path(), acc);
        } else {
            acc.push(format!("{name} {mode:o}"));
        }
    }
}

#[test]
fn copies_files_links_modes_and_times_but_nothing_derived() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let put = |path: &str, content: &[u8]| {
        let path = from.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    put("src/run.sh", b"#!/bin/sh");
    fs::set_permissions(from.path().join("src/run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    put("src/old.rs", b"old");
    File::open(from.path().join("src/old.rs"))
        .unwrap()
        .set_times(FileTimes::new().set_modified(old))
        .unwrap();
    put("target/CACHEDIR.TAG", CACHE_TAG);
    put("target/huge", b"derived");
    put("false/CACHEDIR.TAG", b"something else");
    put(".git/HEAD", b"ref: refs/heads/main");
    put("locked/file", b"x");
    fs::set_permissions(from.path().join("locked"), fs::Permissions::from_mode(0o555)).unwrap();
    symlink("../elsewhere", from.path().join("link")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        from.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();

    let bytes = copy_tree(from.path(), to.path(), &|| true).unwrap();
    let mut acc = Vec::new();
    list(to.path(), to.path(), &mut acc);
    acc.sort();
    expect![[r#"
        .git/ 755
        .git/HEAD 644
        false/ 755
        false/CACHEDIR.TAG 644
        link -> ../elsewhere
        locked/ 555
        locked/file 644
        src/ 755
        src/old.rs 644
        src/run.sh 755"#]]
    .assert_eq(&acc.join("\n"));
    assert_eq!(to.path().join("src/old.rs").metadata().unwrap().modified().unwrap(), old);
    assert_eq!(bytes, 9 + 3 + 14 + 20 + 1 + 10 * BLOCK);
    for dir in [from.path(), to.path()] {
        fs::set_permissions(dir.join("locked"), fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn measures_up_to_a_cap() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("sub")).unwrap();
    fs::write(dir.path().join("sub/file"), "x".repeat(1000)).unwrap();
    assert!((1000..100_000).contains(&size(dir.path(), 1 << 20).unwrap()));
    assert_eq!(size(dir.path(), 999), None);
}

#[test]
fn a_pipe_is_no_sign_of_a_cache() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(from.path().join("sub")).unwrap();
    let pipe = from.path().join("sub/CACHEDIR.TAG");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    fs::write(from.path().join("sub/file"), "x").unwrap();
    let (source, target) = (from.path().to_owned(), to.path().to_owned());
    let (done, wait) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(copy_tree(&source, &target, &|| true)));
    assert_eq!(wait.recv_timeout(Duration::from_secs(30)), Ok(Ok(1 + 2 * BLOCK)));
    assert!(to.path().join("sub/file").exists());
}
