//! What the events of a run say.

use serde_json::{Value, json};

use super::{Answer, read};

fn check(after: Value) -> Value {
    json!({"event": "check", "attempt": 1, "check": {"name": "tests: pytest", "after": after}})
}

fn delivered() -> Value {
    json!({"event": "finished", "outcome": {"outcome": "delivered"}})
}

#[test]
fn refusals_are_told_by_their_kind_and_a_delivery_is_seen() {
    let events = [
        check(json!({"findings": ["a"]})),
        json!({"event": "refused", "attempt": 1, "defect": {"kind": "test_still_fails"}}),
        check(json!("clean")),
        delivered(),
    ];
    let Answer { refused, is_delivered, no_answer, .. } = read(&events);
    assert_eq!((refused, is_delivered, no_answer), (vec!["test_still_fails".into()], true, None));
}

#[test]
fn tests_that_do_not_speak_are_no_answer() {
    let silent = [check(json!({"no_answer": "`go` is not installed"})), delivered()];
    assert_eq!(read(&silent).no_answer.as_deref(), Some("`go` is not installed"));
    let none = [
        json!({"event": "stage", "stage": "baseline", "state": "done", "note": "no tests were found"}),
        delivered(),
    ];
    assert_eq!(read(&none).no_answer.as_deref(), Some("no tests were found"));
    assert_eq!(read(&[]).no_answer.as_deref(), Some("no test ran"));
}
