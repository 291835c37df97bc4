//! Tools as servers describe them, good and bad.
#![allow(clippy::unwrap_used, reason = "tests")]

use expect_test::expect;
use secrecy::SecretString;
use serde_json::json;

use super::Tool;
use crate::words::Redactor;

fn tool(value: serde_json::Value) -> Option<(Tool, Option<String>)> {
    let secret = SecretString::from("sk-0123456789abcdef".to_owned());
    let tool = serde_json::from_value(value).unwrap();
    Tool::from_proto("s", tool, &Redactor::new(vec![secret]))
}

#[test]
fn what_a_server_says_is_bounded_and_plain() {
    let (tool, note) = tool(json!({
        "name": "read",
        "title": "sk-0123456789abcdef Read\n\u{1b}[2Ja file",
        "description": format!("\u{1b}]0;x\u{7}Reads.\n{}", "x".repeat(5_000)),
        "inputSchema": {"type": "object", "properties": {"a": {"type": "string", "description": "a\u{1b}[31m", "enum": ["\u{1b}"]}}},
        "annotations": {"readOnlyHint": true, "openWorldHint": false},
    }))
    .unwrap();
    assert_eq!(note, None);
    assert_eq!(tool.title.as_deref(), Some("[secret] Read [2Ja file"));
    assert_eq!(tool.description.len(), super::MAX_DESCRIPTION);
    assert!(tool.description.starts_with("]0;xReads.\nxx") && tool.description.ends_with('…'));
    // What is demanded stays as it is.
    expect![[r#"{"properties":{"a":{"description":"a[31m","enum":["\u001b"],"type":"string"}},"type":"object"}"#]]
        .assert_eq(&tool.schema.to_string());
    assert!(tool.hints.is_read_only());
    assert_eq!(tool.full_name(), "s/read");
}

#[test]
fn a_tool_that_contradicts_itself_does_not_only_read() {
    let annotations = json!({"readOnlyHint": true, "destructiveHint": true});
    let (tool, _) =
        tool(json!({"name": "x", "inputSchema": {}, "annotations": annotations})).unwrap();
    assert!(!tool.hints.is_read_only());
}

#[test]
fn a_schema_without_end_is_left_out_and_that_is_said() {
    let schema = json!({"type": "object", "description": "x".repeat(40_000)});
    let (tool, note) = tool(json!({"name": "x", "inputSchema": schema})).unwrap();
    assert_eq!(tool.schema, json!({"type": "object"}));
    assert!(note.unwrap().starts_with("the schema of `x` is left out: it has 40"));
}

#[test]
fn a_name_that_cannot_be_shown_is_no_tool() {
    for name in ["", "a b", "a\u{1b}[31mb", "ünicode"] {
        assert!(tool(json!({"name": name, "inputSchema": {}})).is_none(), "{name:?}");
    }
}
