//! Accepted text on its way into open documents.

use fixture::Scripted;
use serde_json::{Value, json};

use crate::client::Client;
use crate::setup::{CALC, REPAIR, REPAIRED, Setup, applying, confirming, range};

/// A run that repairs `calc.py`, which is open; ready for the first edit or question.
async fn repairing(capabilities: Value) -> (Setup, Client, String) {
    let setup = Setup::new(vec![Scripted::Text(REPAIR.into())]).await;
    let uri = setup.uri("calc.py");
    let mut client = setup.client(capabilities).await;
    client.open(&uri, 1, CALC).await;
    client.execute("baton.run.start", setup.repair()).await;
    (setup, client, uri)
}

/// As [`repairing`], with the question accepted.
async fn accepted(capabilities: Value) -> (Setup, Client, String) {
    let (setup, mut client, uri) = repairing(capabilities).await;
    accept(&mut client).await;
    (setup, client, uri)
}

async fn accept(client: &mut Client) {
    let question = client.asked("window/showMessageRequest").await;
    client.answer(&question, json!({"title": "Accept"})).await;
}

#[tokio::test]
async fn a_quick_fix_is_confirmed_in_the_editor_and_delivered() {
    let setup = Setup::new(vec![Scripted::Text(REPAIR.into())]).await;
    let uri = setup.uri("calc.py");
    let mut client = setup.client(confirming()).await;
    client.refused("baton.run.start", json!([{"workflow": "none"}])).await;
    client.open(&uri, 1, CALC).await;
    let diagnostic = json!({"range": range((1, 4), (1, 16)), "severity": 1, "source": "check", "message": "add subtracts"});
    let params = json!({
        "textDocument": {"uri": uri},
        "range": range((1, 4), (1, 4)),
        "context": {"diagnostics": [diagnostic], "only": ["quickfix"]},
    });
    let action = client.call("textDocument/codeAction", params).await[0].take();
    let command = &action["command"];
    let params = json!({"command": command["command"], "arguments": command["arguments"]});
    let run = client.call("workspace/executeCommand", params).await["run"].take();
    assert!(run.is_string());

    let edit = client.asked("workspace/applyEdit").await;
    let annotations = edit["params"]["edit"]["changeAnnotations"].as_object().unwrap();
    assert_eq!(annotations.len(), 1);
    assert_eq!(annotations["baton.0"]["needsConfirmation"], true);
    let description = annotations["baton.0"]["description"].as_str().unwrap();
    assert!(description.starts_with("calc.py (probes clean"), "{description}");
    client.make_all(&edit, &uri).await;

    let shown = client.shown().await;
    assert!(shown.starts_with("info: Baton changed calc.py (probes clean"), "{shown}");
    assert_eq!(client.text(&uri), REPAIRED);
    // The user saves, not the server.
    assert_eq!(setup.disk("calc.py"), CALC);
    assert_eq!(client.progress_ended().await, "changed calc.py");
    assert_eq!(client.progress[0], "begin Baton: fix: add subtracts");
    assert!(client.progress.iter().any(|line| line.starts_with("report generate")));
    client.finish().await;
}

#[tokio::test]
async fn an_editor_that_says_applied_and_did_nothing_is_not_believed() {
    let (setup, mut client, uri) = repairing(confirming()).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.answer(&edit, json!({"applied": true})).await;
    assert_eq!(
        client.shown().await,
        "warning: Baton: nothing was applied: calc.py: the editor did not make this change"
    );
    assert_eq!((client.text(&uri).as_str(), setup.disk("calc.py").as_str()), (CALC, CALC));
    client.finish().await;
}

#[tokio::test]
async fn a_part_that_was_unticked_is_reported() {
    let (_setup, mut client, uri) = repairing(confirming()).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.make(&edit, &uri, |idx| idx == 1).await;
    client.answer(&edit, json!({"applied": true})).await;
    let shown = client.shown().await;
    assert!(shown.starts_with("warning: Baton changed calc.py ("), "{shown}");
    assert!(
        shown.ends_with("Not applied: calc.py: the editor did not make this change"),
        "{shown}"
    );
    assert_eq!(client.progress_ended().await, "changed calc.py; a part was not applied");
    client.finish().await;
}

#[tokio::test]
async fn a_user_who_says_no_in_the_editor_is_asked_once() {
    let (_setup, mut client, _) = repairing(confirming()).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.answer(&edit, json!({"applied": false})).await;
    let shown = client.shown().await;
    assert!(
        shown.contains("nothing was applied: calc.py: the change was not confirmed in the editor"),
        "{shown}"
    );
    client.finish().await;
}

