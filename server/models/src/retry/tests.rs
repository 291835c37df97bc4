//! Counts the calls that reach a real server, and what the caller gets in the end.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::{Duration, Instant};

use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use tokio_util::sync::CancellationToken;

use crate::{Config, Delta, Error, Models, ProviderConfig, Request, Retry};

/// Asks with three calls allowed; gives how many reached the server, the text and the error's kind.
async fn calls(replies: Vec<Scripted>) -> (usize, String, &'static str) {
    let stalls = replies.contains(&Scripted::Stall);
    let server = ScriptedModel::start(replies).await;
    let mut config = Config::new(|_| None);
    config.retry = Retry { attempts: 3, pause_ms: 1, max_wait_ms: 2_000 };
    if stalls {
        config.timeouts.first_byte_ms = 300;
    }
    config.providers = vec![ProviderConfig::open_ai("o", &server.base_url())];
    let models = Models::from_config(&config).unwrap();
    let request = Request { messages: vec![], max_tokens: None, temperature: None, stop: vec![] };
    let stream = models.stream(&"o/m".parse().unwrap(), request, &CancellationToken::new());
    let (mut text, mut kind) = (String::new(), "");
    for item in stream.collect::<Vec<Result<Delta, Error>>>().await {
        match item {
            Ok(Delta::Text(it)) => text += &it,
            Ok(_) => {}
            Err(error) => kind = error.kind(),
        }
    }
    (server.requests().len(), text, kind)
}

fn ok() -> Scripted {
    Scripted::Text("ok".to_owned())
}

fn limited(retry_after: &str) -> Scripted {
    let headers = vec![("retry-after".to_owned(), retry_after.to_owned())];
    Scripted::Status { code: 429, headers, body: String::new() }
}

#[tokio::test]
async fn asks_again_before_the_first_token() {
    assert_eq!(calls(vec![limited("0"), ok()]).await, (2, "ok".to_owned(), ""));
    let (a, b) = (Scripted::status(503, "loading"), Scripted::status(500, "oops"));
    assert_eq!(calls(vec![a, b, ok()]).await, (3, "ok".to_owned(), ""));
    let cut = Scripted::Cut { text_before: String::new() };
    assert_eq!(calls(vec![cut, ok()]).await, (2, "ok".to_owned(), ""));
    let message = "overloaded".to_owned();
    let error = Scripted::ErrorInStream { text_before: String::new(), message };
    assert_eq!(calls(vec![error, ok()]).await, (2, "ok".to_owned(), ""));
}

#[tokio::test]
async fn gives_up_in_the_end() {
    let failing = vec![Scripted::status(503, "loading"); 9];
    assert_eq!(calls(failing).await, (3, String::new(), "overloaded"));
}

#[tokio::test]
async fn waits_as_long_as_the_server_asks_but_not_longer_than_allowed() {
    let started = Instant::now();
    assert_eq!(calls(vec![limited("1"), ok()]).await, (2, "ok".to_owned(), ""));
    assert!(Duration::from_secs(1) <= started.elapsed());
    // An hour is not waited for at all.
    let started = Instant::now();
    assert_eq!(calls(vec![limited("3600"), ok()]).await, (1, String::new(), "rate_limited"));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn what_stands_is_not_asked_again() {
    let text_before = "begun".to_owned();
    let cut = Scripted::Cut { text_before: text_before.clone() };
    assert_eq!(calls(vec![cut, ok()]).await, (1, "begun".to_owned(), "cut"));
    for (code, kind) in [(400, "bad_request"), (401, "auth"), (402, "quota"), (404, "bad_request")]
    {
        assert_eq!(calls(vec![Scripted::status(code, "no"), ok()]).await, (1, String::new(), kind));
    }
    assert_eq!(calls(vec![Scripted::Garbage, ok()]).await, (1, "some".to_owned(), "malformed"));
    assert_eq!(calls(vec![Scripted::EmptyBody, ok()]).await, (1, String::new(), "malformed"));
    assert_eq!(calls(vec![Scripted::Stall, ok()]).await, (1, String::new(), "timeout"));
}
