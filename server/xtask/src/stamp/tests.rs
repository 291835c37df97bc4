//! When a cached folder is made again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use anyhow::bail;

use super::unless_fresh;

#[test]
fn makes_once_and_again_when_an_input_changes() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("cached");
    let make = |inputs: &[&str]| unless_fresh(&folder, inputs, || Ok(())).unwrap();
    assert!(make(&["ab", "c"]));
    assert!(!make(&["ab", "c"]));
    assert!(make(&["a", "bc"]), "other inputs that join to the same text");
    assert!(make(&["ab", "c"]));
}

#[test]
fn a_failed_attempt_is_repeated() {
    let dir = tempfile::tempdir().unwrap();
    assert!(unless_fresh(dir.path(), &["1"], || Ok(())).unwrap());
    assert!(unless_fresh(dir.path(), &["2"], || bail!("no network")).is_err());
    assert!(unless_fresh(dir.path(), &["1"], || Ok(())).unwrap(), "half made is not made");
}
