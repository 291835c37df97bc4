//! The mission that its model knows, and the table.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use expect_test::expect;
use fixture::Scripted;
use serde_json::json;

use super::{Life, Seen, mission, seen_table, stage_of};

#[test]
fn a_question_is_known_by_what_stands_under_its_title() {
    let ask = |text: &str| json!({"messages": [{"content": ""}, {"content": text}]});
    let task = "Do this.\n\n## The task\n```\nWrite price in price.py.\n```\n\n## From memory\n```\nWrite METRE\n```\n";
    let Scripted::Slow { text, .. } = mission::reply(&ask(task)) else { panic!() };
    assert!(text.contains("price.py\n<<<<<<< FILE\nfrom table import PRICES"), "{text}");
    assert!(!matches!(mission::reply(&ask("Write METRE")), Scripted::Slow { .. }));
    assert_eq!(mission::files(), ["units.py", "area.py", "words.py", "table.py", "price.py"]);
}

#[test]
fn kills_are_told_by_what_was_going_on() {
    let stage =
        |stage: &str, state: &str| json!({"event": "stage", "stage": stage, "state": state});
    let in_task = json!({"event": "in_task", "task": "a", "what": stage("verify", "running")});
    let life = |events| stage_of(&Life { events, is_over: false });
    assert_eq!(life(vec![]), "at the start");
    assert_eq!(life(vec![stage("plan", "running"), in_task]), "verify");
    assert_eq!(life(vec![stage("plan", "done"), json!({"event": "ask"})]), "after plan");
    let seen = BTreeMap::from([
        ("generate".to_owned(), Seen { kills: 12, ..Seen::default() }),
        ("verify".to_owned(), Seen { kills: 3, other_end: 1, ..Seen::default() }),
    ]);
    expect![[r#"
        | killed in | kills | other files or commits | events lost | steps done again |
        |---|---|---|---|---|
        | generate  | 12    | 0                      | 0           | 0                |
        | verify    | 3     | 1                      | 0           | 0                |
        | in all    | 15    | 1                      | 0           | 0                |
    "#]]
    .assert_eq(&seen_table(&seen));
}
