//! Commands: what is refused, and what becomes of runs that end early.

use fixture::Scripted;
use serde_json::json;

use crate::setup::{CALC, Setup, applying, range};

#[tokio::test]
async fn bad_commands_are_refused_with_words() {
    let setup = Setup::new(Vec::new()).await;
    let mut client = setup.client(applying()).await;
    let uri = setup.uri("calc.py");
    client.open(&uri, 4, CALC).await;
    let here = range((0, 0), (0, 1));
    let outside = format!("`file:///etc/passwd` is outside of the workspace {}", setup.root());
    let known = "baton.proposal.accept, baton.proposal.reject, baton.proposal.revise, baton.question.answer, baton.run.cancel, baton.run.resume, baton.run.start";
    let cases = [
        (
            "baton.nothing",
            json!([]),
            -32602,
            format!("there is no command `baton.nothing`; there are: {known}"),
        ),
        (
            "baton.run.start",
            json!([]),
            -32602,
            "`baton.run.start` takes one object as argument, got 0".into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": 1}]),
            -32602,
            "the argument of `baton.run.start`: invalid type: integer `1`, expected a string"
                .into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": "dance"}]),
            -32602,
            "there is no workflow `dance`; there are: document, explain, fix, implement, mission, refactor, review, test, verify".into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": "implement"}]),
            -32602,
            "`implement` needs a request in words or a selection".into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": "fix", "range": here}]),
            -32602,
            "`range` and `diagnostic` need the `uri` of a file".into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": "fix", "uri": "file:///etc/passwd"}]),
            -32602,
            outside,
        ),
        (
            "baton.run.start",
            json!([{"workflow": "fix", "uri": "untitled:1"}]),
            -32602,
            "`untitled:1` is not a file: Baton works on `file` URIs only".into(),
        ),
        (
            "baton.run.start",
            json!([{"workflow": "fix", "uri": uri, "range": here, "version": 3}]),
            -32801,
            "calc.py has changed since: its version was 3 and is 4; ask for the action again"
                .into(),
        ),
        (
            "baton.run.cancel",
            json!([{"run": "zzz"}]),
            -32602,
            "there is no run `zzz` in this workspace; `baton runs` lists them".into(),
        ),
    ];
    for (command, arguments, code, message) in cases {
        let refused = client.refused(command, arguments.clone()).await;
        assert_eq!(refused, (code, message), "{command} {arguments}");
    }
    let (code, message) = client
        .refused("baton.run.start", json!([{"workflow": "fix", "text": "x", "model": "none"}]))
        .await;
    assert_eq!(code, -32602);
    assert!(message.starts_with("model `none`: "), "{message}");
    client.finish().await;
}

#[tokio::test]
async fn without_a_model_the_user_is_told_how_to_get_one() {
    let setup = Setup::without_model();
    let mut client = setup.client(applying()).await;
    let params = json!({"command": "baton.run.start", "arguments": [setup.repair()]});
    let id = client.request("workspace/executeCommand", params).await;
    let error = client.response(id).await["error"].take();
    assert_eq!(error["data"], json!({"kind": "no_model"}));
    assert_eq!(error["message"], models::Error::NoModel.to_string());
    client.finish().await;
}

#[tokio::test]
async fn a_model_that_refuses_the_key_is_an_error_message() {
    let setup = Setup::new(vec![Scripted::status(401, "bad key")]).await;
    let mut client = setup.client(applying()).await;
    client.execute("baton.run.start", setup.repair()).await;
    let shown = client.shown().await;
    assert!(shown.starts_with("error: Baton: "), "{shown}");
    assert!(client.progress_ended().await.starts_with("failed: "));
    client.finish().await;
}

#[tokio::test]
async fn the_cancel_button_ends_the_run() {
    let stall = || Scripted::StallAfter { text_before: "Let me see.".into() };
    let setup = Setup::new(vec![stall(), stall()]).await;
    let mut client = setup.client(applying()).await;
    let run = client.execute("baton.run.start", setup.repair()).await["run"].take();
    client.notify("window/workDoneProgress/cancel", json!({"token": "somebody/else"})).await;
    client.notify("window/workDoneProgress/cancel", json!({"token": 3})).await;
    let token = format!("baton/{}/1", run.as_str().unwrap());
    client.notify("window/workDoneProgress/cancel", json!({"token": token})).await;
    assert_eq!(client.progress_ended_alone().await, "cancelled");

    let run = client.execute("baton.run.start", setup.repair()).await["run"].take();
    assert_eq!(client.execute("baton.run.cancel", json!({"run": run})).await, json!({"run": run}));
    assert_eq!(client.progress_ended_alone().await, "cancelled");
    client.finish().await;
}

#[tokio::test]
async fn without_progress_the_log_says_what_is_done() {
    let setup = Setup::new(vec![Scripted::status(401, "bad key")]).await;
    let mut client = setup.client(json!({})).await;
    client.execute("baton.run.start", setup.repair()).await;
    assert!(client.shown().await.starts_with("error: Baton: "));
    assert_eq!(client.progress, [] as [String; 0]);
    assert!(client.log[0].starts_with("Baton: implement: repair add and sub: started, run "));
    assert!(client.log.iter().any(|line| line.contains(": generate")), "{:?}", client.log);
    assert!(client.log.iter().any(|line| line.contains(": failed: ")), "{:?}", client.log);
    client.finish().await;
}

#[tokio::test]
async fn a_run_that_failed_for_an_outside_cause_can_be_resumed() {
    let replies =
        vec![Scripted::status(401, "bad key"), Scripted::Text(crate::setup::REPAIR.into())];
    let setup = Setup::new(replies).await;
    let mut client = setup.client(applying()).await;
    let run = client.execute("baton.run.start", setup.repair()).await["run"].take();
    assert!(client.shown().await.starts_with("error: Baton: "));
    client.progress_ended().await;
    client.execute("baton.run.resume", json!({"run": run})).await;
    let question = client.asked("window/showMessageRequest").await;
    client.answer(&question, json!({"title": "Reject"})).await;
    assert_eq!(client.progress_ended_alone().await, "rejected");
    client.finish().await;
}
