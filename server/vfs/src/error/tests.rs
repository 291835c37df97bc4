//! Which failures are told apart, and how they read.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::io;

use base::{ContentHash, RelPath};
use expect_test::expect;
use rustix::io::Errno;

use super::{Error, SkipReason};

#[test]
fn full_disk_and_quota_are_told_from_other_failures() {
    let path = RelPath::parse("a.txt").unwrap();
    let full = [Errno::NOSPC, Errno::DQUOT].map(|errno| Error::io(&path, errno));
    assert!(full.iter().all(|err| matches!(err, Error::DiskFull { .. })));
    let other = [
        Error::io(&path, Errno::ROFS),
        Error::io(&path, Errno::FBIG),
        Error::io(&path, io::Error::other("x")),
    ];
    assert!(other.iter().all(|err| matches!(err, Error::Io { .. })));
}

#[test]
fn messages_name_the_file_and_the_way_out() {
    let path = RelPath::parse("src/a.rs").unwrap();
    let stale = Error::Stale {
        path: path.clone(),
        expected: ContentHash::of(b"old"),
        found: ContentHash::of(b"new"),
    };
    let skipped = |reason| Error::Skipped { path: path.clone(), reason };
    let messages = [
        stale,
        Error::Symlink { path: path.clone(), link: "src".to_owned() },
        Error::DiskFull { path: path.clone() },
        skipped(SkipReason::TooLarge(600_000)),
        skipped(SkipReason::Binary),
    ];
    let messages = messages.map(|err| err.to_string()).join("\n");
    expect![[r#"
        `src/a.rs` has changed since it was read (expected 96a42572, found b20ab0a0)
        `src/a.rs` goes through the symbolic link `src`; name the file that it points to
        no space left on the disk to write `src/a.rs`; the file is unchanged
        `src/a.rs` is left out: 600000 bytes, more than 512000
        `src/a.rs` is left out: binary"#]]
    .assert_eq(&messages);
}
