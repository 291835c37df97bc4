//! Arguments as editors write them, and what is said about wrong ones.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;

fn refused<T: DeserializeOwned + std::fmt::Debug>(arguments: Vec<Value>, expected: Expect) {
    expected.assert_eq(&read::<T>("baton.test", arguments).unwrap_err().message);
}

#[test]
fn a_start_has_many_parts_and_needs_one() {
    let least: Start = read("x", vec![json!({"workflow": "fix"})]).unwrap();
    assert!(
        least.text.is_empty() && least.tests.is_empty() && !least.commit && least.uri.is_none()
    );
    let place = json!({"line": 0, "character": 0});
    let range = json!({"start": place, "end": place});
    let all: Start = read(
        "x",
        vec![json!({
            "workflow": "implement", "text": "t", "uri": "file:///a", "version": 2, "range": range,
            "diagnostic": {"range": range, "message": "m"}, "tests": ["a::b"], "model": "p/m", "commit": true,
        })],
    )
    .unwrap();
    assert_eq!((all.version, all.tests.len(), all.commit), (Some(2), 1, true));
    // Absent and null are the same: some clients cannot tell them apart.
    let null: Start =
        read("x", vec![json!({"workflow": "fix", "uri": null, "version": null})]).unwrap();
    assert!(null.uri.is_none());
}

#[test]
fn wrong_arguments_are_named() {
    refused::<OfRun>(vec![], expect!["`baton.test` takes one object as argument, got 0"]);
    refused::<OfRun>(
        vec![json!({"run": "a"}), json!(1)],
        expect!["`baton.test` takes one object as argument, got 2"],
    );
    refused::<OfRun>(vec![json!({})], expect!["the argument of `baton.test`: missing field `run`"]);
    refused::<Start>(
        vec![json!({"workflow": "fix", "file": "a.py"})],
        expect![
            "the argument of `baton.test`: unknown field `file`, expected one of `workflow`, `text`, `uri`, `version`, `range`, `diagnostic`, `tests`, `with_tests`, `model`, `commit`"
        ],
    );
    refused::<Accept>(
        vec![json!({"run": "a", "hunks": ["xyz"]})],
        expect!["the argument of `baton.test`: `xyz` is not a hunk id: 8 lower-case hex digits"],
    );
}
