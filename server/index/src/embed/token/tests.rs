//! Tokens, as the training cuts them too: `tokens.json` is read by both.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use serde_json::Value;

use crate::embed::table::Table;
use crate::embed::testing::table_bytes;
use crate::embed::token::{Limit, tokens};

const ALL: Limit = Limit { tokens: usize::MAX, bytes: usize::MAX };

fn list(bytes: &[u8], text: &str, limit: Limit) -> Vec<String> {
    let table = Table::parse(bytes).unwrap();
    let mut found = Vec::new();
    tokens(&table, text, limit, &mut |token| {
        found.push(String::from_utf8(table.string(token).to_vec()).unwrap());
    });
    found
}

fn table_of(strings: &[&str]) -> Vec<u8> {
    let tokens: Vec<_> = strings.iter().map(|string| (*string, 1.0, vec![0; 32])).collect();
    table_bytes(32, &tokens)
}

#[test]
fn tokens_are_those_of_the_training() {
    let file: Value = serde_json::from_str(include_str!("../tokens.json")).unwrap();
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let table = strings(&file["table"]);
    let bytes = table_of(&table.iter().map(String::as_str).collect::<Vec<_>>());
    for case in file["cases"].as_array().unwrap() {
        let text = case["text"].as_str().unwrap();
        assert_eq!(list(&bytes, text, ALL), strings(&case["tokens"]), "{text}");
    }
}

#[test]
fn limits_end_the_reading() {
    let bytes = table_of(&["one", "a", "##a"]);
    let check = |text: &str, tokens: usize, bytes_limit: usize, expected: &str| {
        let limit = Limit { tokens, bytes: bytes_limit };
        assert_eq!(list(&bytes, text, limit).join(" "), expected, "{text}");
    };
    check("one one one", 2, 99, "one one");
    check("one one one", 0, 99, "");
    check("aaaa one", 3, 99, "a ##a ##a");
    check("aaaa one", 5, 99, "a ##a ##a ##a one");
    check("one one", 9, 6, "one");
    check("öa", 9, 1, "");
}
