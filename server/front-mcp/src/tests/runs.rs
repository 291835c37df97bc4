//! A run from its start to a decision.

use expect_test::expect;
use fixture::Scripted;
use serde_json::json;

use super::client::{Client, World, edit};

const FILES: &str = r#"
//- /calc.py
def one():
    return 10


def unrelated():
    return "left alone"


def two():
    return 20
//- /notes.txt
nothing to see
"#;

fn both() -> String {
    let one = edit("calc.py", "    return 10", "    return 1");
    let two = edit("calc.py", "    return 20", "    return 2");
    format!("{one}\n{two}\nCOMMIT: fix(calc): return what the names say\n")
}

async fn world(replies: &[&str]) -> World {
    let script = replies.iter().map(|reply| Scripted::Text((*reply).to_owned())).collect();
    World::with_script(FILES, script).await
}

#[tokio::test]
async fn start_follow_show_accept() {
    let world = world(&[&both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, status) = client.run("return what the names say").await;
    assert_eq!(status["state"], "waiting", "{status:#}");
    assert_eq!(status["question"]["text"], "Take this change? 2 hunks in 1 file.");

    let shown = client.ok("proposal_show", json!({"run": run})).await;
    assert_eq!(shown["message"], "fix(calc): return what the names say");
    assert_eq!(shown["hunks"].as_array().unwrap().len(), 2);
    assert_eq!(shown["partly_verified"], true, "no command can run here");
    assert_eq!(world.read("calc.py"), file(10, 20), "nothing moves before");
    let text = client.text("proposal_show", json!({"run": run})).await;
    let text = masked(&text, &run);
    expect![[r#"
        Proposal a0357b63 of run RUN: fix(calc): return what the names say

        Hunk 00af3304 of calc.py
        ```
        diff --git a/calc.py b/calc.py
        --- a/calc.py
        +++ b/calc.py
        @@ -1,5 +1,5 @@
         def one():
        -    return 10
        +    return 1


         def unrelated():
        ```

        Hunk cb6658ab of calc.py
        ```
        diff --git a/calc.py b/calc.py
        --- a/calc.py
        +++ b/calc.py
        @@ -7,4 +7,4 @@


         def two():
        -    return 20
        +    return 2
        ```

        Evidence (no sandbox: nothing of the workspace was run):
        - probes: clean
        - parse: clean
        - tests: no answer: no tests were found; name the command as `tests.command` in baton.toml
        Some checks gave no answer, so this is only partly verified.
        Question review-a0357b63-1: Take this change? 2 hunks in 1 file.
    "#]]
    .assert_eq(&text);

    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered", "{resolved:#}");
    assert_eq!(resolved["conflicts"], json!([]));
    assert_eq!(resolved["state"], "succeeded");
    assert_eq!(world.read("calc.py"), file(1, 2));
    assert_eq!(world.read("notes.txt"), "nothing to see\n");

    let text = client.text("run_status", json!({"run": run})).await;
    let text = masked(&text, &run);
    expect![[r#"
        Run RUN: succeeded
        - started implement with scripted/model
        - baseline running: running the tests as they are
        - baseline done: no tests were found; set `tests.command` in baton.toml to name the command
        - retrieve running: searching the workspace
        - context of 64 tokens: calc.py:1 one, calc.py:9 two, calc.py:5 unrelated
        - retrieve done: 3 parts, 64 tokens
        - generate (attempt 1) running: scripted/model
        - 1 model calls, 451 tokens in, 49 out
        - generate (attempt 1) done: edits 1 file
        - verify (attempt 1) running: checking the edit
        - check probes: clean
        - check parse: clean
        - check tests: no answer: no tests were found; name the command as `tests.command` in baton.toml
        - verify (attempt 1) done: probes clean, parse clean, format: no answer, tests: no answer
        - proposal a0357b63: probes clean, parse clean, format: no answer, tests: no answer
        - review running: waiting for a decision
        - review done: accepted
        - deliver running: applying
        - applied to 1 files, 0 conflicts
        - deliver done: 1 file
        Delivered: calc.py changed.
        Cursor: 36
    "#]].assert_eq(&text);
    client.done().await;
}

/// Without what differs from run to run and, because of the formatters that are installed, from machine to machine.
fn masked(text: &str, run: &str) -> String {
    let lines = text.lines().filter(|line| !line.contains("format: no answer: "));
    lines.map(|line| line.trim_end().replace(run, "RUN") + "\n").collect()
}

fn file(one: u32, two: u32) -> String {
    format!(
        "def one():\n    return {one}\n\n\ndef unrelated():\n    return \"left alone\"\n\n\ndef two():\n    return {two}\n"
    )
}

#[tokio::test]
async fn some_hunks_only() {
    let world = world(&[&both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    let shown = client.ok("proposal_show", json!({"run": run})).await;
    let second = &shown["hunks"][1];
    assert!(second["diff"].as_str().unwrap().contains("+    return 2"), "{second:#}");
    let resolved =
        client.decide(&run, json!({"decision": "accept", "hunks": [second["id"]]})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    assert_eq!(world.read("calc.py"), file(10, 2));
    client.done().await;
}

#[tokio::test]
async fn reject() {
    let world = world(&[&both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    let resolved = client.decide(&run, json!({"decision": "reject", "feedback": "no"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "rejected");
    assert_eq!(resolved["state"], "rejected");
    assert_eq!(world.read("calc.py"), file(10, 20));
    // It has ended for good.
    let again = json!({"run": run, "question": "review-x", "decision": "accept"});
    let message = client.refused("proposal_resolve", again).await;
    assert_eq!(message, format!("run {run} waits for no decision now; see run_status"));
    let message = client.refused("run_resume", json!({"run": run})).await;
    assert_eq!(message, format!("run {run} has already ended: rejected"));
    client.done().await;
}

#[tokio::test]
async fn revise_asks_anew_and_an_answer_to_the_old_proposal_does_not_count() {
    let better = edit("calc.py", "    return 10", "    return 1");
    let world = world(&[&both(), &better]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    let old = client.question(&run).await;
    let resolved =
        client.decide(&run, json!({"decision": "revise", "feedback": "only the first"})).await;
    assert_eq!(resolved["state"], "waiting", "{resolved:#}");
    let requests = world.model.as_ref().unwrap().requests();
    assert!(requests[1].to_string().contains("only the first"), "the model is told");

    let late = json!({"run": run, "question": old, "decision": "accept"});
    let message = client.refused("proposal_resolve", late).await;
    assert_eq!(message, format!("run {run} does not wait for an answer to `{old}`"));
    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    assert_eq!(world.read("calc.py"), file(1, 20));
    client.done().await;
}

#[tokio::test]
async fn revise_asks_again_when_the_model_does_not_budge() {
    let world = world(&[&both(), &both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    let resolved =
        client.decide(&run, json!({"decision": "revise", "feedback": "only the first"})).await;
    assert_eq!(resolved["state"], "waiting", "{resolved:#}");
    assert_eq!(world.calls(), 2);
    let resolved = client.decide(&run, json!({"decision": "reject"})).await;
    assert_eq!(resolved["state"], "rejected");
    client.done().await;
}

#[tokio::test]
async fn decisions_that_make_no_sense_are_refused_and_change_nothing() {
    let world = world(&[&both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    let question = client.question(&run).await;
    let mut told = String::new();
    for decision in [
        json!({"decision": "revise"}),
        json!({"decision": "revise", "feedback": " "}),
        json!({"decision": "accept", "hunks": []}),
        json!({"decision": "accept", "hunks": ["nonsense"]}),
        json!({"decision": "accept", "hunks": ["00000000"]}),
        json!({"decision": "reject", "hunks": ["00000000"]}),
        json!({"decision": "reject", "commit": true}),
        json!({"decision": "maybe"}),
        json!({"decision": "accept", "question": "review-00000000"}),
    ] {
        let mut arguments = json!({"run": run, "question": question});
        arguments.as_object_mut().unwrap().extend(decision.as_object().unwrap().clone());
        told.push_str(&client.refused("proposal_resolve", arguments).await.replace(&run, "RUN"));
        told.push('\n');
    }
    expect![[r#"
        `revise` needs `feedback`: what should be different?
        `revise` needs `feedback`: what should be different?
        `hunks` is empty; leave it out to take all, or use `reject`
        `hunks`: `nonsense` is not a hunk id: 8 lower-case hex digits
        the proposal has no hunk 00000000
        `hunks` and `commit` belong to `accept` only
        `hunks` and `commit` belong to `accept` only
        failed to deserialize parameters: unknown variant `maybe`, expected one of `accept`, `reject`, `revise`, `choose`
        run RUN does not wait for an answer to `review-00000000`
    "#]].assert_eq(&told);
    assert_eq!(world.read("calc.py"), file(10, 20));
    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    client.done().await;
}

#[tokio::test]
async fn what_the_user_changed_meanwhile_is_a_conflict_and_the_rest_applies() {
    let world = world(&[&both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, _) = client.run("return what the names say").await;
    world.files.write("calc.py", &file(11, 20)).unwrap();
    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["conflicts"].as_array().unwrap().len(), 1, "{resolved:#}");
    assert_eq!(resolved["conflicts"][0]["path"], "calc.py");
    assert_eq!(world.read("calc.py"), file(11, 2));
    client.done().await;
}

#[tokio::test]
async fn without_a_model_a_run_says_how_to_get_one_and_search_works() {
    let world = World::without_model(FILES);
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let start = json!({"workflow": "implement", "request": "x"});
    let message = client.refused("run_start", start).await;
    expect!["no model is chosen; take one of three: (1) Ollama: install it, run `ollama pull qwen2.5-coder`, then use `--model ollama/qwen2.5-coder`; (2) any OpenAI-compatible server: give its `name` and `base_url` in a `[[provider]]` table of your configuration, then use `--model <name>/<model>`; (3) an API key: set OPENAI_API_KEY, then use `--model openai/<model>`"].assert_eq(&message);
    assert!(!client.ok("search_code", json!({"query": "unrelated"})).await["hits"][0].is_null());
    client.done().await;
}

#[tokio::test]
async fn a_request_can_name_a_place_and_a_diagnostic() {
    let world = world(&[&edit("calc.py", "    return 20", "    return 2")]).await;
    let workspace = world.open().await;
    // Typed and not saved: the request is about what the user sees.
    let path: base::RelPath = "calc.py".parse().unwrap();
    workspace.vfs().open_buffer(path, 1, &format!("# typed\n{}", file(10, 20)));
    let mut client = Client::new(&workspace).await;
    let start = json!({
        "workflow": "fix", "file": "calc.py", "line": 11, "diagnostic": "two() returns twenty",
    });
    let run = client.ok("run_start", start).await["run"].clone();
    let status = client.ok("run_status", json!({"run": run})).await;
    assert_eq!(status["state"], "waiting", "{status:#}");
    let asked = world.model.as_ref().unwrap().requests()[0].to_string();
    assert!(asked.contains("two() returns twenty") && asked.contains("# typed"), "{asked}");
    client.done().await;
    workspace.shutdown().await;
}

#[tokio::test]
async fn runs_are_named_by_a_part_of_their_id() {
    let world = world(&[&both(), &both()]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (first, _) = client.run("one").await;
    let (second, _) = client.run("two").await;
    let status = client.ok("run_status", json!({"run": &first[first.len() - 10..]})).await;
    assert_eq!(status["run"], first.as_str());
    // Both ids begin with the same digits of the clock.
    let common = &first[..4];
    let message = client.refused("run_status", json!({"run": common})).await;
    assert_eq!(
        message,
        format!("`{common}` could be any of: {second}, {first}; type more of the id")
    );
    let message = client.refused("run_status", json!({"run": "nothing"})).await;
    assert_eq!(message, "there is no run `nothing` in this workspace; `baton runs` lists them");
    client.done().await;
    workspace.shutdown().await;
}

#[tokio::test]
async fn a_model_that_cannot_be_reached_fails_the_run_and_resume_goes_on() {
    let script = vec![Scripted::status(503, "overloaded"), Scripted::Text(both())];
    let world = World::with_script(FILES, script).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, status) = client.run("return what the names say").await;
    assert_eq!(status["state"], "failed", "{status:#}");
    assert_eq!(status["outcome"]["failure"]["resumable"], true);
    let message = client.refused("proposal_show", json!({"run": run})).await;
    assert_eq!(message, format!("run {run} has no proposal yet; it is failed, see run_status"));

    client.ok("run_resume", json!({"run": run})).await;
    let status = client.ok("run_status", json!({"run": run, "cursor": status["cursor"]})).await;
    assert_eq!((&status["state"], &status["outcome"]), (&"waiting".into(), &json!(null)));
    let resolved = client.decide(&run, json!({"decision": "accept"})).await;
    assert_eq!(resolved["outcome"]["outcome"], "delivered");
    assert_eq!(world.read("calc.py"), file(1, 2));
    client.done().await;
}

#[tokio::test]
async fn gives_up_after_the_attempts_that_it_has() {
    let world = world(&["no edit", "still none", "sorry"]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let (run, status) = client.run("return what the names say").await;
    assert_eq!(status["outcome"]["failure"]["kind"], "attempts_exhausted", "{status:#}");
    let question = json!({"run": run, "question": "review-x", "decision": "accept"});
    client.refused("proposal_resolve", question).await;
    assert_eq!(world.calls(), 3);
    client.done().await;
}

#[tokio::test]
async fn a_change_of_the_client_s_own_is_examined_and_no_file_moves() {
    let world = world(&[]).await;
    let workspace = world.open().await;
    let mut client = Client::new(&workspace).await;
    let diff = |new: &str| {
        format!(
            "--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def one():\n-    return 10\n+{new}\n"
        )
    };
    let view = client.ok("verify_patch", json!({"diff": diff("    return 1")})).await;
    assert_eq!(view["state"], "succeeded", "{view:#}");
    assert_eq!(view["outcome"]["defect"], json!(null), "{view:#}");
    assert_eq!(view["outcome"]["evidence"]["checks"][0]["after"], "clean", "{view:#}");

    let view = client.ok("verify_patch", json!({"diff": diff("    return (")})).await;
    assert_eq!(view["outcome"]["defect"]["kind"], "syntax", "{view:#}");
    assert_eq!(world.read("calc.py"), file(10, 20));
    let text = client.text("verify_patch", json!({"diff": diff("    return (")})).await;
    assert!(text.contains("Refused: the result does not parse"), "{text}");
    client.done().await;
}
