//! Keys in, answer out.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use base::{Patch, RelPath};
use engine::Answer;
use expect_test::{Expect, expect};

use super::{Asking, Step};

/// Two hunks in `a.rs`, one in `b.rs`. `keys`: a letter a hunk, until it ends.
fn check(keys: &str, expected: Expect) {
    let file = |path: &str, old: &str, new: &str| {
        (RelPath::parse(path).unwrap(), Some(Arc::from(old)), Some(new.to_owned()))
    };
    let lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let patch = Patch::between([
        file("a.rs", lines, &lines.replace('2', "two").replace('8', "eight")),
        file("b.rs", lines, &lines.replace('5', "five")),
    ]);
    let hunks = patch.hunks();
    let name = |id: &base::HunkId| {
        let at = hunks.iter().position(|hunk| hunk.id == *id).unwrap();
        format!("{}#{at}", hunks[at].path)
    };
    let mut asking = Asking::new(hunks.clone());
    let mut acc = Vec::new();
    for key in keys.chars() {
        let (at, of) = asking.place();
        let step = asking.hear(&key.to_string());
        acc.push(format!("{key} at {at}/{of}: {step:?}"));
        if step == Step::Later {
            break;
        }
    }
    if asking.hunk().is_none() {
        acc.push(match asking.answer(None) {
            Answer::Accept { hunks: None, .. } => "all".into(),
            Answer::Accept { hunks: Some(ids), .. } => {
                let mut names: Vec<String> = ids.iter().map(name).collect();
                names.sort();
                names.join(" ")
            }
            other => format!("{other:?}"),
        });
    }
    expected.assert_eq(&acc.join("\n"));
}

#[test]
fn each_hunk_is_decided_by_itself() {
    check(
        "yny",
        expect![[r#"
        y at 1/3: Next
        n at 2/3: Next
        y at 3/3: Next
        a.rs#0 b.rs#2"#]],
    );
}

#[test]
fn a_and_d_decide_the_rest_of_the_file() {
    check(
        "ay",
        expect![[r#"
        a at 1/3: Next
        y at 3/3: Next
        all"#]],
    );
    check(
        "da",
        expect![[r#"
        d at 1/3: Next
        a at 3/3: Next
        b.rs#2"#]],
    );
}

#[test]
fn taking_nothing_rejects() {
    check(
        "nnn",
        expect![[r#"
        n at 1/3: Next
        n at 2/3: Next
        n at 3/3: Next
        Reject { reason: None }"#]],
    );
}

#[test]
fn unknown_keys_show_the_help_and_decide_nothing() {
    check(
        "x?q",
        expect![[r#"
        x at 1/3: Help
        ? at 1/3: Help
        q at 1/3: Later"#]],
    );
}

#[test]
fn feedback_is_asked_for() {
    check(
        "yr",
        expect![[r#"
        y at 1/3: Next
        r at 2/3: Feedback"#]],
    );
}

#[test]
fn a_choice_is_its_number_or_its_beginning() {
    let choices = ["Yes".to_owned(), "No".to_owned(), "Not now".to_owned()];
    let of = |line: &str| super::chosen(&choices, line).unwrap_or("-").to_owned();
    assert_eq!(["y", "YES ", "1", "not", "2"].map(of), ["Yes", "Yes", "Yes", "Not now", "No"]);
    // More than one, or none.
    assert_eq!(["n", "", " ", "0", "4", "maybe"].map(of), ["-"; 6]);
}
