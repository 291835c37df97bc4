//! The parts of a write that a whole one does not reach at will.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::fs;
use std::os::fd::AsFd;

use base::{AbsPathBuf, ContentHash, RelPath};
use rustix::fs::Mode;

use super::{Temp, check, sweep_dir};
use crate::disk;
use crate::error::Error;
use crate::temp::TempNames;

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

fn root(dir: &tempfile::TempDir) -> AbsPathBuf {
    AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_disk_full() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let res = super::fill(&full, b"text", &path("a"));
    assert!(matches!(res, Err(Error::DiskFull { .. })), "{res:?}");
}

#[test]
fn rights_do_not_move_to_another_owner_or_group() {
    assert_eq!(super::bits_for_other(0o6660, true), 0o660);
    assert_eq!(super::bits_for_other(0o6770, false), 0o700);
    assert_eq!(super::bits_for_other(0o664, false), 0o644);
}

#[test]
fn a_file_that_appears_meanwhile_stays() {
    let dir = tempfile::tempdir().unwrap();
    let fd = disk::open_root(&root(&dir)).unwrap();
    let mode = Mode::from_raw_mode(0o666);
    let temp = Temp::create(fd.as_fd(), TempNames::new().next(), mode, &path("a")).unwrap();
    fs::write(dir.path().join("a"), "theirs").unwrap();
    assert!(matches!(temp.become_new(&path("a")), Err(Error::Exists { .. })));
    assert_eq!(fs::read_to_string(dir.path().join("a")).unwrap(), "theirs");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_changes_after_the_check_is_stale_unless_it_is_the_same_text() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a");
    fs::write(&file, "one").unwrap();
    let fd = disk::open_root(&root(&dir)).unwrap();
    let hash = ContentHash::of(b"one");
    let current = check(fd.as_fd(), &path("a"), Some(hash)).unwrap().unwrap();
    fs::remove_file(&file).unwrap();
    let again = || current.check_same(fd.as_fd(), &path("a"));
    assert!(matches!(again(), Err(Error::Absent { .. })));
    fs::write(&file, "two").unwrap();
    assert!(matches!(again(), Err(Error::Stale { expected, .. }) if expected == hash));
    fs::write(&file, "one").unwrap();
    assert!(again().is_ok());
}

#[test]
fn a_temporary_file_that_is_locked_is_in_use_whatever_its_process_id() {
    let dir = tempfile::tempdir().unwrap();
    let fd = disk::open_root(&root(&dir)).unwrap();
    // As it looks from here to a writer in another container.
    let name = ".baton-2147483647-00000000-0.tmp".to_owned();
    let mode = Mode::from_raw_mode(0o600);
    let temp = Temp::create(fd.as_fd(), name.clone(), mode, &path("a")).unwrap();
    assert_eq!(sweep_dir(fd.as_fd()), 0);
    drop(temp);
    fs::write(dir.path().join(&name), "half").unwrap();
    fs::create_dir(dir.path().join(".baton-2147483647-00000000-1.tmp")).unwrap();
    assert_eq!(sweep_dir(fd.as_fd()), 1);
    assert!(!dir.path().join(&name).exists());
}
