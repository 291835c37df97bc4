//! Reading the lock file, and what it says of archives.

use super::{Lock, Verdict, parse};
use crate::hash::sha256;

#[test]
fn archives_are_recorded_once_and_compared_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("packages.lock");
    let archive = folder.path().join("a.tar");
    std::fs::write(&archive, "one").unwrap();
    let one = sha256(&archive).unwrap();
    let mut lock = Lock::read(&path).unwrap();
    assert_eq!(lock.check("npm+a+1/a.tar", &one), Verdict::New);
    lock.write().unwrap();
    let mut lock = Lock::read(&path).unwrap();
    assert_eq!(lock.check("npm+a+1/a.tar", &one), Verdict::Same);
    std::fs::write(&archive, "two").unwrap();
    assert_eq!(lock.check("npm+a+1/a.tar", &sha256(&archive).unwrap()), Verdict::Differs);
}

#[test]
fn a_damaged_file_is_refused() {
    assert!(parse("abc  a.tar\n").is_err());
    assert!(parse(&"0".repeat(64)).is_err());
}

#[test]
fn an_absent_archive_has_no_hash() {
    assert!(sha256(std::path::Path::new("no/such/file")).is_err());
}
