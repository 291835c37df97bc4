//! What the cache keeps, and when it lets go.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use std::fs;
use std::sync::Arc;

use base::RelPath;

use super::TextCache;
use crate::disk::Stamp;

fn path(name: &str) -> RelPath {
    RelPath::parse(name).unwrap()
}

/// Two different states of a file.
fn stamps() -> (Stamp, Stamp) {
    let dir = tempfile::tempdir().unwrap();
    let stamp = |name: &str| {
        let file = dir.path().join(name);
        fs::write(&file, name).unwrap();
        Stamp::of(&fs::metadata(&file).unwrap())
    };
    (stamp("one"), stamp("other"))
}

#[test]
fn only_the_same_state_of_a_file_is_answered() {
    let (stamp, other) = stamps();
    let mut cache = TextCache::new(100);
    cache.insert(&path("a"), stamp.clone(), Arc::from("text"));
    assert_eq!(cache.get(&path("a"), &stamp).as_deref(), Some("text"));
    assert_eq!(cache.get(&path("a"), &other), None);
    // The older state will not come back.
    assert_eq!(cache.get(&path("a"), &stamp), None);
    assert_eq!(cache.bytes, 0);
}

#[test]
fn the_least_recently_used_text_goes_first() {
    let (stamp, _) = stamps();
    let mut cache = TextCache::new(10);
    for name in ["a", "b"] {
        cache.insert(&path(name), stamp.clone(), Arc::from("12345"));
    }
    cache.get(&path("a"), &stamp).unwrap();
    cache.insert(&path("c"), stamp.clone(), Arc::from("1234567890"));
    assert_eq!(cache.get(&path("b"), &stamp), None);
    assert_eq!(cache.get(&path("a"), &stamp), None);
    assert_eq!(cache.bytes, 10);
    cache.insert(&path("d"), stamp.clone(), Arc::from("more than fits"));
    assert_eq!(cache.get(&path("d"), &stamp), None);
    assert!(cache.get(&path("c"), &stamp).is_some());
    cache.insert(&path("c"), stamp.clone(), Arc::from(""));
    assert_eq!((cache.bytes, cache.entries.len(), cache.by_use.len()), (0, 1, 1));
}
