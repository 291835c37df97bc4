//! Tests of `diagnostic`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;

use crate::samples::path;
use crate::{ByteRange, Diagnostic, Severity};

fn diagnostic(code: Option<&str>) -> Diagnostic {
    Diagnostic {
        path: path("src/a.py"),
        range: ByteRange::new(4, 7),
        line: 3,
        severity: Severity::Error,
        source: "pyflakes".to_owned(),
        code: code.map(str::to_owned),
        message: "undefined name `x`".to_owned(),
    }
}

#[test]
fn reads_like_a_compilers_line() {
    expect!["src/a.py:3: error: undefined name `x` [pyflakes F821]"]
        .assert_eq(&diagnostic(Some("F821")).to_string());
    expect!["src/a.py:3: error: undefined name `x` [pyflakes]"]
        .assert_eq(&diagnostic(None).to_string());
}

#[test]
fn round_trips_as_json_and_needs_no_code() {
    let json = serde_json::to_string(&diagnostic(None)).unwrap();
    assert_eq!(serde_json::from_str::<Diagnostic>(&json).unwrap(), diagnostic(None));
    let without = json.replace(r#""code":null,"#, "");
    assert_ne!(without, json);
    assert_eq!(serde_json::from_str::<Diagnostic>(&without).unwrap(), diagnostic(None));
    assert!(serde_json::from_str::<Diagnostic>(&json.replace("src/a.py", "/src/a.py")).is_err());
}

#[test]
fn errors_come_first() {
    assert!(Severity::Error < Severity::Warning && Severity::Info < Severity::Hint);
}
