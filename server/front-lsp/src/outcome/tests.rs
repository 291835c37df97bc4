//! Each way a run can end, in words.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use base::{Conflict, RelPath};
use engine::Failure;
use expect_test::{Expect, expect};

use super::*;

fn check(outcome: Option<&Outcome>, expected: Expect) {
    let Ending { short, message } = describe(outcome, None);
    let message = message.map(|(kind, text)| format!("{kind:?}: {text}")).unwrap_or_default();
    expected.assert_eq(&format!("{short}\n{message}"));
}

fn path(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

fn conflict(at: &str, reason: &str) -> Conflict {
    Conflict { hunk: "00000000".parse().unwrap(), path: path(at), reason: reason.into() }
}

#[test]
fn a_delivery_names_files_and_commit() {
    let commit = Some("0123456789abcdef".to_owned());
    let delivered = Outcome::Delivered { files: vec![path("a.py")], commit, conflicts: Vec::new() };
    check(
        Some(&delivered),
        expect![[r#"
        changed a.py
        Info: Baton changed a.py, commit 0123456789"#]],
    );
}

#[test]
fn a_partial_delivery_says_what_is_missing() {
    let conflicts = vec![conflict("b.py", "the file has changed")];
    let delivered = Outcome::Delivered { files: vec![path("a.py")], commit: None, conflicts };
    check(
        Some(&delivered),
        expect![[r#"
        changed a.py; a part was not applied
        Warning: Baton changed a.py. Not applied: b.py: the file has changed"#]],
    );
}

#[test]
fn nothing_applied_is_no_delivery() {
    let conflicts = vec![conflict("b.py", "the editor did not make this change")];
    let nothing = Outcome::Delivered { files: Vec::new(), commit: None, conflicts };
    check(
        Some(&nothing),
        expect![[r#"
        nothing was applied
        Warning: Baton: nothing was applied: b.py: the editor did not make this change"#]],
    );
    let nothing = Outcome::Delivered { files: Vec::new(), commit: None, conflicts: Vec::new() };
    check(
        Some(&nothing),
        expect![[r#"
        nothing was applied
        Warning: Baton: nothing was applied: no change was taken"#]],
    );
}

#[test]
fn the_other_ends() {
    check(
        Some(&Outcome::Rejected),
        expect![[r#"
        rejected
    "#]],
    );
    check(
        Some(&Outcome::Cancelled),
        expect![[r#"
        cancelled
    "#]],
    );
    check(
        None,
        expect![[r#"
        stopped; it can be resumed
    "#]],
    );
    check(
        Some(&Outcome::NothingToDo { why: "all pass".into() }),
        expect![[r#"
        nothing to do
        Info: Baton: nothing to do: all pass"#]],
    );
    let failure = Failure { kind: "no_model".into(), message: "no model".into(), resumable: true };
    check(
        Some(&Outcome::Failed { failure }),
        expect![[r#"
        failed: no model
        Error: Baton: no model"#]],
    );
}

#[test]
fn long_lists_are_cut() {
    let items: Vec<String> = (0..8).map(|n| n.to_string()).collect();
    assert_eq!(list(&items, ", "), "0, 1, 2, 3, 4, 3 more");
    assert_eq!(list(&items[..5], ", "), "0, 1, 2, 3, 4");
}
