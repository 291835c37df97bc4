//! What requests look like, and what they are taken for.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::RelPath;
use models::Complexity;

use super::Estimate;
use crate::request::Request;

fn check(text: &str, named: &[&str], found: &[&str], lines: usize, expected: &str) {
    let paths = |all: &[&str]| -> Vec<RelPath> {
        all.iter().map(|it| RelPath::parse(it).unwrap()).collect()
    };
    let (named, found) = (paths(named), paths(found));
    let request = Request::new("implement", text, "test");
    let estimate = Estimate { request: &request, named_lines: lines, named: &named, found: &found };
    let complexity = Complexity::of(&estimate.work());
    let shown =
        format!("{} {}: {}", complexity.score, complexity.tier(), complexity.reasons.join(", "));
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn what_is_named_counts_and_what_is_found_is_for_reading() {
    let found = &["src/a.py", "src/b.py", "web/c.ts"];
    check("fix the sum", &[], found, 0, "1 fast: 1 file: +1");
    check("fix the sum in src/a.py and src/b.py", &[], found, 0, "2 fast: 2 files: +2");
    check(
        "rename it everywhere",
        &[],
        found,
        0,
        "7 quality: 60 lines: +1, 3 files: +3, 2 languages: +3",
    );
    check("fix this", &["src/a.py"], found, 120, "3 balanced: 120 lines: +2, 1 file: +1");
    check("", &[], &[], 0, "1 fast: 1 file: +1");
}

#[test]
fn words_that_mean_work() {
    let found = &["app.py"];
    check(
        "add a login endpoint to the HTTP API that checks the password in Postgres",
        &[],
        found,
        0,
        "11 quality: 1 file: +1, 3 APIs: +6, a database: +2, authentication: +2",
    );
    check("use the crate serde", &[], found, 0, "2 fast: 1 file: +1, 1 dependency: +1");
    // Parts of words are other words.
    check("restore the author", &[], found, 0, "1 fast: 1 file: +1");
}
