//! Errors of broken texts, and the limits.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};

use crate::errors::{errors, errors_until};
use crate::languages::by_id;
use crate::parse::{Deadline, Error, MAX_LEN};

fn check(lang: &str, text: &str, expected: Expect) {
    let mut shown = String::new();
    for error in errors(by_id(lang).unwrap(), text).unwrap() {
        let what = if error.missing { "missing" } else { "error" };
        shown += &format!("{what} {} line {} `{}`\n", error.range, error.line, error.near);
    }
    expected.assert_eq(&shown);
}

#[test]
fn good_text_has_none() {
    check("python", "", expect![[""]]);
    check("python", "\u{feff}def f():\r\n    return '🎉'\r\n", expect![[""]]);
    check("rust", "fn main() { println!(\"{}\", 1); }\n", expect![[""]]);
    check("typescriptreact", "const a = <p>{1}</p>;\n", expect![[""]]);
}

#[test]
fn broken_text_has_places() {
    check(
        "python",
        "x = 1\ndef f(:\n    pass\n",
        expect![[r#"
        missing 12..12 line 2 `)`
    "#]],
    );
    check(
        "rust",
        "fn a() {\n    let x = (1;\n}\n",
        expect![[r#"
        missing 23..23 line 2 `)`
    "#]],
    );
    check(
        "javascript",
        "const a = {\n",
        expect![[r#"
        error 0..11 line 1 `const a = {`
    "#]],
    );
    check(
        "python",
        ")))\n",
        expect![[r#"
        error 0..3 line 1 `)))`
    "#]],
    );
}

#[test]
fn no_answer_is_no_empty_list() {
    let python = by_id("python").unwrap();
    let long = " ".repeat(MAX_LEN + 1);
    assert_eq!(errors(python, &long), Err(Error::TooLarge { len: MAX_LEN + 1 }));
    let text = "def f(a):\n    return a + 1\n".repeat(2_000);
    assert_eq!(errors_until(python, &text, Deadline::after(0)), Err(Error::Timeout));
}

#[test]
fn the_number_of_errors_is_bounded() {
    let text = "def f(:\n    pass\n".repeat(1_000);
    assert!(errors(by_id("python").unwrap(), &text).unwrap().len() <= 200);
}
