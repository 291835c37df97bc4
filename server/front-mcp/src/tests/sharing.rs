//! Several clients on one workspace, and several processes on one folder.

use fixture::Scripted;
use serde_json::json;

use super::client::{Client, World, edit};

const FILES: &str = "//- /calc.py\ndef one():\n    return 10\n";

async fn world() -> World {
    let reply = edit("calc.py", "    return 10", "    return 1");
    World::with_script(FILES, vec![Scripted::Text(reply)]).await
}

#[tokio::test]
async fn what_one_client_starts_another_decides() {
    let world = world().await;
    let workspace = world.open().await;
    let mut first = Client::new(&workspace).await;
    let mut second = Client::new(&workspace).await;
    let (run, status) = first.run("return one").await;
    let follow =
        json!({"name": "run_status", "arguments": {"run": run, "cursor": status["cursor"]}});
    let resolved = second.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    let answer = first.request("tools/call", follow).await;
    assert_eq!(answer["result"]["structuredContent"]["state"], "succeeded");
    assert_eq!(world.read("calc.py"), "def one():\n    return 1\n");
    // One that leaves takes nothing from the other.
    first.done().await;
    second.ok("search_code", json!({"query": "one"})).await;
    second.done().await;
}

#[tokio::test]
async fn of_two_decisions_one_counts() {
    let world = world().await;
    let workspace = world.open().await;
    let mut first = Client::new(&workspace).await;
    let mut second = Client::new(&workspace).await;
    let (run, _) = first.run("return one").await;
    let question = first.question(&run).await;
    let accept = json!({"run": run, "question": question, "decision": "accept"});
    let reject = json!({"run": run, "question": question, "decision": "reject"});
    let (accepted, rejected) = tokio::join!(
        first.call("proposal_resolve", accept),
        second.call("proposal_resolve", reject)
    );
    let failed = |result: &serde_json::Value| result["isError"] == true;
    assert_ne!(failed(&accepted), failed(&rejected), "{accepted:#}\n{rejected:#}");
    let text = if failed(&accepted) {
        "def one():\n    return 10\n"
    } else {
        "def one():\n    return 1\n"
    };
    assert_eq!(world.read("calc.py"), text);
    first.done().await;
    second.done().await;
}

#[tokio::test]
async fn a_proposal_outlives_the_process_that_made_it() {
    let world = world().await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return one").await;
    client.done().await;
    workspace.shutdown().await;
    drop(workspace);

    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let status = client.ok("run_status", json!({"run": run})).await;
    assert_eq!(status["state"], "waiting", "{status:#}");
    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered", "{resolved:#}");
    assert_eq!(world.read("calc.py"), "def one():\n    return 1\n");
    assert_eq!(world.calls(), 1, "what was recorded is not done again");
    client.done().await;
}

#[tokio::test]
async fn a_run_of_another_process_can_be_followed_but_not_decided() {
    let world = world().await;
    let (ours, theirs) = (world.open().await, world.open().await);
    let mut us = Client::new(&ours).await;
    let mut them = Client::new(&theirs).await;
    let start = json!({"workflow": "implement", "request": "return one"});
    let run = them.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
    let status = us.ok("run_status", json!({"run": run})).await;
    assert_eq!(status["state"], "waiting", "{status:#}");
    let question = us.question(&run).await;
    let accept = json!({"run": run, "question": question, "decision": "accept"});
    let message = us.refused("proposal_resolve", accept).await;
    assert!(message.contains("another Baton process"), "{message}");
    let message = us.refused("run_cancel", json!({"run": run})).await;
    assert!(message.contains("another Baton process"), "{message}");

    let resolved = them.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    let status = us.ok("run_status", json!({"run": run})).await;
    assert_eq!(status["state"], "succeeded");
    us.done().await;
    them.done().await;
}

#[tokio::test]
async fn an_interrupted_run_says_so_and_goes_on() {
    let reply = edit("calc.py", "    return 10", "    return 1");
    let script = vec![Scripted::Stall, Scripted::Text(reply)];
    let world = World::with_script(FILES, script).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let start = json!({"workflow": "implement", "request": "return one"});
    let run = client.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
    world.until_asked().await;
    client.done().await;
    workspace.shutdown().await;
    drop(workspace);

    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let text = client.text("run_status", json!({"run": run})).await;
    assert!(text.starts_with(&format!("Run {run}: interrupted\n")), "{text}");
    assert!(text.contains("Go on with run_resume."), "{text}");
    client.ok("run_resume", json!({"run": run})).await;
    let status = client.ok("run_status", json!({"run": run})).await;
    assert_eq!(status["state"], "waiting", "{status:#}");
    client.done().await;
    workspace.shutdown().await;
}
