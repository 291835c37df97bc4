//! What is unpacked, and what is left of it.

use std::path::Path;
use std::process::Command;

use super::{Kind, is_kept, kind, unpack};

#[test]
fn only_sources_stay() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a-1/src");
    std::fs::create_dir_all(&inside).unwrap();
    std::fs::create_dir_all(folder.path().join("a-1/data")).unwrap();
    std::fs::write(inside.join("a.rs"), "fn a() {}").unwrap();
    std::fs::write(inside.join("big.rs"), "x".repeat(400_001)).unwrap();
    std::fs::write(inside.join("a.png"), "x").unwrap();
    std::fs::write(folder.path().join("a-1/data/b.csv"), "x").unwrap();
    let archive = folder.path().join("a-1.tar.gz");
    let tar = Command::new("tar")
        .arg("-czf")
        .arg(&archive)
        .arg("-C")
        .arg(folder.path())
        .arg("a-1")
        .status();
    assert!(tar.unwrap().success());
    let out = folder.path().join("out");
    unpack(&[archive], &out).unwrap();
    assert!(out.join("a-1/src/a.rs").exists());
    assert!(!out.join("a-1/src/big.rs").exists());
    assert!(!out.join("a-1/src/a.png").exists());
    assert!(!out.join("a-1/data").exists());
}

#[test]
fn what_is_no_archive_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a.tar.gz");
    std::fs::write(&archive, "no archive").unwrap();
    assert!(unpack(&[archive], &folder.path().join("out")).is_err());
    assert!(unpack(&[], &folder.path().join("out")).is_err());
}

#[test]
fn kinds_are_told_by_name() {
    assert_eq!(kind("a-1.0-py3-none-any.whl"), Kind::Zip);
    assert_eq!(kind("a_1.orig.tar.xz"), Kind::Tar);
    assert_eq!(kind("a_1-2.debian.tar.xz"), Kind::Other);
    assert_eq!(kind("a_1-2_all.deb"), Kind::Deb);
    assert_eq!(kind("a_1-2.dsc"), Kind::Other);
    assert!(is_kept(Path::new("a/b.TS")));
    assert!(!is_kept(Path::new("a/b.min.js")));
}
