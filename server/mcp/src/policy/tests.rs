//! Rules and hints, and that a hint never allows anything.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use super::Rules;
use crate::tool::Hints;

fn check(rules: &[&str], expected: Expect) {
    let texts: Vec<String> = rules.iter().map(|it| (*it).to_owned()).collect();
    let rules = Rules::parse(&texts).unwrap();
    let reads = Hints { read_only: Some(true), ..Hints::default() };
    let lies = Hints { read_only: Some(true), destructive: Some(true), ..Hints::default() };
    let tools = [("read_file", reads), ("read_all", lies), ("write_file", Hints::default())];
    let lines = tools.iter().map(|(name, hints)| {
        let policy = rules.decide(name, hints);
        format!("{name}: {:?}: {}\n", policy.decision, policy.reason)
    });
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn without_rules_every_call_is_asked_about() {
    check(
        &[],
        expect![[r#"
            read_file: Ask: your `tools` do not name it
            read_all: Ask: your `tools` do not name it
            write_file: Ask: your `tools` do not name it
        "#]],
    );
}

#[test]
fn a_glob_allows_what_only_reads() {
    check(
        &["*"],
        expect![[r#"
            read_file: Allow: your `tools` allow `*`, and it says that it only reads
            read_all: Ask: your `tools` allow `*`, and it does not say that it only reads; name it to allow it
            write_file: Ask: your `tools` allow `*`, and it does not say that it only reads; name it to allow it
        "#]],
    );
}

#[test]
fn a_name_allows_and_a_denial_is_stronger() {
    check(
        &["read_*", "write_file", "!read_all"],
        expect![[r#"
            read_file: Allow: your `tools` allow `read_*`, and it says that it only reads
            read_all: Deny: your `tools` deny it by `!read_all`
            write_file: Allow: your `tools` name `write_file`
        "#]],
    );
    check(
        &["*", "!*"],
        expect![[r#"
            read_file: Deny: your `tools` deny it by `!*`
            read_all: Deny: your `tools` deny it by `!*`
            write_file: Deny: your `tools` deny it by `!*`
        "#]],
    );
}

#[test]
fn a_rule_that_cannot_be_read_is_named() {
    for (rule, part) in [("!", "names no tool"), ("", "names no tool"), ("a[", "`a[`:")] {
        let error = Rules::parse(&[rule.to_owned()]).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
}
