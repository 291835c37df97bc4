//! What is sent to Ollama, above all the context size.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{Config, Message, Models, ProviderConfig, Request};

async fn sent(keep_alive: Option<&str>, context_tokens: Option<u32>, request: Request) -> Value {
    let server = ScriptedModel::start(vec![Scripted::Text("ok".to_owned())]).await;
    let mut config = Config::new(|_| None);
    let keep_alive = keep_alive.map(str::to_owned);
    let provider = ProviderConfig::ollama("ollama", &server.ollama_url());
    config.providers = vec![ProviderConfig { keep_alive, context_tokens, ..provider }];
    let models = Models::from_config(&config).unwrap();
    let name = "ollama/m".parse().unwrap();
    models.stream(&name, request, &CancellationToken::new()).collect::<Vec<_>>().await;
    server.requests().remove(0)
}

fn request(content: &str, max_tokens: Option<u32>) -> Request {
    let messages = vec![Message::user(content.to_owned())];
    Request { max_tokens, ..Request::of(messages) }
}

#[tokio::test]
async fn the_request_on_the_wire() {
    let full =
        Request { temperature: Some(0.5), stop: vec!["END".to_owned()], ..request("hi", Some(9)) };
    assert_eq!(
        sent(Some("-1"), None, full).await,
        json!({
            "model": "m", "messages": [{"role": "user", "content": "hi"}], "stream": true, "keep_alive": -1,
            "options": {"num_predict": 9, "temperature": 0.5, "stop": ["END"], "num_ctx": 8192},
        })
    );
    let body = sent(None, None, request("hi", None)).await;
    assert_eq!((&body["keep_alive"], &body["options"]), (&json!(-1), &json!({"num_ctx": 8192})));
}

#[tokio::test]
async fn the_context_follows_a_long_request() {
    // Ollama would cut off the beginning of a longer request without a word.
    let long = "word ".repeat(5_000);
    assert_eq!(sent(None, None, request(&long, None)).await["options"]["num_ctx"], 16_384);
    assert_eq!(sent(None, None, request("hi", Some(8_000))).await["options"]["num_ctx"], 8_192);
    assert_eq!(sent(None, None, request("hi", Some(9_000))).await["options"]["num_ctx"], 16_384);
    assert_eq!(sent(None, Some(2_048), request(&long, None)).await["options"]["num_ctx"], 2_048);
}
