//! Tests of `change`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use crate::samples::path;
use crate::{BaseText, FileChange};

fn touched(change: &FileChange) -> Vec<&str> {
    change.touched().map(|path| path.as_str()).collect()
}

#[test]
fn what_a_create_tells() {
    let change = FileChange::Create { path: path("a"), text: "x\n".into() };
    assert_eq!((change.path(), change.old_path()), (&path("a"), None));
    assert_eq!((change.old_text(), change.new_text().as_deref()), (None, Some("x\n")));
    assert_eq!(touched(&change), ["a"]);
}

#[test]
fn what_an_edit_tells() {
    let change = FileChange::edit(path("a"), "x\n", "y\n");
    assert_eq!((change.path(), change.old_path()), (&path("a"), Some(&path("a"))));
    assert_eq!((change.old_text(), change.new_text().as_deref()), (Some("x\n"), Some("y\n")));
    assert_eq!(touched(&change), ["a"]);
}

#[test]
fn what_a_delete_tells() {
    let change = FileChange::Delete { path: path("a"), base: BaseText::of("x") };
    assert_eq!((change.path(), change.old_path()), (&path("a"), Some(&path("a"))));
    assert_eq!((change.old_text(), change.new_text()), (Some("x"), None));
}

#[test]
fn what_a_rename_tells() {
    let change = FileChange::rename(path("a"), path("b"), "x\n", "y\n");
    assert_eq!((change.path(), change.old_path()), (&path("b"), Some(&path("a"))));
    assert_eq!((change.old_text(), change.new_text().as_deref()), (Some("x\n"), Some("y\n")));
    assert_eq!(touched(&change), ["a", "b"]);
}

#[test]
fn a_base_text_is_checked_when_read() {
    let base = BaseText::of("é\r\n");
    let json = serde_json::to_string(&base).unwrap();
    assert_eq!(serde_json::from_str::<BaseText>(&json).unwrap(), base);
    let other = json.replace("\\r", "");
    let error = serde_json::from_str::<BaseText>(&other).unwrap_err().to_string();
    assert!(error.contains("changed since it was recorded"), "{error}");
}
