//! The edit that each kind of client is sent.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use base::PositionEncoding;
use serde_json::{Value, json};

use super::*;

fn file(name: &str, version: i32) -> OpenFile {
    let (old, new) = ("one\n😀\nthree\n", "one\n2\nthree\n4\n");
    OpenFile {
        path: RelPath::parse(name).unwrap(),
        uri: Uri(format!("file:///w/{name}")),
        version,
        text: Text::new(old),
        edits: TextEdits::between(old, new),
    }
}

fn declared() -> Features {
    Features {
        encoding: PositionEncoding::Utf16,
        apply_edit: true,
        document_changes: true,
        annotations: true,
        ..Features::none()
    }
}

fn sent(features: &Features, confirm: Option<&str>) -> Value {
    let files = [file("a.py", 0), file("b.py", 7)];
    serde_json::to_value(params(features, "say 2", &files, confirm)).unwrap()
}

fn place(line: u32) -> Value {
    json!({"line": line, "character": 0})
}

#[test]
fn an_edit_to_confirm_has_an_annotation_for_each_file() {
    let sent = sent(&declared(), Some("parse clean"));
    assert_eq!(sent["label"], "Baton: say 2");
    assert_eq!(sent.get("metadata"), None);
    assert_eq!(
        sent["edit"]["changeAnnotations"],
        json!({
            "baton.0": {"label": "Baton: say 2", "needsConfirmation": true, "description": "a.py (parse clean)"},
            "baton.1": {"label": "Baton: say 2", "needsConfirmation": true, "description": "b.py (parse clean)"},
        })
    );
    assert_eq!(
        sent["edit"]["documentChanges"][0],
        json!({
            "textDocument": {"uri": "file:///w/a.py", "version": 0},
            "edits": [
                {"annotationId": "baton.0", "range": {"start": place(1), "end": place(2)}, "newText": "2\n"},
                {"annotationId": "baton.0", "range": {"start": place(3), "end": place(3)}, "newText": "4\n"},
            ],
        })
    );
    assert_eq!(sent["edit"]["documentChanges"][1]["textDocument"]["version"], 7);
}

#[test]
fn vs_code_gets_ticked_edits_and_one_that_opens_the_preview() {
    let sent = sent(&Features { primer: true, ..declared() }, Some(""));
    let annotations = &sent["edit"]["changeAnnotations"];
    assert_eq!(annotations["baton.0"]["needsConfirmation"], false);
    assert_eq!(annotations["baton.1"]["needsConfirmation"], false);
    assert_eq!(annotations["baton.review"]["needsConfirmation"], true);
    let first = sent["edit"]["documentChanges"][0]["edits"].as_array().unwrap();
    assert_eq!(
        first.last().unwrap(),
        &json!({"annotationId": "baton.review", "range": {"start": place(0), "end": place(0)}, "newText": ""})
    );
    assert_eq!(sent["edit"]["documentChanges"][1]["edits"].as_array().unwrap().len(), 2);
}

#[test]
fn an_edit_that_was_accepted_asks_nothing() {
    let sent = sent(&Features { metadata: true, ..declared() }, None);
    assert_eq!(sent["metadata"], json!({"isRefactoring": true}));
    assert_eq!(sent["edit"].get("changeAnnotations"), None);
    assert_eq!(sent["edit"]["documentChanges"][0]["edits"][0].get("annotationId"), None);
}

#[test]
fn a_client_without_document_changes_gets_plain_ones() {
    let sent = sent(&Features { document_changes: false, ..declared() }, Some("x"));
    assert_eq!(sent["edit"].get("documentChanges"), None);
    assert_eq!(sent["edit"]["changes"]["file:///w/b.py"].as_array().unwrap().len(), 2);
}

#[test]
fn labels_are_short() {
    assert_eq!(titled(""), "Baton");
    assert_eq!(titled(&"x".repeat(200)).len(), LABEL_CHARS);
}
