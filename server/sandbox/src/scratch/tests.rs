//! Temporary folders that resist.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
};

use super::Scratch;

#[test]
fn locked_folders_and_links_go_and_what_links_point_to_stays() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("file"), "stays").unwrap();
    fs::set_permissions(outside.path(), Permissions::from_mode(0o755)).unwrap();
    let scratch = Scratch::new().unwrap();
    let path = scratch.path().to_owned();
    fs::create_dir_all(path.join("a/b")).unwrap();
    symlink(outside.path(), path.join("a/b/link")).unwrap();
    fs::set_permissions(path.join("a/b"), Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(path.join("a"), Permissions::from_mode(0o500)).unwrap();
    drop(scratch);
    assert!(!path.exists());
    assert_eq!(fs::read_to_string(outside.path().join("file")).unwrap(), "stays");
    assert_eq!(outside.path().metadata().unwrap().permissions().mode() & 0o777, 0o755);
}
