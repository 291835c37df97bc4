//! Records from a real server and plays without it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "writes into a temporary folder")]

use std::path::Path;

use expect_test::expect;
use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{Cassette, Config, Delta, Error, Message, Models, ProviderConfig, Request};

const KEY: &str = "sk-very-secret-123456";

fn recorder(server: &ScriptedModel, file: &Path) -> Models {
    let mut config = Config::new(|_| Some(KEY.to_owned()));
    config.retry.pause_ms = 1;
    let api_key_env = Some("KEY".to_owned());
    config.providers =
        vec![ProviderConfig { api_key_env, ..ProviderConfig::open_ai("o", &server.base_url()) }];
    config.cassette = Some(Cassette::Record(file.to_owned()));
    Models::from_config(&config).unwrap()
}

fn player(file: &Path) -> Models {
    let mut config = Config::new(|_| None);
    // Nobody listens there.
    config.providers = vec![ProviderConfig::open_ai("o", "http://127.0.0.1:1/v1")];
    config.cassette = Some(Cassette::Replay(file.to_owned()));
    Models::from_config(&config).unwrap()
}

async fn ask(models: &Models, text: &str) -> Vec<Result<Delta, Error>> {
    let messages = vec![Message::user(text.to_owned())];
    let request = Request { temperature: Some(0.1), ..Request::of(messages) };
    models.stream(&"o/m".parse().unwrap(), request, &CancellationToken::new()).collect().await
}

#[tokio::test]
async fn plays_what_was_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("answers.jsonl");
    let server = ScriptedModel::start(vec![
        Scripted::Thinking { thinking: "hm".to_owned(), text: "first größe".to_owned() },
        Scripted::Text("second".to_owned()),
        // What may pass is no part of the outcome.
        Scripted::status(503, "loading"),
        Scripted::Calls { text: "third".to_owned(), calls: vec![("look".to_owned(), json!({}))] },
        Scripted::status(401, &format!("bad key {KEY}")),
    ])
    .await;
    let live = recorder(&server, &file);
    let questions = ["a", "a", "b", "b", &format!("my key is {KEY}")];
    let mut recorded = Vec::new();
    for question in questions {
        recorded.push(ask(&live, question).await);
    }
    let passed = recorded.remove(2);
    assert_eq!(passed[0].as_ref().unwrap_err().kind(), "overloaded");
    let questions = ["a", "a", "b", questions[4]];
    drop(server);

    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 4);
    assert!(!text.contains(KEY), "{text}");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }

    let tape = player(&file);
    let kept = |it: &Result<Delta, Error>| it.clone().map(Delta::kept);
    let recorded: Vec<Vec<_>> = recorded.iter().map(|it| it.iter().map(kept).collect()).collect();
    for (question, recorded) in questions.iter().zip(&recorded) {
        assert_eq!(&ask(&tape, question).await, recorded);
    }
    // The last answer to a question serves for all later ones.
    assert_eq!(ask(&tape, "a").await, recorded[1]);
    assert_eq!(tape.list("o").await.unwrap(), ["m"]);

    let error = ask(&tape, "never asked").await.pop().unwrap().unwrap_err();
    let shown = error.to_string().replace(&file.display().to_string(), "FILE");
    expect!["replay of `o/m`: no recorded answer to request 512a3beded83adeb in FILE; record it with `--cassette record:FILE`"].assert_eq(&shown);
}

#[tokio::test]
async fn an_answer_that_was_dropped_is_not_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("answers.jsonl");
    let server = ScriptedModel::start(vec![Scripted::Text("a long answer".to_owned())]).await;
    let live = recorder(&server, &file);
    let request = Request::default();
    let mut stream = live.stream(&"o/m".parse().unwrap(), request, &CancellationToken::new());
    stream.next().await.unwrap().unwrap();
    drop(stream);
    assert!(!file.exists());
}

#[tokio::test]
async fn files_that_cannot_serve() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("answers.jsonl");
    let error = ask(&player(&file), "x").await.pop().unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Replay { reason, .. } if reason.contains("cannot read")),
        "{error}"
    );

    std::fs::write(&file, "\n{\"hash\": 1}\n").unwrap();
    let error = ask(&player(&file), "x").await.pop().unwrap().unwrap_err();
    assert!(
        matches!(&error, Error::Replay { reason, .. } if reason.contains("line 2 of")),
        "{error}"
    );

    let server = ScriptedModel::start(vec![Scripted::Text("x".to_owned())]).await;
    let live = recorder(&server, &dir.path().join("no/such/folder"));
    let items = ask(&live, "x").await;
    assert_eq!(items[0], Ok(Delta::Text("x".to_owned())));
    let error = items.last().unwrap().as_ref().unwrap_err();
    assert!(
        matches!(error, Error::Replay { reason, .. } if reason.contains("cannot write")),
        "{error}"
    );
}
