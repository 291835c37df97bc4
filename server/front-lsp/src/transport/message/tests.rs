//! One table: what a client sends, and what it is taken for.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::{Message, classify};

fn check(value: Value, expected: Expect) {
    expected.assert_eq(&match classify(value) {
        Message::Request(request) => format!("request {request}"),
        Message::Response(response) => format!("{response:?}"),
        Message::Refused { id, reason } => format!("refused {id}: {reason}"),
    });
}

#[test]
fn takes_requests_and_notifications() {
    check(
        json!({"jsonrpc": "2.0", "id": 1, "method": "a", "params": [1]}),
        expect![[r#"request {"jsonrpc":"2.0","method":"a","params":[1],"id":1}"#]],
    );
    check(
        json!({"jsonrpc": "2.0", "id": "x", "method": "a"}),
        expect![[r#"request {"jsonrpc":"2.0","method":"a","id":"x"}"#]],
    );
    check(
        json!({"jsonrpc": "2.0", "method": "a", "params": {}}),
        expect![[r#"request {"jsonrpc":"2.0","method":"a","params":{}}"#]],
    );
}

#[test]
fn leaves_out_empty_parameters() {
    check(
        json!({"jsonrpc": "2.0", "id": 1, "method": "a", "params": null}),
        expect![[r#"request {"jsonrpc":"2.0","method":"a","id":1}"#]],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": {}}),
        expect![[r#"request {"jsonrpc":"2.0","method":"shutdown","id":1}"#]],
    );
    check(
        json!({"jsonrpc": "2.0", "method": "exit", "params": [null]}),
        expect![[r#"request {"jsonrpc":"2.0","method":"exit"}"#]],
    );
}

#[test]
fn takes_responses_also_malformed_ones() {
    check(
        json!({"jsonrpc": "2.0", "id": 1, "result": null}),
        expect!["Response { jsonrpc: Version, result: Null, id: Number(1) }"],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 1, "result": 2, "error": null}),
        expect!["Response { jsonrpc: Version, result: Number(2), id: Number(1) }"],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 1, "error": {"code": 1, "message": "no"}}),
        expect![[
            r#"Response { jsonrpc: Version, error: Error { code: ServerError(1), message: "no", data: None }, id: Number(1) }"#
        ]],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 1, "error": "no"}),
        expect![[
            r#"Response { jsonrpc: Version, error: Error { code: InternalError, message: "the client's answer is malformed: data did not match any variant of untagged enum Kind", data: None }, id: Number(1) }"#
        ]],
    );
}

#[test]
fn refuses_the_rest() {
    check(
        json!([{"jsonrpc": "2.0", "id": 1, "method": "a"}]),
        expect!["refused null: batches are not part of LSP: send each message in its own frame"],
    );
    check(json!("hello"), expect!["refused null: a message is a JSON object"]);
    check(
        json!({}),
        expect![
            "refused null: neither a request (`method`) nor a response (`id` with `result` or `error`)"
        ],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 3}),
        expect![
            "refused 3: neither a request (`method`) nor a response (`id` with `result` or `error`)"
        ],
    );
    check(
        json!({"jsonrpc": "2.0", "result": 3}),
        expect![
            "refused null: neither a request (`method`) nor a response (`id` with `result` or `error`)"
        ],
    );
    check(
        json!({"jsonrpc": "2.0", "id": 3, "method": 5}),
        expect!["refused 3: not a request: invalid type: integer `5`, expected a string"],
    );
    check(
        json!({"jsonrpc": "1.0", "id": 3, "method": "a"}),
        expect![[r#"refused 3: not a request: expected JSON-RPC version "2.0""#]],
    );
    check(
        json!({"id": 3, "method": "a"}),
        expect!["refused 3: not a request: missing field `jsonrpc`"],
    );
    check(
        json!({"jsonrpc": "2.0", "id": {"a": 1}, "method": "a"}),
        expect!["refused null: not a request: data did not match any variant of untagged enum Id"],
    );
}
