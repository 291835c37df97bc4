//! The protocol itself: lifecycles, malformed input, panics, cancellation, and the end of input.

use std::time::Instant;

use expect_test::expect;
use fixture::Scripted;
use rmcp::handler::server::router::tool::ToolRoute;
use rmcp::model::Tool;
use serde_json::{Value, json};

use super::client::{Client, Lifecycle, World, meta};

const FILES: &str = "//- /a.py\ndef parse_date():\n    return 1\n";

#[tokio::test]
async fn initializes_with_the_revision_of_2025() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::silent(&workspace, Lifecycle::Legacy);
    let result = client.initialize().await["result"].clone();
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["serverInfo"]["name"], "baton");
    assert!(result["capabilities"]["tools"].is_object(), "{result:#}");
    assert!(result["instructions"].as_str().unwrap().contains("run_start"));
    assert_eq!(client.request("ping", json!({})).await["result"], json!({}));
    client.done().await;
}

#[tokio::test]
async fn serves_the_revision_of_2026_without_initialize() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::silent(&workspace, Lifecycle::Modern);
    let discovered = client.request("server/discover", json!({})).await["result"].clone();
    assert!(discovered["capabilities"]["tools"].is_object(), "{discovered:#}");
    let found = client.ok("search_code", json!({"query": "parse_date"})).await;
    assert_eq!(found["hits"][0]["path"], "a.py");

    // Without its metadata a request means nothing in this revision; the session goes on.
    let bare = json!({"_meta": {"progressToken": 1}});
    assert!(client.request("tools/list", bare).await["error"].is_object());
    assert_eq!(tool_names(&client.request("tools/list", json!({})).await).len(), 12);
    client.done().await;
}

#[tokio::test]
async fn both_lifecycles_see_the_same_tools() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut legacy = Client::new(&workspace).await;
    let mut modern = Client::silent(&workspace, Lifecycle::Modern);
    let old = legacy.request("tools/list", json!({})).await["result"]["tools"].clone();
    let new = modern.request("tools/list", json!({})).await["result"]["tools"].clone();
    assert_eq!(old, new);
    legacy.done().await;
    modern.done().await;
}

fn tool_names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().unwrap();
    tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lines_that_are_no_messages_end_nothing() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    for line in ["{bad json", "[]", "\"text\"", "{}", "", "{\"jsonrpc\":\"2.0\"}", "\u{fffd}\u{0}"]
    {
        client.line(line).await;
    }
    client.notify("notifications/unheard-of", json!({"x": 1})).await;
    let id = client.ask("ping", json!({})).await;
    loop {
        // Whether a line is answered with an error is the library's choice; the ping must be.
        let message = client.hear().await;
        if message["id"] == id {
            assert_eq!(message["result"], json!({}));
            break;
        }
        assert!(message["error"].is_object(), "{message:#}");
    }
    assert_eq!(client.leave().await.0, 0);
}

#[tokio::test]
async fn bad_json_before_initialize_ends_nothing() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::silent(&workspace, Lifecycle::Modern);
    client.line("{bad json").await;
    let id = client.ask("tools/list", json!({})).await;
    loop {
        let message = client.hear().await;
        if message["id"] == id {
            assert!(message["result"].is_object(), "{message:#}");
            break;
        }
        assert!(message["error"].is_object(), "{message:#}");
    }
    assert_eq!(client.leave().await.0, 0);
}

