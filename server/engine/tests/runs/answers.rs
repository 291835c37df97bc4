//! Workflows that answer: nothing is proposed and no file changes.

use base::RelPath;
use engine::{Event, Outcome, Request, Selection};
use expect_test::expect;
use serde_json::json;

use crate::check::{World, check_run, finish, log};

const FILES: &str = "//- /pay.py\ndef charge(card, amount):\n    log(card)\n    return amount\n\n\ndef log(line):\n    print(line)\n";

fn path(path: &str) -> RelPath {
    RelPath::parse(path).unwrap()
}

#[tokio::test]
async fn a_question_is_answered() {
    check_run(
        r#"
//- /pay.py
def charge(card, amount):
    return amount
//- reply explainer
`charge` in pay.py returns the amount as it is given.
"#,
        Request::new("explain", "what does charge return", "test"),
        expect![[r#"
            started explain
            retrieve 0 Running: searching the workspace
            hits pay.py
            retrieve 0 Done: 1 part, 23 tokens
            generate 0 Running: scripted/model
            generate 0 Done: answered
            finished Explained { text: "`charge` in pay.py returns the amount as it is given.\n" }
        "#]],
    )
    .await;
}

/// What is quoted has to be there, and of two lines that are the same the one that was asked about is meant.
#[tokio::test]
async fn findings_lie_where_the_code_is_that_they_quote() {
    let finding = |quote: &str, severity: &str, message: &str| {
        json!({"path": "pay.py", "quote": quote, "severity": severity, "category": "security", "message": message,
            "suggestion": "Do not."})
    };
    let mut elsewhere = finding("    print(line)", "error", "Another file.");
    elsewhere["path"] = json!("../pay.py");
    let reply = json!({"findings": [
        finding("    print(line)", "info", "It goes to the terminal."),
        finding("    log(card)", "error", "A card number is logged."),
        finding("    log(card)", "error", "A card number is logged."),
        finding("    eval(card)", "error", "Nobody wrote this."),
        elsewhere,
    ]});
    let world = World::with_replies(FILES, vec![fixture::Scripted::Text(reply.to_string())]).await;
    let workspace = world.open().await;
    let text = workspace.vfs().snapshot().read(&path("pay.py")).unwrap();
    let selection = Selection { path: path("pay.py"), range: base::ByteRange::new(0, text.len()) };
    let request = Request { selection: Some(selection), ..Request::new("review", "", "test") };
    let run = workspace.start(request).unwrap();
    finish(&run).await;
    let events = run.events(0);
    let said = log(&events);
    assert!(
        said.contains("notice: 2 findings dropped: the code that is quoted is not there"),
        "{said}"
    );
    let Some(Event::Finished { outcome: Outcome::Reviewed { findings, dropped: 2 } }) =
        events.last()
    else {
        panic!("{said}")
    };
    let shown: Vec<String> =
        findings.iter().map(|it| format!("{it} {:?}", &text[it.range.as_range()])).collect();
    expect![[r#"
        pay.py:2: error: A card number is logged.
        Do not. [baton security] "log(card)"
        pay.py:7: info: It goes to the terminal.
        Do not. [baton security] "print(line)""#]]
    .assert_eq(&shown.join("\n"));
    // The model was told the form of its answer.
    let asked = &world.model.requests()[0];
    assert!(asked.to_string().contains("\"findings\""), "{asked}");
}

#[tokio::test]
async fn an_answer_in_no_form_is_asked_for_again_and_then_given_up() {
    let reply = |text: &str| fixture::Scripted::Text(text.to_owned());
    let world = World::with_replies(FILES, vec![reply("Looks good."), reply("Really.")]).await;
    let run = world.open().await.start(Request::new("review", "charge", "test")).unwrap();
    finish(&run).await;
    let events = run.events(0);
    let Some(Event::Finished { outcome: Outcome::Failed { failure } }) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!((failure.kind.as_str(), failure.resumable), ("model_shape", true));
}

#[tokio::test]
async fn what_says_nothing_is_refused_at_once() {
    let world = World::with_replies(FILES, Vec::new()).await;
    let workspace = world.open().await;
    let mut said = String::new();
    for workflow in ["document", "explain", "refactor", "review"] {
        let error = workspace.start(Request::new(workflow, " ", "test")).err().unwrap();
        said.push_str(&format!("{error}\n"));
    }
    expect![[r#"
        `document` needs a selection, or words that name what to describe
        `explain` needs a question or a selection
        `refactor` needs a request in words or a selection
        `review` needs a change, a selection, or words
    "#]]
    .assert_eq(&said);
}
