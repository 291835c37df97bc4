//! What counts as text, and that no link is followed.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use base::{AbsPathBuf, RelPath};

use super::{Stamp, open_file, open_parent, open_part, open_root, to_text};
use crate::error::{Error, SkipReason};

fn root(dir: &tempfile::TempDir) -> AbsPathBuf {
    AbsPathBuf::try_from(dir.path().canonicalize().unwrap()).unwrap()
}

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

#[test]
fn text_is_utf8_without_nul_in_its_first_8_kb() {
    let text = |bytes: &[u8]| to_text(bytes.to_vec());
    assert_eq!(text(b"").as_deref(), Ok(""));
    assert_eq!(text("\u{feff}é\r\n🦀".as_bytes()).as_deref(), Ok("\u{feff}é\r\n🦀"));
    assert_eq!(text(b"a\0b"), Err(SkipReason::Binary));
    assert_eq!(text(b"%PDF-1.7 all ascii"), Err(SkipReason::Binary));
    assert_eq!(text(b"caf\xe9"), Err(SkipReason::NotUtf8));
    assert_eq!(text(b"\xff\xfea\0b\0"), Err(SkipReason::NotUtf8));
    let mut late = vec![b'a'; 8 * 1024];
    late.push(0);
    assert!(text(&late).is_ok());
    late[8 * 1024 - 1] = 0;
    assert_eq!(text(&late), Err(SkipReason::Binary));
}

#[test]
fn links_on_the_way_are_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("real/deep")).unwrap();
    fs::write(dir.path().join("real/deep/f"), "").unwrap();
    symlink("real", dir.path().join("link")).unwrap();
    symlink("deep", dir.path().join("real/again")).unwrap();
    let link = |text: &str| match open_parent(&root(&dir), &path(text)) {
        Err(Error::Symlink { link, .. }) => Some(link),
        Ok(_) => None,
        Err(err) => panic!("{err}"),
    };
    assert_eq!(link("link/deep/f").as_deref(), Some("link"));
    assert_eq!(link("real/again/f").as_deref(), Some("real/again"));
    assert_eq!(link("real/deep/f"), None);
    assert!(open_parent(&root(&dir), &path("no/such")).unwrap().is_none());
    assert!(open_parent(&root(&dir), &path("real/deep/f/x")).unwrap().is_none());
    assert!(matches!(open_parent(&root(&dir), &path("real/.GIT/config")), Err(Error::Git { .. })));
}

#[test]
fn walking_part_by_part_refuses_what_the_kernel_call_refuses() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("real")).unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    symlink("real", dir.path().join("link")).unwrap();
    symlink("/nowhere", dir.path().join("dangling")).unwrap();
    let root = open_root(&root(&dir)).unwrap();
    let part = |name: &str| open_part(root.as_fd(), name, &mut String::new(), &path("x"));
    assert!(part("real").unwrap().is_some());
    assert!(part("absent").unwrap().is_none());
    assert!(part("file").unwrap().is_none());
    assert!(matches!(part("link"), Err(Error::Symlink { .. })));
    assert!(matches!(part("dangling"), Err(Error::Symlink { .. })));
}

#[test]
fn only_regular_files_are_opened() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("dir")).unwrap();
    symlink("/etc/hostname", dir.path().join("link")).unwrap();
    let root = open_root(&root(&dir)).unwrap();
    let open = |name: &str| open_file(root.as_fd(), &path(name));
    assert!(matches!(open("dir"), Err(Error::NotAFile { .. })));
    assert!(matches!(open("link"), Err(Error::Symlink { .. })));
    assert!(open("absent").unwrap().is_none());
    let long = "x".repeat(300);
    assert!(matches!(open(&long), Err(Error::Io { .. })));
}

#[cfg(target_os = "linux")]
#[test]
fn a_pipe_does_not_block() {
    let dir = tempfile::tempdir().unwrap();
    let root = open_root(&root(&dir)).unwrap();
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(&root, "pipe", rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let opened = open_file(root.as_fd(), &path("pipe"));
    assert!(matches!(opened, Err(Error::NotAFile { .. })));
}

#[test]
fn a_fresh_file_is_racy_for_a_moment() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let stamp = Stamp::of(&file.as_file().metadata().unwrap());
    let now = SystemTime::now();
    assert!(stamp.is_racy(now));
    assert!(!stamp.is_racy(now + Duration::from_secs(1)));
}