#[tokio::test]
async fn unknown_methods_and_tools_are_errors_of_the_protocol() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let answer = client.request("no/such/method", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601, "{answer:#}");
    let answer = client.request("tools/call", json!({"name": "rm", "arguments": {}})).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer:#}");
    client.done().await;
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_explained_to_the_model() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let mut told = String::new();
    for (tool, arguments) in [
        ("search_code", json!({})),
        ("search_code", json!({"query": 3})),
        ("search_code", json!({"query": "x", "glob": "*"})),
        ("search_code", json!({"query": "x", "limit": -1})),
        ("search_code", json!({"query": " "})),
        ("run_start", json!({"workflow": "destroy", "request": "x"})),
        ("run_start", json!({"workflow": "fix", "line": 3})),
        ("run_start", json!({"workflow": "fix", "file": "../a.py"})),
        ("run_start", json!({"workflow": "fix", "file": "/etc/passwd"})),
        ("run_start", json!({"workflow": "fix", "file": "gone.py"})),
        ("run_start", json!({"workflow": "fix", "file": "a.py", "line": 0})),
        ("run_start", json!({"workflow": "fix", "file": "a.py", "line": 2, "end_line": 1})),
        ("run_start", json!({"workflow": "fix", "file": "a.py", "line": 9})),
        ("run_start", json!({"workflow": "fix", "request": "x", "model": "nameless"})),
        ("run_status", json!({"run": ""})),
        ("run_status", json!({"run": "x", "wait_seconds": "long"})),
        ("proposal_show", json!({"run": "x"})),
        ("proposal_resolve", json!({"run": "x", "decision": "accept"})),
        ("run_cancel", json!({"run": "x"})),
        ("run_resume", json!({"run": "x"})),
    ] {
        told.push_str(&format!("{tool}: {}\n", client.refused(tool, arguments).await));
    }
    expect![[r#"
        search_code: failed to deserialize parameters: missing field `query`
        search_code: failed to deserialize parameters: invalid type: integer `3`, expected a string
        search_code: failed to deserialize parameters: unknown field `glob`, expected one of `query`, `limit`, `paths`
        search_code: failed to deserialize parameters: invalid value: integer `-1`, expected usize
        search_code: `query` is empty; give words, an identifier or an error message
        run_start: failed to deserialize parameters: unknown variant `destroy`, expected one of `fix`, `implement`, `test`, `refactor`, `document`, `mission`, `explain`, `review`
        run_start: `line`, `end_line` and `diagnostic` need a `file`
        run_start: `file`: the path `../a.py` contains `..`; write it from the workspace's root
        run_start: `file`: the path `/etc/passwd` is absolute; write it relative to the workspace
        run_start: `file`: there is no `gone.py`
        run_start: `line` 0 to `end_line` 0: lines count from 1 upwards
        run_start: `line` 2 to `end_line` 1: lines count from 1 upwards
        run_start: `line`: the file has 3 lines, there is no line 9
        run_start: `model`: `nameless` is no model name; write provider/model, such as `ollama/qwen2.5-coder` or `openai/gpt-4o`
        run_status: `run` is empty; give the name that run_start returned
        run_status: failed to deserialize parameters: invalid type: string "long", expected u64
        proposal_show: there is no run `x` in this workspace; `baton runs` lists them
        proposal_resolve: failed to deserialize parameters: missing field `question`
        run_cancel: there is no run `x` in this workspace; `baton runs` lists them
        run_resume: there is no run `x` in this workspace; `baton runs` lists them
    "#]].assert_eq(&told);
    client.done().await;
}

#[tokio::test]
async fn a_panic_ends_its_call_alone() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::of(&workspace, |server| {
        let tool = Tool::new("explode", "panics", serde_json::Map::new());
        server.tools.add_route(ToolRoute::new_dyn(tool, |_| panic!("as the test wants")));
        let tool = Tool::new("explode_later", "panics", serde_json::Map::new());
        server.tools.add_route(ToolRoute::new_dyn(tool, |_| {
            Box::pin(async {
                tokio::task::yield_now().await;
                panic!("as the test wants")
            })
        }));
    })
    .await;
    for tool in ["explode", "explode_later"] {
        let message = client.refused(tool, json!({})).await;
        assert_eq!(message, format!("internal error in `{tool}`; see Baton's log"));
    }
    client.ok("search_code", json!({"query": "parse_date"})).await;
    client.done().await;
}

