//! Prompt files of a workspace.

use engine::{Event, Outcome, Request, Run};
use jiff::Timestamp;

use crate::check::{World, finish};

const OWN: &str = "---\nrole: explainer\ntier: fast\ntools: search\nreply: text\ncontext_tokens: 100\n---\nAnswer in rhymes.\n--- user ---\n{{ task }}\n";

async fn world(prompt: &str) -> World {
    let files = format!("//- /a.py\nx = 1\n//- /.baton/prompts/explainer.md\n{prompt}");
    let reply = || fixture::Scripted::Text("x is one.".to_owned());
    World::with_replies(&files, vec![reply(), reply()]).await
}

fn hash_of(run: &Run) -> String {
    let hash = run.events(0).into_iter().find_map(|event| match event {
        Event::Reply { agent, prompt, .. } if agent == "explainer" => Some(prompt),
        _ => None,
    });
    hash.unwrap()
}

#[tokio::test]
async fn a_workspace_has_its_own_prompts_once_it_is_trusted() {
    let world = world(OWN).await;
    let workspace = world.open().await;
    let ask = || workspace.start(Request::new("explain", "what is x", "test")).unwrap();
    let untrusted = ask();
    finish(&untrusted).await;
    workspace.store().trust(workspace.root().as_str(), Timestamp::now()).unwrap();
    let trusted = ask();
    finish(&trusted).await;
    let said: Vec<bool> = world
        .model
        .requests()
        .iter()
        .map(|request| request.to_string().contains("Answer in rhymes."))
        .collect();
    assert_eq!(said, [false, true]);
    assert_ne!(hash_of(&untrusted), hash_of(&trusted));
}

#[tokio::test]
async fn one_that_cannot_be_used_is_said_and_nobody_is_asked() {
    let world = world(&OWN.replace("reply: text", "reply: edits")).await;
    let workspace = world.open().await;
    workspace.store().trust(workspace.root().as_str(), Timestamp::now()).unwrap();
    let run = workspace.start(Request::new("explain", "what is x", "test")).unwrap();
    finish(&run).await;
    let Some(Event::Finished { outcome: Outcome::Failed { failure } }) = run.events(0).pop() else {
        panic!()
    };
    assert_eq!(
        failure.message,
        "the prompt file .baton/prompts/explainer.md: its `reply` is `edits` and has to be `text`"
    );
    assert!(world.model.requests().is_empty());
}
