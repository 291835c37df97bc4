//! Positions and documents as the client has them.

use serde_json::{Value, json};

use crate::client::Client;
use crate::setup::{Setup, confirming, range};

/// An emoji, a combining mark and a Windows line break before the place in question.
const TEXT: &str = "x = '😀e\u{301}'\r\ny = 1  # ü TODO: add one\r\n";

async fn actions(client: &mut Client, uri: &str, range: Value, context: Value) -> Value {
    let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
    client.call("textDocument/codeAction", params).await
}

async fn ready(setup: &Setup, encodings: Value) -> Client {
    let mut capabilities = confirming();
    capabilities["general"] = json!({"positionEncodings": encodings});
    let mut client = setup.client(capabilities).await;
    // A refusal by the engine: the workspace is open.
    client.refused("baton.run.start", json!([{"workflow": "none"}])).await;
    client
}

#[tokio::test]
async fn positions_are_counted_as_agreed() {
    let setup = Setup::without_model();
    let uri = setup.uri("a.py");
    for (encodings, quote, end) in
        [(json!(["utf-8", "utf-16"]), 12, 25), (json!(["utf-16"]), 9, 24)]
    {
        let mut client = ready(&setup, encodings).await;
        client.open(&uri, 0, TEXT).await;
        // Typed right behind the emoji and its neighbour, and on the next line.
        client.change(&uri, range((0, quote), (0, quote)), " TODO: z").await;
        client.change(&uri, range((1, 4), (1, 5)), "2").await;
        let context = json!({"diagnostics": []});
        let first = actions(&mut client, &uri, range((0, 0), (0, 0)), context.clone()).await;
        assert_eq!(first[0]["command"]["arguments"][0]["text"], "TODO: z'");
        let second = actions(&mut client, &uri, range((1, 9), (1, 9)), context).await;
        let argument = &second[0]["command"]["arguments"][0];
        assert_eq!(argument["text"], "TODO: add one");
        assert_eq!(argument["range"], range((1, 0), (1, end)));
        assert_eq!(argument["version"], 2);
        client.finish().await;
    }
}

#[tokio::test]
async fn actions_are_for_our_files_and_for_what_is_wanted() {
    let setup = Setup::without_model();
    let mut client = ready(&setup, json!(["utf-16"])).await;
    let uri = setup.uri("a.py");
    client.open(&uri, 0, TEXT).await;
    let diagnostic = json!({"range": range((1, 0), (1, 1)), "message": "unused `y`"});
    let context = |only: Value| json!({"diagnostics": [diagnostic], "only": only});
    let line = range((1, 0), (1, 0));

    let all = actions(&mut client, &uri, line.clone(), context(Value::Null)).await;
    let kinds: Vec<&Value> = all.as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["quickfix.baton", "refactor.rewrite.baton"]);
    let fixes = actions(&mut client, &uri, line.clone(), context(json!(["quickfix"]))).await;
    assert_eq!(fixes.as_array().unwrap().len(), 1);
    assert_eq!(fixes[0]["title"], "Baton: fix: unused `y`");
    let none =
        actions(&mut client, &uri, line.clone(), context(json!(["source.organizeImports"]))).await;
    assert_eq!(none, json!([]));

    for foreign in ["untitled:1", "file:///elsewhere/a.py", "git:/a.py"] {
        let none = actions(&mut client, foreign, line.clone(), context(Value::Null)).await;
        assert_eq!(none, Value::Null, "{foreign}");
    }
    // A file that is not open is read from disk; one that does not exist has nothing to offer.
    let closed = setup.uri("calc.py");
    let offered =
        actions(&mut client, &closed, range((0, 0), (2, 0)), json!({"diagnostics": []})).await;
    assert_eq!(offered[0]["command"]["arguments"][0]["version"], Value::Null);
    let missing = setup.uri("none.py");
    assert_eq!(actions(&mut client, &missing, line, context(Value::Null)).await, Value::Null);
    client.finish().await;
}

#[tokio::test]
async fn no_model_is_needed_for_actions_and_none_is_asked() {
    // The script is empty: a call would be answered with an error, and the run of one would be seen.
    let setup = Setup::new(Vec::new()).await;
    let mut client = ready(&setup, json!(["utf-16"])).await;
    let uri = setup.uri("a.py");
    client.open(&uri, 0, TEXT).await;
    for _ in 0..50 {
        let offered =
            actions(&mut client, &uri, range((1, 0), (1, 0)), json!({"diagnostics": []})).await;
        assert_eq!(offered.as_array().unwrap().len(), 1);
    }
    assert_eq!(setup.n_model_calls(), 0);
    client.finish().await;
}
