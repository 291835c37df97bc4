//! Which actions are offered to which client, and with which command.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;

const TEXT: &str = "def f(x):\n    # TODO: add 😀 one\n    return y\n";

fn literals() -> Features {
    Features { code_action_literals: true, ..Features::none() }
}

fn params(range: Value, context: Value) -> CodeActionParams {
    let document = json!({"uri": "file:///w/a%20b.py"});
    serde_json::from_value(json!({"textDocument": document, "range": range, "context": context}))
        .unwrap()
}

fn range(from: (u32, u32), to: (u32, u32)) -> Value {
    let place = |(line, character)| json!({"line": line, "character": character});
    json!({"start": place(from), "end": place(to)})
}

fn diagnostic(message: &str) -> Value {
    json!({"range": range((2, 11), (2, 12)), "severity": 1, "source": "pyflakes", "message": message})
}

fn titles(params: &CodeActionParams) -> Vec<String> {
    let document = Document { version: Some(3), text: Text::new(TEXT) };
    let offered = offer(params, &document, &literals());
    offered
        .into_iter()
        .map(|action| match action {
            CodeActionResponse::CodeAction(action) => {
                format!("{} [{}]", action.title, action.kind.unwrap().as_str())
            }
            CodeActionResponse::Command(command) => command.title,
        })
        .collect()
}

fn check(params: &CodeActionParams, expected: Expect) {
    expected.assert_eq(&titles(params).join("\n"));
}

#[test]
fn each_diagnostic_has_its_fix() {
    let context =
        json!({"diagnostics": [diagnostic("undefined name 'y'"), diagnostic("second\nmore")]});
    check(
        &params(range((2, 11), (2, 11)), context),
        expect![[r#"
            Baton: fix: undefined name 'y' [quickfix.baton]
            Baton: fix: second [quickfix.baton]"#]],
    );
}

#[test]
fn a_selection_has_its_rewrite() {
    let context = json!({"diagnostics": []});
    check(
        &params(range((0, 0), (3, 0)), context.clone()),
        expect![[r#"
            Baton: implement the TODO [refactor.rewrite.baton]
            Baton: write tests of the selection [source.baton.generateTests]"#]],
    );
    check(
        &params(range((2, 0), (3, 0)), context.clone()),
        expect![[r#"
            Baton: implement what the selection asks for [refactor.rewrite.baton]
            Baton: write tests of the selection [source.baton.generateTests]"#]],
    );
    check(&params(range((2, 4), (2, 4)), context), expect![""]);
}

#[test]
fn only_the_wanted_kinds_are_offered() {
    let n_offered = |only: Value| {
        let context = json!({"diagnostics": [diagnostic("d")], "only": only});
        titles(&params(range((1, 0), (1, 0)), context)).len()
    };
    let cases = [
        (json!([""]), 3),
        (json!(["quickfix"]), 1),
        (json!(["quickfix.baton"]), 1),
        (json!(["quickfix.baton.more"]), 0),
        (json!(["quick"]), 0),
        (json!(["refactor"]), 1),
        (json!(["refactor.rewrite"]), 1),
        (json!(["refactor.extract", "quickfix"]), 1),
        (json!(["source"]), 1),
        (json!(["source.organizeImports"]), 0),
        (json!([]), 0),
    ];
    for (only, n) in cases {
        assert_eq!(n_offered(only.clone()), n, "{only}");
    }
}

#[test]
fn an_action_carries_the_command_that_does_it() {
    let context = json!({"diagnostics": [diagnostic("undefined name 'y'")]});
    let params = params(range((1, 20), (1, 20)), context);
    let document = Document { version: Some(3), text: Text::new(TEXT) };
    let offered = serde_json::to_value(offer(&params, &document, &literals())).unwrap();
    assert_eq!(
        offered[0],
        json!({
            "title": "Baton: fix: undefined name 'y'",
            "kind": "quickfix.baton",
            "diagnostics": [diagnostic("undefined name 'y'")],
            "command": {
                "title": "Baton: fix: undefined name 'y'",
                "command": "baton.run.start",
                "arguments": [{
                    "workflow": "fix",
                    "uri": "file:///w/a%20b.py",
                    "version": 3,
                    "diagnostic": diagnostic("undefined name 'y'"),
                }],
            },
        })
    );
    // The range is that of the line, in UTF-16.
    assert_eq!(
        offered[1]["command"]["arguments"][0],
        json!({
            "workflow": "implement",
            "text": "TODO: add 😀 one",
            "uri": "file:///w/a%20b.py",
            "version": 3,
            "range": range((1, 0), (1, 22)),
        })
    );
}

#[test]
fn a_client_without_action_literals_gets_commands() {
    let context = json!({"diagnostics": [diagnostic("d")]});
    let params = params(range((2, 0), (2, 0)), context);
    let document = Document { version: None, text: Text::new(TEXT) };
    let offered = serde_json::to_value(offer(&params, &document, &Features::none())).unwrap();
    assert_eq!(offered[0]["command"], "baton.run.start");
    assert_eq!(offered[0]["arguments"][0]["version"], Value::Null);
}

#[test]
fn a_long_message_is_cut_for_the_menu() {
    let context = json!({"diagnostics": [diagnostic(&"ü".repeat(200))]});
    let title = titles(&params(range((2, 0), (2, 0)), context)).remove(0);
    assert_eq!(title, format!("Baton: fix: {}… [quickfix.baton]", "ü".repeat(59)));
}
