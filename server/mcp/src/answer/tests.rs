//! Results as servers send them.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::{Expect, expect};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::Answer;
use crate::words::Redactor;

fn answer(result: Value, most: usize) -> Answer {
    let secret = SecretString::from("sk-0123456789abcdef".to_owned());
    let result = serde_json::from_value(result).unwrap();
    Answer::from_proto(&result, &Redactor::new(vec![secret]), most)
}

fn check(result: Value, expected: Expect) {
    expected.assert_eq(&answer(result, 1_000).text);
}

#[test]
fn what_is_no_text_is_named() {
    check(
        json!({"content": [
            {"type": "text", "text": "one\u{1b}[31m"},
            {"type": "image", "mimeType": "image/png", "data": "AAAA"},
            {"type": "audio", "mimeType": "audio/wav", "data": "AAA="},
            {"type": "resource", "resource": {"uri": "a:b", "text": "two"}},
            {"type": "resource", "resource": {"uri": "a:c", "blob": "AA=="}},
            {"type": "resource_link", "uri": "file:///x", "name": "x\ny"},
        ]}),
        expect![[r#"
            one[31m
            [image: image/png, 3 bytes]
            [audio: audio/wav, 2 bytes]
            [resource a:b]
            two
            [resource a:c: unknown type, 1 bytes]
            [link x y: file:///x]"#]],
    );
}

#[test]
fn structured_content_is_said_once() {
    check(
        json!({"content": [], "structuredContent": {"a": 1}}),
        expect![[r#"
        {
          "a": 1
        }"#]],
    );
    let text = |text: &str| json!([{"type": "text", "text": text}]);
    check(
        json!({"content": text("{ \"a\":1}"), "structuredContent": {"a": 1}}),
        expect![[r#"{ "a":1}"#]],
    );
    check(json!({"content": text("5"), "structuredContent": {"result": 5}}), expect!["5"]);
    check(json!({"content": text("hi"), "structuredContent": {"result": "hi"}}), expect!["hi"]);
    check(
        json!({"content": text("hi"), "structuredContent": {"a": "hi", "b": 1}}),
        expect![[r#"
            hi
            {
              "a": "hi",
              "b": 1
            }"#]],
    );
}

#[test]
fn a_long_answer_is_cut_and_says_so() {
    let cut = answer(json!({"content": [{"type": "text", "text": "ä".repeat(1_000)}]}), 101);
    assert!(cut.is_truncated);
    assert_eq!(cut.text, format!("{}\n[1900 bytes are left out]", "ä".repeat(50)));
}

#[test]
fn a_key_does_not_come_back() {
    check(
        json!({"content": [{"type": "text", "text": "KEY=sk-0123456789abcdef"}]}),
        expect!["KEY=[secret]"],
    );
}
