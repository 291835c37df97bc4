//! What models write, and what becomes of it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use serde_json::{Value, json};

use super::{bounded, check, parse};
use crate::Schema;

#[test]
fn json_as_models_write_it() {
    let whole = json!({"a": [1, 2], "b": "x"});
    for text in [
        r#"{"a": [1, 2], "b": "x"}"#,
        "```json\n{\"a\": [1, 2], \"b\": \"x\"}\n```",
        "Here you are:\n\n{\"a\": [1, 2], \"b\": \"x\"}\n\nIs that right?",
        r#"{"a": [1, 2,], "b": "x",}"#,
        r#"{'a': [1, 2], 'b': 'x'}"#,
        r#"{a: [1, 2], b: "x"}"#,
        r#"{"a": [1, 2], "b": "x""#,
    ] {
        assert_eq!(parse(text).as_ref(), Ok(&whole), "{text}");
    }
    assert_eq!(parse("[1, 2").unwrap(), json!([1, 2]));
    assert_eq!(parse("7").unwrap(), json!(7));
}

#[test]
fn prose_is_no_json() {
    for text in ["", "I cannot do that.", "yes } no", "\u{0}"] {
        assert!(parse(text).unwrap_err().starts_with("it is no JSON: "), "{text}");
    }
}

#[test]
fn nothing_makes_it_panic_or_take_long() {
    let mut random = fixture::Random::new(7);
    let letters: Vec<char> = "{}[]\",:'\\ntf0-1.eE ax\u{e9}\u{1f600}/*#\n\t".chars().collect();
    for _ in 0..5_000 {
        let len = random.below(40);
        let text: String = (0..len).map(|_| letters[random.below(letters.len())]).collect();
        let _ = parse(&text);
    }
    let _ = parse(&"[".repeat(20_000));
    let _ = parse(&"{\"a\":".repeat(20_000));
}

#[test]
fn what_does_not_fit_is_said() {
    let shape = json!({
        "type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "minimum": 1}, "s": {"type": "string"}},
    });
    let fits =
        |value: Value| check(&value, &Schema { name: "x".to_owned(), schema: shape.clone() });
    assert_eq!(fits(json!({"n": 3})), Ok(()));
    assert_eq!(fits(json!({})).unwrap_err(), "\"n\" is a required property");
    let both = fits(json!({"n": 0, "s": 1})).unwrap_err();
    assert!(
        both.contains("/n: 0 is less than the minimum of 1")
            && both.contains("/s: 1 is not of type"),
        "{both}"
    );
    let none = Schema { name: "x".to_owned(), schema: json!({"type": "nonsense"}) };
    assert!(check(&json!(1), &none).unwrap_err().starts_with("the schema `x` is none: "));
}

#[test]
fn no_value_is_larger_than_anybody_meant() {
    let list = |n: usize| json!({"items": vec![1; n]});
    assert_eq!(bounded(&list(100)), Ok(()));
    assert_eq!(bounded(&list(101)).unwrap_err(), "a list in it has 101 items; 100 at most");
    let text = |n: usize| json!([{"text": "é".repeat(n)}]);
    assert_eq!(bounded(&text(20_000)), Ok(()));
    assert_eq!(
        bounded(&text(20_001)).unwrap_err(),
        "a text in it has 20001 characters; 20000 at most"
    );
}
