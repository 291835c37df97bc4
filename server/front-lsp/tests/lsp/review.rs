//! The proposal before the user, in a document and a question.

use expect_test::expect;
use fixture::Scripted;
use serde_json::{Value, json};

use crate::client::Client;
use crate::setup::{CALC, REPAIR, REPAIRED, Setup, applying};

/// A run that repairs `calc.py`, which is not open, and its id.
async fn repairing(replies: Vec<Scripted>, capabilities: Value) -> (Setup, Client, String) {
    let setup = Setup::new(replies).await;
    let mut client = setup.client(capabilities).await;
    let run = client.execute("baton.run.start", setup.repair()).await;
    (setup, client, run["run"].as_str().unwrap().to_owned())
}

async fn choose(client: &mut Client, title: &str) {
    let question = client.asked("window/showMessageRequest").await;
    client.answer(&question, json!({"title": title})).await;
}

fn reply() -> Scripted {
    Scripted::Text(REPAIR.into())
}

#[tokio::test]
async fn what_is_not_open_is_written_to_disk_on_accept() {
    let (setup, mut client, run) = repairing(vec![reply()], applying()).await;
    let question = client.asked("window/showMessageRequest").await;
    let message = question["params"]["message"].as_str().unwrap();
    assert!(
        message.starts_with(
            "Baton: take this change for “repair add and sub”? calc.py +2 -2 (probes clean"
        ),
        "{message}"
    );
    // Without documents to show, the diff is in a file.
    let preview = setup.previews().remove(0);
    assert!(message.ends_with(&format!(" The diff: {}.", preview.display())), "{message}");
    assert!(preview.to_str().unwrap().contains(&run));
    let titles: Vec<&Value> =
        question["params"]["actions"].as_array().unwrap().iter().map(|it| &it["title"]).collect();
    assert_eq!(titles, ["Accept", "Reject", "Ask for changes"]);
    assert_eq!(setup.disk("calc.py"), CALC);
    client.answer(&question, json!({"title": "Accept"})).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(setup.disk("calc.py"), REPAIRED);
    assert_eq!(setup.previews().len(), 0);
    client.finish().await;
}

#[tokio::test]
async fn a_rejected_change_leaves_everything_as_it_was() {
    let (setup, mut client, run) = repairing(vec![reply()], applying()).await;
    choose(&mut client, "Reject").await;
    assert_eq!(client.progress_ended_alone().await, "rejected");
    assert_eq!(setup.disk("calc.py"), CALC);
    let (code, message) = client.refused("baton.proposal.accept", json!([{"run": run}])).await;
    assert_eq!(code, -32803);
    assert!(message.contains("has already ended: rejected"), "{message}");
    client.finish().await;
}

#[tokio::test]
async fn a_dismissed_question_stays_open() {
    let (setup, mut client, run) = repairing(vec![reply()], applying()).await;
    let question = client.asked("window/showMessageRequest").await;
    client.answer(&question, Value::Null).await;
    let short = &run[run.len() - 8..];
    assert_eq!(
        client.shown().await,
        format!("info: The change waits for your decision: `baton review {short}` in a shell.")
    );
    let part = json!({"run": short});
    assert_eq!(client.execute("baton.proposal.accept", part).await, json!({"run": run}));
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(setup.disk("calc.py"), REPAIRED);
    client.finish().await;
}

#[tokio::test]
async fn a_client_that_cannot_ask_is_told_where_to_answer() {
    let (setup, mut client, run) = repairing(vec![reply()], applying()).await;
    let question = client.asked("window/showMessageRequest").await;
    client.answer_error(&question, -32601, "method not found").await;
    let shown = client.shown().await;
    assert!(shown.starts_with("info: Baton: take this change"), "{shown}");
    assert!(shown.ends_with(&format!("`baton review {}` in a shell.", &run[run.len() - 8..])));
    assert_eq!(client.progress_ended().await, "waits for your decision");
    client.execute("baton.proposal.reject", json!({"run": run, "reason": "no"})).await;
    client.finish().await;
    assert_eq!(setup.disk("calc.py"), CALC);
}

