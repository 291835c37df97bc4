//! Names of this test, of a process that has ended, and of none.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use super::{is_gone, machine, name};

#[test]
fn only_what_ran_here_and_has_ended_is_gone() {
    assert!(!is_gone(&name()));
    let mut child = std::process::Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    let machine = machine();
    assert!(is_gone(&format!("{machine}/{}/1", child.id())));
    // The number is somebody else's by now.
    assert!(is_gone(&format!("{machine}/{}/1", std::process::id())));
    let others = ["", "x", "elsewhere/1/1", "a/b/c", "a/b/c/d"];
    assert!(others.iter().all(|name| !is_gone(name)), "{others:?}");
}
