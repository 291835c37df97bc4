//! Beginning and end of a connection.

use fixture::Scripted;
use serde_json::{Value, json};

use crate::client::Client;
use crate::setup::{CALC, REPAIR, REPAIRED, Setup, applying, confirming};

#[tokio::test]
async fn an_orderly_client_gets_exit_code_0() {
    let setup = Setup::without_model();
    let client = setup.client(json!({})).await;
    client.finish().await;
}

#[tokio::test]
async fn a_client_that_just_leaves_gets_exit_code_1() {
    let setup = Setup::without_model();
    let mut client = setup.client(json!({})).await;
    client.settle().await;
    assert_eq!(client.hang_up().await, 1);
    let mut client = setup.client(json!({})).await;
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, 1);
}

#[tokio::test]
async fn nothing_is_served_before_initialize_or_after_shutdown() {
    let setup = Setup::without_model();
    let mut client = setup.connect();
    let (code, _) = client.refused("baton.run.start", json!([])).await;
    assert_eq!(code, -32002);
    client.initialize(json!({"capabilities": {}})).await;
    client.call("shutdown", Value::Null).await;
    let (code, _) = client.refused("baton.run.start", json!([])).await;
    assert_eq!(code, -32600);
    client.notify("exit", Value::Null).await;
    assert_eq!(client.ended().await, 0);
}

#[tokio::test]
async fn a_second_folder_is_mentioned() {
    let setup = Setup::without_model();
    let mut client = setup.connect();
    let root = json!({"uri": format!("file://{}", setup.root()), "name": "w"});
    let other = json!({"uri": "file:///other", "name": "o"});
    client.initialize(json!({"capabilities": {}, "workspaceFolders": [root, other]})).await;
    assert_eq!(
        client.shown().await,
        format!(
            "info: Baton serves {}, the first of 2 workspace folders; open another one in a window of its own.",
            setup.root()
        )
    );
    client.finish().await;
}

#[tokio::test]
async fn a_workspace_that_cannot_be_opened_says_so_and_every_command_repeats_it() {
    let mut client = Client::connect(|input, output| {
        let fallback = base::AbsPathBuf::new("/fallback").unwrap();
        let open = |root: base::AbsPathBuf| -> futures::future::BoxFuture<'static, _> {
            Box::pin(async move { Err(format!("no such folder {root}")) })
        };
        front_lsp::serve(open, fallback, input, output)
    });
    client.initialize(json!({"capabilities": {}})).await;
    assert_eq!(client.shown().await, "error: Baton does not work here: no such folder /fallback");
    client.open("file:///fallback/a.py", 0, "x").await;
    let refused =
        client.refused("baton.run.start", json!([{"workflow": "fix", "text": "x"}])).await;
    assert_eq!(refused, (-32803, "no such folder /fallback".to_owned()));
    client.finish().await;
}

#[tokio::test]
async fn a_change_that_waits_for_review_outlives_the_client() {
    let setup = Setup::new(vec![Scripted::Text(REPAIR.into())]).await;
    let mut client = setup.client(applying()).await;
    let run = client.execute("baton.run.start", setup.repair()).await["run"].take();
    client.asked("window/showMessageRequest").await;
    client.finish().await;
    assert_eq!(setup.disk("calc.py"), CALC);

    let mut client = setup.client(applying()).await;
    let answer = client.execute("baton.proposal.accept", json!({"run": run})).await;
    assert_eq!(answer, json!({"run": run}));
    assert!(client.shown().await.starts_with("info: Baton changed calc.py ("));
    assert_eq!(setup.disk("calc.py"), REPAIRED);
    client.finish().await;
}

#[tokio::test]
async fn a_change_that_was_never_confirmed_is_asked_about_again_after_the_client_has_left() {
    for orderly in [true, false] {
        let setup = Setup::new(vec![Scripted::Text(REPAIR.into())]).await;
        let uri = setup.uri("calc.py");
        let mut client = setup.client(confirming()).await;
        client.open(&uri, 1, CALC).await;
        let run = client.execute("baton.run.start", setup.repair()).await["run"].take();
        // The preview is open, and nobody answers.
        client.asked("workspace/applyEdit").await;
        if orderly {
            client.finish().await;
        } else {
            assert_eq!(client.hang_up().await, 1);
        }
        let mut client = setup.client(applying()).await;
        client.execute("baton.run.resume", json!({"run": run})).await;
        let question = client.asked("window/showMessageRequest").await;
        assert_eq!(setup.disk("calc.py"), CALC);
        client.answer(&question, json!({"title": "Accept"})).await;
        assert!(client.shown().await.starts_with("info: Baton changed calc.py ("));
        assert_eq!(setup.disk("calc.py"), REPAIRED);
        client.finish().await;
    }
}
