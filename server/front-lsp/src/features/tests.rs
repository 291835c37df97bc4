//! What is answered to what a client declares.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use serde_json::{Value, json};

use super::*;

fn features(client: &str, capabilities: Value) -> Features {
    let params = json!({"clientInfo": {"name": client}, "capabilities": capabilities});
    Features::of(&serde_json::from_value(params).unwrap())
}

fn answered(features: &Features) -> Value {
    serde_json::to_value(features.initialize_result()).unwrap()["capabilities"].take()
}

#[test]
fn a_client_that_declares_nothing_is_offered_only_what_all_can_do() {
    let none = features("old", json!({}));
    assert_eq!(none, Features::none());
    let answer = answered(&none);
    assert_eq!(answer.get("positionEncoding"), None);
    assert_eq!(answer["codeActionProvider"], json!(true));
    assert_eq!(answer["workspace"].get("textDocumentContent"), None);
    assert_eq!(answer["textDocumentSync"]["change"], json!(2));
}

#[test]
fn the_encoding_is_chosen_from_what_is_offered() {
    let offer = |encodings: Value| {
        let features = features("x", json!({"general": {"positionEncodings": encodings}}));
        (features.encoding, answered(&features)["positionEncoding"].take())
    };
    assert_eq!(offer(json!(["utf-16", "utf-8"])), (PositionEncoding::Utf8, json!("utf-8")));
    assert_eq!(offer(json!(["utf-32", "utf-16"])), (PositionEncoding::Utf16, json!("utf-16")));
    assert_eq!(offer(json!(["utf-32"])), (PositionEncoding::Utf32, json!("utf-32")));
    assert_eq!(offer(json!(["utf-7"])), (PositionEncoding::Utf16, json!("utf-16")));
    assert_eq!(offer(json!([])), (PositionEncoding::Utf16, json!("utf-16")));
}

#[test]
fn what_is_declared_is_used() {
    let edit =
        json!({"documentChanges": true, "changeAnnotationSupport": {}, "metadataSupport": true});
    let literals = json!({"codeActionKind": {"valueSet": []}});
    let all = features(
        "Visual Studio Code - Insiders",
        json!({
            "workspace": {"applyEdit": true, "workspaceEdit": edit, "textDocumentContent": {}},
            "window": {"workDoneProgress": true, "showDocument": {"support": true}},
            "textDocument": {"codeAction": {"codeActionLiteralSupport": literals}},
        }),
    );
    assert!(all.confirms_edits() && all.primer && all.progress && all.show_document);
    let answer = answered(&all);
    assert_eq!(
        answer["codeActionProvider"]["codeActionKinds"],
        json!(["quickfix.baton", "refactor.rewrite.baton", "source.baton.generateTests"])
    );
    assert_eq!(answer["workspace"]["textDocumentContent"], json!({"schemes": ["baton"]}));
    assert_eq!(
        answer["executeCommandProvider"]["commands"],
        json!([
            "baton.proposal.accept",
            "baton.proposal.reject",
            "baton.proposal.revise",
            "baton.question.answer",
            "baton.run.cancel",
            "baton.run.resume",
            "baton.run.start",
        ])
    );
}

#[test]
fn an_edit_is_confirmed_in_the_editor_only_where_all_of_that_is_declared() {
    let confirms = |edit: Value| {
        features("Neovim", json!({"workspace": {"applyEdit": true, "workspaceEdit": edit}}))
            .confirms_edits()
    };
    assert!(confirms(json!({"documentChanges": true, "changeAnnotationSupport": {}})));
    assert!(!confirms(json!({"changeAnnotationSupport": {"groupsOnLabel": true}})));
    assert!(!confirms(json!({"documentChanges": true})));
}

#[test]
fn symbols_are_found_in_every_client_with_the_kinds_that_it_knows() {
    let knows = |kinds: Value| {
        features("x", json!({"workspace": {"symbol": {"symbolKind": {"valueSet": kinds}}}}))
    };
    let all = knows(json!((1..=26).collect::<Vec<u32>>()));
    assert!(all.newer_symbol_kinds && !knows(json!([1, 5, 23])).newer_symbol_kinds);
    for features in [all, Features::none()] {
        assert_eq!(
            answered(&features)["workspaceSymbolProvider"],
            json!({"workDoneProgress": true})
        );
    }
}