#[tokio::test]
async fn changes_can_be_asked_for() {
    let other = REPAIR.replace("return a - b\n>>>", "return a - b  # better\n>>>");
    let replies = vec![reply(), Scripted::Text(other)];
    let (setup, mut client, run) = repairing(replies, applying()).await;
    choose(&mut client, "Ask for changes").await;
    let shown = client.shown().await;
    assert!(shown.contains("`baton.proposal.revise`"), "{shown}");
    let empty =
        client.refused("baton.proposal.revise", json!([{"run": run, "feedback": " "}])).await;
    assert_eq!(empty, (-32602, "`feedback` is empty; say what should change".to_owned()));
    let feedback = json!({"run": run, "feedback": "say that it is better"});
    assert_eq!(client.progress_ended().await, "waits for your decision");
    client.execute("baton.proposal.revise", feedback).await;
    choose(&mut client, "Accept").await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert!(setup.disk("calc.py").ends_with("return a - b  # better\n"));
    // The second try has a progress of its own.
    let begun = client.progress.iter().filter(|line| line.starts_with("begin ")).count();
    assert_eq!(begun, 2);
    assert_eq!(client.progress_ended().await, "changed calc.py");
    client.finish().await;
}

#[tokio::test]
async fn some_hunks_can_be_accepted_by_command_while_the_question_is_open() {
    let (setup, mut client, run) = repairing(vec![reply()], applying()).await;
    client.asked("window/showMessageRequest").await;
    let stray = json!([{"run": run, "hunks": ["00000000"]}]);
    let refused = client.refused("baton.proposal.accept", stray).await;
    assert_eq!(refused, (-32602, "the proposal has no hunk 00000000".to_owned()));
    let hunks = setup.hunks(&run);
    client.execute("baton.proposal.accept", json!({"run": run, "hunks": [hunks[0]]})).await;
    assert!(client.shown().await.starts_with("info: Baton changed calc.py"));
    assert_eq!(setup.disk("calc.py"), CALC.replacen("a - b", "a + b", 1));
    client.finish().await;
}

#[tokio::test]
async fn a_client_that_fetches_documents_gets_the_proposal_as_one() {
    let mut capabilities = applying();
    capabilities["window"]["showDocument"] = json!({"support": true});
    capabilities["workspace"]["textDocumentContent"] = json!({});
    let (setup, mut client, run) = repairing(vec![reply()], capabilities).await;
    let refresh = client.asked("workspace/textDocumentContent/refresh").await;
    client.answer(&refresh, Value::Null).await;
    let show = client.asked("window/showDocument").await;
    client.answer(&show, json!({"success": true})).await;
    let uri = &show["params"]["uri"];
    assert_eq!(*uri, format!("baton:/runs/{run}/proposal.diff"));
    let content = client.call("workspace/textDocumentContent", json!({"uri": uri})).await;
    let text = content["text"].as_str().unwrap().replace(&run, "RUN");
    // What the checks found depends on the tools of the machine.
    let fixed: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') || line.contains("RUN") || line.contains("Request"))
        .map(str::trim_end)
        .collect();
    expect![[r#"
        # Baton, run RUN
        # Request: repair add and sub

        diff --git a/calc.py b/calc.py
        --- a/calc.py
        +++ b/calc.py
        @@ -1,6 +1,6 @@
         def add(a, b):
        -    return a - b
        +    return a + b
 
 
         def sub(a, b):
        -    return a + b
        +    return a - b"#]]
    .assert_eq(&fixed.join("\n"));
    assert!(text.contains("# parse: clean"), "{text}");
    assert_eq!(setup.previews().len(), 0);

    let id = client.request("workspace/textDocumentContent", json!({"uri": "baton:/x"})).await;
    assert_eq!(client.response(id).await["error"]["code"], -32602);
    choose(&mut client, "Reject").await;
    assert_eq!(client.progress_ended_alone().await, "rejected");
    client.finish().await;
}

#[tokio::test]
async fn a_client_that_only_shows_files_is_shown_one() {
    let mut capabilities = applying();
    capabilities["window"]["showDocument"] = json!({"support": true});
    let (setup, mut client, _) = repairing(vec![reply()], capabilities).await;
    let show = client.asked("window/showDocument").await;
    let file = setup.previews().remove(0);
    assert_eq!(show["params"]["uri"], format!("file://{}", file.display()));
    assert!(std::fs::metadata(&file).unwrap().permissions().readonly());
    client.answer(&show, json!({"success": true})).await;
    let question = client.asked("window/showMessageRequest").await;
    assert!(!question["params"]["message"].as_str().unwrap().contains("The diff:"));
    client.answer(&question, json!({"title": "Reject"})).await;
    assert_eq!(client.progress_ended_alone().await, "rejected");
    assert_eq!(setup.previews().len(), 0);
    client.finish().await;
}
