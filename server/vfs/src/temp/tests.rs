//! Names of temporary files.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]

use super::{TempNames, is_orphan, is_temp};

#[test]
fn own_names_are_recognised_and_in_use() {
    let names = TempNames::new();
    let (one, two) = (names.next(), names.next());
    assert_ne!(one, two);
    assert!(is_temp(&one));
    assert!(is_temp(&format!("src/{one}")));
    assert!(!is_orphan(&one));
}

#[test]
fn names_of_others_are_left_alone() {
    let names = [
        ".baton-ignore",
        ".baton-.tmp",
        ".baton-12-.tmp",
        ".baton-12-zz-1.tmp",
        ".baton-0-00-1.tmp",
        ".baton--5-00-1.tmp",
        ".baton-12-00-1-2.tmp",
        ".baton-99999999999-00-1.tmp",
        "baton-12-00-1.tmp",
        ".baton-12-00-1.tmp.txt",
    ];
    for name in names {
        assert!(!is_temp(name) && !is_orphan(name), "{name}");
    }
}

#[test]
fn a_dead_process_leaves_orphans() {
    // Above the largest process id of any system.
    assert!(is_orphan(".baton-2147483647-00000000-0.tmp"));
    // The first process lives, and is not ours to signal unless we are root.
    assert!(!is_orphan(".baton-1-00000000-0.tmp"));
}
