//! What is handed on is short, and says what a reader needs.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::{FileChange, Patch, RelPath};
use expect_test::expect;

use super::*;

fn packet(response: &str, prose: &str, patch: Option<&Patch>) -> BatonPacket {
    let metadata = PacketMetadata {
        agent: "coder".into(),
        run: "r".into(),
        part: String::new(),
        task: String::new(),
        turn: 1,
        subject: "halve it".into(),
    };
    BatonPacket::new(response, prose, patch, metadata)
}

fn new_file(path: &str, text: &str) -> Patch {
    let path = RelPath::parse(path).unwrap();
    Patch::new(vec![FileChange::Create { path, text: text.into() }]).unwrap()
}

#[test]
fn what_is_said_around_the_edits_is_its_summary() {
    let prose = "The loop ends one too early.\n\n  So it goes on. \nCHECK: an empty list\nCHECK:\nCOMMIT: fix: go on\n`COMMIT: fix: go`\n---\n";
    let patch = new_file("a.py", "x = 1\n");
    let packet = packet("all of it", prose, Some(&patch));
    expect!["The loop ends one too early. So it goes on."].assert_eq(&packet.summary);
    assert_eq!(packet.verification_hints, ["an empty list"]);
    let hashes = packet.files_changed[&RelPath::parse("a.py").unwrap()];
    assert_eq!(hashes.before, None);
    assert_eq!(hashes.after, Some(ContentHash::of(b"x = 1\n")));
}

#[test]
fn edits_without_a_word_are_summed_up_by_their_files() {
    assert_eq!(packet("", "", Some(&new_file("a.py", ""))).summary, "Changes a.py.");
    assert_eq!(packet("", "…", None).summary, "No edit that could be read.");
}

#[test]
fn a_summary_is_short_and_ends_at_a_word() {
    let long = "naïve 🦀 ".repeat(200);
    let packet = packet("", &long, None);
    assert!(packet.summary.chars().count() <= SUMMARY_CHARS + 2, "{}", packet.summary);
    assert!(packet.summary.ends_with(" …"), "{}", packet.summary);
    let word = "x".repeat(1_000);
    assert_eq!(shortened(&word, 10), format!("{} …", "x".repeat(10)));
}