#[tokio::test]
async fn an_accepted_edit_has_the_version_and_no_second_question() {
    let (setup, mut client, uri) = accepted(applying()).await;
    let edit = client.asked("workspace/applyEdit").await;
    assert_eq!(edit["params"]["label"], "Baton: repair add and sub");
    assert_eq!(edit["params"]["edit"].get("changeAnnotations"), None);
    let change = &edit["params"]["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({"uri": uri, "version": 1}));
    client.make_all(&edit, &uri).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!((client.text(&uri).as_str(), setup.disk("calc.py").as_str()), (REPAIRED, CALC));
    client.finish().await;
}

#[tokio::test]
async fn an_edit_follows_what_was_typed_while_the_question_was_open() {
    let (_setup, mut client, uri) = repairing(applying()).await;
    let question = client.asked("window/showMessageRequest").await;
    client.change(&uri, range((0, 0), (0, 0)), "# 😀\n").await;
    client.answer(&question, json!({"title": "Accept"})).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.make_all(&edit, &uri).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(client.text(&uri), format!("# 😀\n{REPAIRED}"));
    client.finish().await;
}

#[tokio::test]
async fn an_edit_is_made_anew_for_what_was_typed_while_it_was_on_its_way() {
    let (_setup, mut client, uri) = accepted(applying()).await;
    let stale = client.asked("workspace/applyEdit").await;
    client.change(&uri, range((0, 0), (0, 0)), "# typed\n").await;
    client.answer(&stale, json!({"applied": false, "failureReason": "document has changed"})).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.make_all(&edit, &uri).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(client.text(&uri), format!("# typed\n{REPAIRED}"));
    client.finish().await;
}

#[tokio::test]
async fn lines_that_the_user_has_changed_are_left_alone() {
    let (_setup, mut client, uri) = repairing(applying()).await;
    let question = client.asked("window/showMessageRequest").await;
    client.change(&uri, range((1, 11), (1, 16)), "b - a").await;
    client.answer(&question, json!({"title": "Accept"})).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.make_all(&edit, &uri).await;
    let shown = client.shown().await;
    assert!(shown.starts_with("warning: Baton changed calc.py ("), "{shown}");
    assert!(shown.contains("Not applied: calc.py: "), "{shown}");
    assert_eq!(client.text(&uri), REPAIRED.replace("return a + b", "return b - a"));
    client.finish().await;
}

#[tokio::test]
async fn an_edit_that_the_editor_refuses_is_reported_with_its_reason() {
    let (_setup, mut client, _) = accepted(applying()).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.answer(&edit, json!({"applied": false, "failureReason": "read-only"})).await;
    let shown = client.shown().await;
    assert!(
        shown.contains("nothing was applied: calc.py: the editor refused the change: read-only"),
        "{shown}"
    );
    client.finish().await;
    let (_setup, mut client, _) = accepted(applying()).await;
    let edit = client.asked("workspace/applyEdit").await;
    client.answer_error(&edit, -32601, "no such method").await;
    let shown = client.shown().await;
    assert!(shown.contains("calc.py: the editor refused the change: no such method"), "{shown}");
    client.finish().await;
}

#[tokio::test]
async fn an_editor_that_takes_no_edits_keeps_its_documents() {
    let (setup, mut client, uri) = repairing(json!({})).await;
    client.change(&uri, range((0, 0), (0, 0)), "# unsaved\n").await;
    accept(&mut client).await;
    let shown = client.shown().await;
    assert!(shown.starts_with("warning: Baton: nothing was applied: calc.py"), "{shown}");
    assert_eq!(setup.disk("calc.py"), CALC);
    client.finish().await;
}

#[tokio::test]
async fn there_is_never_a_second_edit_before_the_first_is_answered() {
    let replies = |body: &Value| {
        let is_add = body.to_string().contains("repair the first");
        let (old, new) = if is_add {
            ("    return a - b", "    return a + b  # add")
        } else {
            ("def sub(a, b):\n    return a + b", "def sub(a, b):\n    return a - b  # sub")
        };
        Scripted::Text(format!("calc.py\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n"))
    };
    let setup = Setup::scripted(Box::new(replies)).await;
    let uri = setup.uri("calc.py");
    let mut client = setup.client(applying()).await;
    client.open(&uri, 1, CALC).await;
    for text in ["repair the first", "repair the other"] {
        client.execute("baton.run.start", json!({"workflow": "implement", "text": text})).await;
    }
    accept(&mut client).await;
    accept(&mut client).await;
    let first = client.asked("workspace/applyEdit").await;
    for _ in 0..10 {
        client.settle().await;
        tokio::task::yield_now().await;
    }
    client.assert_all_read();
    client.make_all(&first, &uri).await;
    let second = client.asked("workspace/applyEdit").await;
    client.make_all(&second, &uri).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(
        client.text(&uri),
        "def add(a, b):\n    return a + b  # add\n\n\ndef sub(a, b):\n    return a - b  # sub\n"
    );
    client.finish().await;
}