#[tokio::test]
async fn the_end_of_input_ends_an_idle_session() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let client = Client::new(&workspace).await;
    let started = Instant::now();
    client.done().await;
    assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_end_of_input_before_any_message_is_a_failure() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    for lifecycle in [Lifecycle::Legacy, Lifecycle::Modern] {
        let client = Client::silent(&workspace, lifecycle);
        assert_eq!(client.leave().await, (1, Vec::new()));
    }
}

#[tokio::test]
async fn the_end_of_input_ends_calls_at_once_and_leaves_the_run_alone() {
    let world = World::with_script(FILES, vec![Scripted::Stall]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let start = json!({"workflow": "implement", "request": "x"});
    let run = client.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
    client.ask("tools/call", json!({"name": "run_status", "arguments": {"run": run}})).await;
    world.until_asked().await;
    let started = Instant::now();
    assert_eq!(client.leave().await.0, 0);
    assert!(started.elapsed().as_millis() < 1000, "{:?}", started.elapsed());

    let id = workspace.find_run(&run).unwrap();
    assert!(workspace.run(&id).unwrap().is_live());
    workspace.shutdown().await;
    assert!(!workspace.run(&id).unwrap().is_live());
}

#[tokio::test]
async fn a_cancelled_call_ends_at_once_and_leaves_the_run_alone() {
    let world = World::with_script(FILES, vec![Scripted::Stall]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let start = json!({"workflow": "implement", "request": "x"});
    let run = client.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
    let call = json!({"name": "run_status", "arguments": {"run": run}});
    let id = client.ask("tools/call", call).await;
    world.until_asked().await;
    let cancel = json!({"requestId": id, "reason": "the user is impatient"});
    client.notify("notifications/cancelled", cancel).await;
    // No answer comes to the cancelled call: the next one is the ping's.
    assert_eq!(client.request("ping", json!({})).await["result"], json!({}));
    let status = client.ok("run_status", json!({"run": run, "wait_seconds": 0})).await;
    assert_eq!(status["state"], "running");

    let status = client.ok("run_cancel", json!({"run": run})).await;
    assert_eq!(
        (&status["state"], &status["outcome"]["outcome"]),
        (&"cancelled".into(), &"cancelled".into())
    );
    // Once more changes nothing.
    let status = client.ok("run_cancel", json!({"run": run})).await;
    assert_eq!(status["state"], "cancelled");
    client.done().await;
}

#[tokio::test]
async fn waits_no_longer_than_asked() {
    let world = World::with_script(FILES, vec![Scripted::Stall]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let start = json!({"workflow": "implement", "request": "x"});
    let run = client.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
    let started = Instant::now();
    let status = client.ok("run_status", json!({"run": run, "wait_seconds": 1})).await;
    assert_eq!(status["state"], "running");
    assert!((1000..5000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    client.done().await;
    workspace.shutdown().await;
}

#[tokio::test]
async fn progress_is_told_where_it_was_asked_for() {
    let reply = super::client::edit("a.py", "    return 1", "    return 2");
    let world = World::with_script(FILES, vec![Scripted::Text(reply)]).await;
    let workspace = world.open().await;
    for lifecycle in [Lifecycle::Legacy, Lifecycle::Modern] {
        let mut client = Client::silent(&workspace, lifecycle);
        if lifecycle == Lifecycle::Legacy {
            client.initialize().await;
            client.run("return two").await;
            assert_eq!(client.heard, Vec::<Value>::new(), "nobody asked");
        }
        let run = workspace.history(1).unwrap()[0].id.to_string();
        let mut meta = if lifecycle == Lifecycle::Modern { meta() } else { json!({}) };
        meta["progressToken"] = "token".into();
        // Asked from the start of the log: what has happened is told again.
        let params = json!({"name": "run_status", "arguments": {"run": run}, "_meta": meta});
        let answer = client.request("tools/call", params).await;
        assert_eq!(answer["result"]["structuredContent"]["state"], "waiting", "{answer:#}");
        client.done().await;
    }
    workspace.shutdown().await;
}
