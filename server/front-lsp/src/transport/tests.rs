//! The transport under a client that floods, stalls, cancels, sends nonsense and leaves, over in-memory pipes.
//!
//! Each test is a way in which language servers are known to lose text, hang or die.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "a test's tasks end with its runtime")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::End;
use client::{TestClient, within};

mod backend;
mod client;

/// As one line, for expectations.
fn check(value: &Value, expected: Expect) {
    expected.assert_eq(&value.to_string());
}

// --- Order

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn applies_2000_changes_in_order() {
    let mut client = TestClient::start().await;
    client.open("").await;
    let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
    for version in 1..=2000 {
        client.insert(version, version - 1, &letter(version).to_string()).await;
    }
    let stats = client.stats().await;
    let expected: String = (1..=2000).map(letter).collect();
    assert_eq!(
        stats,
        json!({"version": 2000, "text": expected, "changes": 2000, "saves": 0, "regressions": 0})
    );
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_sees_every_change_before_it() {
    let mut client = TestClient::start().await;
    client.open("").await;
    let mut stale = vec![];
    for version in 1..=300 {
        client.insert(version, 0, "x").await;
        let stats = client.stats().await;
        if stats["version"] != version {
            stale.push((version, stats));
        }
    }
    assert!(stale.is_empty(), "{stale:?}");
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_can_keep_the_document_of_its_place_on_the_wire() {
    let mut client = TestClient::start().await;
    client.open("").await;
    client.insert(1, 0, "x").await;
    let waiting = client.request("test/versions", Value::Null).await;
    client.insert(2, 0, "x").await;
    client.call("test/open", Value::Null).await;
    check(&client.response(waiting).await["result"], expect![[r#"{"dispatched_at":1,"now":2}"#]]);
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_save_and_close_are_ordered_too() {
    let mut client = TestClient::start().await;
    let document = json!({"textDocument": {"uri": backend::uri()}});
    for _ in 0..50 {
        client.open("text").await;
        client.change(1, json!({"text": "new"})).await;
        client.notify("textDocument/didSave", document.clone()).await;
        let open = client.stats().await;
        assert_eq!(
            open,
            json!({"version": 1, "text": "new", "changes": 1, "saves": 1, "regressions": 0})
        );
        client.notify("textDocument/didClose", document.clone()).await;
        assert_eq!(client.stats().await["text"], "");
    }
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_never_overtakes_what_its_handler_sent() {
    let mut client = TestClient::start().await;
    for _ in 0..300 {
        let id = client.request("test/progress", json!({"n_reports": 1})).await;
        let mut kinds = vec![];
        loop {
            let message = client.next().await;
            if message["id"] == id {
                break;
            }
            kinds.push(message["params"]["value"]["kind"].as_str().unwrap().to_owned());
        }
        assert_eq!(kinds, ["begin", "report", "end"]);
    }
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overtakes_initialize() {
    let mut client = TestClient::connect(64 << 10);
    let early = client.request("test/stats", Value::Null).await;
    client.open("dropped: the protocol forbids it here").await;
    let initialize = client.request("initialize", json!({"capabilities": {}})).await;
    client.open("kept").await;
    let stats = client.request("test/stats", Value::Null).await;
    check(
        &client.response(early).await["error"],
        expect![[r#"{"code":-32002,"message":"Server not initialized"}"#]],
    );
    assert_eq!(client.next().await["id"], initialize);
    assert_eq!(client.next().await["id"], stats);
    assert_eq!(client.stats().await["text"], "kept");
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_initialize_can_be_repeated() {
    let mut client = TestClient::connect(64 << 10);
    let failed = client
        .call("initialize", json!({"capabilities": {}, "initializationOptions": "panic"}))
        .await;
    check(
        &failed["error"],
        expect![[r#"{"code":-32603,"message":"the handler of initialize panicked"}"#]],
    );
    assert_eq!(client.call("test/stats", Value::Null).await["error"]["code"], -32002);
    assert_eq!(
        client.call("initialize", json!({"capabilities": {}})).await["result"],
        json!({"capabilities": {}})
    );
    client.finish().await;
}

// --- Load

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_requests_hold_up_neither_others_nor_their_cancellation() {
    let mut client = TestClient::start().await;
    let mut slow = vec![];
    for _ in 0..64 {
        slow.push(client.request("test/slow", Value::Null).await);
    }
    assert_eq!(client.stats().await["version"], 0);
    for id in slow {
        client.notify("$/cancelRequest", json!({"id": id})).await;
        check(
            &client.response(id).await["error"],
            expect![[r#"{"code":-32800,"message":"Canceled"}"#]],
        );
    }
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_what_is_done_or_unknown_is_nothing() {
    let mut client = TestClient::start().await;
    client.stats().await;
    for id in [json!(2), json!(4000), json!("x"), json!({})] {
        client.notify("$/cancelRequest", json!({"id": id})).await;
    }
    assert_eq!(client.stats().await["version"], 0);
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handlers_get_the_clients_answers_past_queued_notifications() {
    let mut client = TestClient::start().await;
    client.open("").await;
    let mut asking = vec![];
    for _ in 0..4 {
        asking.push(client.request("test/ask", Value::Null).await);
    }
    let mut questions = vec![];
    for _ in 0..4 {
        questions.push(client.asked("workspace/workspaceFolders").await);
    }
    for version in 1..=150 {
        client.insert(version, 0, "x").await;
    }
    for question in &questions {
        client.answer(question, json!([])).await;
    }
    for id in asking {
        assert_eq!(client.response(id).await["result"], json!([]));
    }
    assert_eq!(client.stats().await["changes"], 150);
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_can_go_on_writing() {
    let mut client = TestClient::connect(4 << 10);
    client.call("initialize", json!({"capabilities": {}})).await;
    client.open(&"y".repeat(10_000)).await;
    let mut ids = vec![];
    for _ in 0..400 {
        ids.push(client.request("test/stats", Value::Null).await);
    }
    for version in 1..=2000 {
        client.change(version, json!({"text": "z".repeat(500)})).await;
    }
    // Each write was limited in time; now everything is there, whole.
    for id in ids {
        assert!(client.response(id).await["result"]["text"].is_string());
    }
    assert_eq!(client.stats().await["changes"], 2000);
    client.finish().await;
}

// --- Nonsense

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_ends_at_its_handler() {
    let mut client = TestClient::start().await;
    client.open("").await;
    check(
        &client.call("test/panic", Value::Null).await["error"],
        expect![[r#"{"code":-32603,"message":"the handler of test/panic panicked"}"#]],
    );
    // Outside of the text: the document's own code panics, inside the read loop.
    client.insert(1, 7, "x").await;
    check(
        &client.call("test/panic", Value::Null).await["error"],
        expect![[r#"{"code":-32603,"message":"the handler of test/panic panicked"}"#]],
    );
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_malformed_body_is_answered_and_survived() {
    let mut client = TestClient::start().await;
    client.write(b"Content-Length: 5\r\n\r\n{bad}").await;
    check(
        &client.next().await,
        expect![[
            r#"{"error":{"code":-32700,"message":"the body is not JSON: key must be a string at line 1 column 2"},"id":null,"jsonrpc":"2.0"}"#
        ]],
    );
    client.write(b"Content-Type: a; charset=latin1\r\nContent-Length: 2\r\n\r\n{}").await;
    check(
        &client.next().await,
        expect![[
            r#"{"error":{"code":-32700,"message":"charset `latin1` is not supported; send utf-8"},"id":null,"jsonrpc":"2.0"}"#
        ]],
    );
    assert_eq!(client.stats().await["version"], 0);
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_a_request_is_refused_and_survived() {
    let mut client = TestClient::start().await;
    for (message, expected) in [
        (
            json!({}),
            expect![[
                r#"{"error":{"code":-32600,"message":"neither a request (`method`) nor a response (`id` with `result` or `error`)"},"id":null,"jsonrpc":"2.0"}"#
            ]],
        ),
        (
            json!(7),
            expect![[
                r#"{"error":{"code":-32600,"message":"a message is a JSON object"},"id":null,"jsonrpc":"2.0"}"#
            ]],
        ),
        (
            json!({"jsonrpc": "2.0", "id": 70, "method": 7}),
            expect![[
                r#"{"error":{"code":-32600,"message":"not a request: invalid type: integer `7`, expected a string"},"id":70,"jsonrpc":"2.0"}"#
            ]],
        ),
        (
            json!([{"jsonrpc": "2.0", "id": 71, "method": "test/stats"}]),
            expect![[
                r#"{"error":{"code":-32600,"message":"batches are not part of LSP: send each message in its own frame"},"id":null,"jsonrpc":"2.0"}"#
            ]],
        ),
    ] {
        client.send(message).await;
        check(&client.next().await, expected);
    }
    assert_eq!(client.stats().await["version"], 0);
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_frame_boundary_is_answered_and_ends_the_connection() {
    for (bytes, expected) in [
        (
            "nonsense\r\n\r\n",
            expect![[
                r#"{"code":-32700,"message":"bad header line `nonsense`; expected `Name: value`"}"#
            ]],
        ),
        (
            "Content-Length: many\r\n\r\n{}",
            expect![[
                r#"{"code":-32700,"message":"bad Content-Length `many`; expected one decimal number of bytes"}"#
            ]],
        ),
        (
            "Content-Type: text/plain\r\n\r\n{}",
            expect![[r#"{"code":-32700,"message":"missing Content-Length header"}"#]],
        ),
        (
            "Content-Length: 67108865\r\n\r\n",
            expect![[
                r#"{"code":-32700,"message":"frame of 67108865 bytes; the limit is 67108864"}"#
            ]],
        ),
    ] {
        let mut client = TestClient::start().await;
        client.write(bytes.as_bytes()).await;
        check(&client.next().await["error"], expected);
        assert_eq!(client.ended().await, End::Broken);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_document_parameters_are_ignored() {
    let mut client = TestClient::start().await;
    client.open("text").await;
    client.notify("textDocument/didChange", json!({"nonsense": 1})).await;
    client.notify("textDocument/didChange", Value::Null).await;
    client.notify("textDocument/didOpen", json!([])).await;
    assert_eq!(client.stats().await["text"], "text");
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_methods_are_ignored_or_refused() {
    let mut client = TestClient::start().await;
    client.notify("some/notification", json!({})).await;
    client.notify("$/notification", json!({})).await;
    for (method, expected) in [
        (
            "some/request",
            expect![[r#"{"code":-32601,"data":"some/request","message":"Method not found"}"#]],
        ),
        ("$/request", expect![[r#"{"code":-32601,"message":"Method not found"}"#]]),
        ("textDocument/didOpen", expect![[r#"{"code":-32600,"message":"Invalid request"}"#]]),
        ("test/progress", expect![[r#"{"code":-32602,"message":"missing field `n_reports`"}"#]]),
    ] {
        check(&client.call(method, json!({})).await["error"], expected);
    }
    client.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_nobody_asked_for_are_ignored() {
    let mut client = TestClient::start().await;
    for id in [json!(99), json!("x"), Value::Null] {
        client
            .send(json!({"jsonrpc": "2.0", "id": id, "error": {"code": 1, "message": "what?"}}))
            .await;
    }
    assert_eq!(client.next().await["error"]["code"], -32600, "an answer needs an id");
    let asking = client.request("test/ask", Value::Null).await;
    let question = client.asked("workspace/workspaceFolders").await;
    client.send(json!({"jsonrpc": "2.0", "id": question["id"], "error": "malformed"})).await;
    client.answer(&question, json!([])).await;
    check(
        &client.response(asking).await["error"],
        expect![[
            r#"{"code":-32603,"message":"the client's answer is malformed: data did not match any variant of untagged enum Kind"}"#
        ]],
    );
    client.finish().await;
}

// --- Leaving

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_takes_any_empty_parameters() {
    for params in [None, Some(Value::Null), Some(json!({})), Some(json!([]))] {
        let mut client = TestClient::start().await;
        let mut shutdown = json!({"jsonrpc": "2.0", "id": 50, "method": "shutdown"});
        let mut exit = json!({"jsonrpc": "2.0", "method": "exit"});
        if let Some(params) = params {
            shutdown["params"] = params.clone();
            exit["params"] = params;
        }
        client.send(shutdown).await;
        check(&client.response(50).await, expect![[r#"{"id":50,"jsonrpc":"2.0","result":null}"#]]);
        client.send(exit).await;
        assert_eq!(client.ended().await, End::Exit);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_right_behind_shutdown_still_gets_its_answer() {
    let mut client = TestClient::start().await;
    let slow = client.request("test/slow", Value::Null).await;
    let shutdown = client.request("shutdown", Value::Null).await;
    client.notify("exit", Value::Null).await;
    check(&client.response(shutdown).await["result"], expect!["null"]);
    assert_eq!(client.hang_up().await, End::Exit, "request {slow} is cancelled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_after_shutdown_are_refused() {
    let mut client = TestClient::start().await;
    client.call("shutdown", Value::Null).await;
    check(
        &client.call("test/stats", Value::Null).await["error"],
        expect![[r#"{"code":-32600,"message":"Invalid request"}"#]],
    );
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, End::Exit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exit_without_shutdown_is_early() {
    let mut client = TestClient::start().await;
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, End::ExitEarly);

    let mut client = TestClient::connect(1 << 10);
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, End::ExitEarly);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_input_ends_everything() {
    let client = TestClient::start().await;
    assert_eq!(client.hang_up().await, End::Eof);

    let mut client = TestClient::start().await;
    client.request("test/slow", Value::Null).await;
    client.request("test/ask", Value::Null).await;
    client.asked("workspace/workspaceFolders").await;
    assert_eq!(client.hang_up().await, End::Eof);

    let mut client = TestClient::start().await;
    client.write(b"Content-Length: 10\r\n\r\n{").await;
    assert_eq!(client.hang_up().await, End::Broken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaving_during_initialize_ends_everything() {
    let never = json!({"capabilities": {}, "initializationOptions": "never"});
    let mut client = TestClient::connect(1 << 10);
    client.request("initialize", never.clone()).await;
    assert_eq!(client.hang_up().await, End::Eof);

    let mut client = TestClient::connect(1 << 10);
    client.request("initialize", never).await;
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, End::ExitEarly);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_asks_the_client_is_freed_when_the_client_leaves() {
    let mut client = TestClient::start().await;
    client.call("test/askLater", Value::Null).await;
    client.asked("workspace/workspaceFolders").await;
    let (_, mut heard) = tokio::sync::mpsc::unbounded_channel();
    std::mem::swap(&mut heard, &mut client.heard);
    assert_eq!(client.hang_up().await, End::Eof);
    for expected in
        [expect![[r#"Err("the client is gone")"#]], expect![[r#"Err("Server not initialized")"#]]]
    {
        expected.assert_eq(&within("an answer", heard.recv()).await.unwrap());
    }
}

#[test]
fn only_an_orderly_end_has_code_0() {
    let codes = [End::Exit, End::ExitEarly, End::Eof, End::Broken].map(End::code);
    assert_eq!(codes, [0, 1, 1, 1]);
}

// --- Edits

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_annotated_edit_goes_to_the_client_and_its_answer_back() {
    let mut client = TestClient::start().await;
    let applying = client.request("test/apply", Value::Null).await;
    let mut question = client.asked("workspace/applyEdit").await;
    client
        .answer(&question, json!({"applied": false, "failureReason": "stale", "failedChange": 0}))
        .await;
    check(
        &question["params"].take(),
        expect![[
            r#"{"edit":{"changeAnnotations":{"ok":{"label":"why","needsConfirmation":true}},"documentChanges":[{"edits":[{"annotationId":"ok","newText":"x","range":{"end":{"character":0,"line":0},"start":{"character":0,"line":0}}}],"textDocument":{"uri":"file:///w/a.rs","version":7}}]},"label":"a label","metadata":{"isRefactoring":true}}"#
        ]],
    );
    check(
        &client.response(applying).await["result"],
        expect![[r#"{"applied":false,"failedChange":0,"failureReason":"stale"}"#]],
    );
    client.finish().await;
}
