//! Which syntax errors count as new.
#![allow(clippy::unwrap_used, reason = "a test with a wrong path fails")]

use base::RelPath;
use expect_test::{Expect, expect};

use super::{Trees, check};

#[track_caller]
fn check_parse(path: &str, before: Option<&str>, after: &str, expect: Expect) {
    let path = RelPath::parse(path).unwrap();
    let verdict = check(before, after, &path);
    expect.assert_eq(&format!("{verdict:?}"));
    // Known or not, the answer is the same; and once more, when trees of both are there.
    let trees = Trees::new();
    trees.read(before.unwrap_or_default(), &path);
    assert_eq!(trees.check(before, after, &path), verdict);
    assert_eq!(trees.check(before, after, &path), verdict);
    assert_eq!(Trees::new().check(before, after, &path), verdict);
}

#[test]
fn clean_new_and_unknown_files() {
    check_parse("a.py", None, "def f():\n    return 1\n", expect!["Clean"]);
    check_parse("a.py", None, "", expect!["Clean"]);
    check_parse("a.unknown", None, "((((", expect![[r#"NoAnswer("no grammar for `a.unknown`")"#]]);
}

#[test]
fn new_errors_are_found_with_their_line() {
    check_parse(
        "a.py",
        Some("x = 1\n"),
        "x = 1\ny = (2\n",
        expect![[r#"Findings(["a.py:2: syntax error at `y = (2`"])"#]],
    );
    check_parse(
        "a.rs",
        Some("fn f() {}\n"),
        "fn f() {\n",
        expect![[r#"Findings(["a.rs:1: syntax error at `fn f() {`"])"#]],
    );
    check_parse(
        "a.js",
        None,
        "function f( { return 1 }\n",
        expect![[r#"Findings(["a.js:1: syntax error at `function f( { return 1 }`"])"#]],
    );
}

#[test]
fn errors_from_before_are_not_held_against_the_change() {
    let broken = "def f(:\n    pass\n\n\ndef g():\n    return 1\n";
    check_parse("a.py", Some(broken), &broken.replace("return 1", "return 2"), expect!["Clean"]);
    check_parse("a.py", Some(broken), &format!("import os\n\n\n{broken}"), expect!["Clean"]);
    check_parse(
        "a.py",
        Some(broken),
        &broken.replace("return 1", "return (2"),
        expect![[r#"Findings(["a.py:6: syntax error at `return (2`"])"#]],
    );
    check_parse("a.py", Some(broken), &broken.replace("f(:", "f():"), expect!["Clean"]);
}

#[test]
fn the_same_error_once_more_is_new() {
    let broken = "x = = 1\n\n\n\ny = 2\n";
    check_parse(
        "a.py",
        Some(broken),
        &broken.replace("y = 2", "x = = 1"),
        expect![[r#"Findings(["a.py:5: syntax error at `=`"])"#]],
    );
}

#[test]
fn a_text_is_found_in_its_language_only() {
    let (text, worse) = ("x = 1\n", "x = 1 +\n");
    let trees = Trees::new();
    for name in ["a.py", "a.go"] {
        trees.read(text, &RelPath::parse(name).unwrap());
    }
    let said = |name: &str, after: &str| {
        trees.check(Some(text), after, &RelPath::parse(name).unwrap()).is_clean()
    };
    assert!(said("a.py", "x = 1\ny = 2\n"));
    assert!(!said("a.py", worse));
    // Not Go either before or after it.
    assert!(!said("a.go", "func f( {}\n"));
}
