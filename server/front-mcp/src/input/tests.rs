//! Lines and places.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use base::RelPath;
use serde_json::{Value, json};

use super::{Start, lines};

const TEXT: &str = "one\ntwo\r\nthree";

#[test]
fn lines_are_whole_and_count_from_one() {
    let of = |first, last| lines(TEXT, first, last).map(|range| TEXT[range.as_range()].to_owned());
    assert_eq!(of(1, 1), Ok("one\n".into()));
    assert_eq!(of(2, 2), Ok("two\r\n".into()));
    assert_eq!(of(2, 3), Ok("two\r\nthree".into()));
    assert!(of(0, 1).is_err() && of(3, 2).is_err() && of(1, 4).is_err());
    assert!(of(u32::MAX, u32::MAX).is_err());
    assert_eq!(lines("", 1, 1).unwrap().len(), 0);
}

#[test]
fn a_place_becomes_a_selection_or_a_diagnostic() {
    let request = |mut arguments: Value| {
        arguments["workflow"] = "fix".into();
        let start: Start = serde_json::from_value(arguments).unwrap();
        let path: Option<RelPath> = start.path().unwrap();
        start.request(path.map(|path| (path, TEXT))).unwrap()
    };
    let bare = request(json!({"tests": ["test_a"], "commit": true}));
    assert!(bare.selection.is_none() && bare.diagnostic.is_none() && bare.commit);
    assert_eq!(bare.tests, ["test_a"]);

    let whole = request(json!({"file": "./a.txt"})).selection.unwrap();
    assert_eq!((whole.path.as_str(), whole.range.len()), ("a.txt", TEXT.len()));
    let part = request(json!({"file": "a.txt", "line": 2})).selection.unwrap();
    assert_eq!(&TEXT[part.range.as_range()], "two\r\n");

    let arguments = json!({"workflow": "fix", "file": "a.txt", "end_line": 2});
    let start: Start = serde_json::from_value(arguments).unwrap();
    assert_eq!(start.path(), Err("`end_line` needs a `line`: the first one".into()));

    let request = request(json!({"file": "a.txt", "line": 2, "diagnostic": "odd"}));
    let diagnostic = request.diagnostic.unwrap();
    assert_eq!((diagnostic.line, diagnostic.message.as_str()), (2, "odd"));
    assert!(request.selection.is_none());
}
