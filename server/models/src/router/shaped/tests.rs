//! A shape that is kept to, one that is mended, one that is asked for again, and one that never comes.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use fixture::{Scripted, ScriptedModel};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    Ask, Config, Error, MemoryLedger, Message, ProviderConfig, Request, Router, Schema, Shaped,
    Tier,
};

async fn shaped(replies: &[&str]) -> (Result<Shaped, Error>, Vec<serde_json::Value>) {
    let replies = replies.iter().map(|it| Scripted::Text((*it).to_owned())).collect();
    let server = ScriptedModel::start(replies).await;
    let mut config = Config::new(|_| None);
    config.default = Some("o/m".parse().unwrap());
    config.providers = vec![ProviderConfig::open_ai("o", &server.base_url())];
    let router = Router::new(&config, Arc::<MemoryLedger>::default()).unwrap();
    let schema = Schema {
        name: "count".to_owned(),
        schema: json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}),
    };
    let ask = Ask::of(Request::of(vec![Message::user("how many?")]), Tier::Fast);
    let found = router.json(ask, schema, &CancellationToken::new(), |_| {}).await;
    (found, server.requests())
}

#[tokio::test]
async fn values_that_fit() {
    for text in [r#"{"n": 3}"#, "Sure:\n```json\n{'n': 3,}\n```"] {
        let (found, requests) = shaped(&[text]).await;
        assert_eq!(found.unwrap().value, json!({"n": 3}), "{text}");
        assert_eq!(requests.len(), 1);
    }
}

#[tokio::test]
async fn one_that_does_not_fit_is_given_back_once() {
    let (found, requests) = shaped(&[r#"{"n": "three"}"#, r#"{"n": 3}"#]).await;
    let found = found.unwrap();
    assert_eq!((found.value, found.answers.len()), (json!({"n": 3}), 2));
    let messages = requests[1]["messages"].as_array().unwrap();
    assert_eq!(messages[1]["content"], r#"{"n": "three"}"#);
    let said = messages[2]["content"].as_str().unwrap();
    assert!(
        said.starts_with("That answer cannot be used: /n: \"three\" is not of type \"integer\"."),
        "{said}"
    );
}

#[tokio::test]
async fn one_that_never_comes() {
    let (found, requests) = shaped(&["no", "never"]).await;
    let error = found.unwrap_err();
    assert_eq!(requests.len(), 2);
    assert!(
        error.to_string().starts_with("`o/m` gave no answer of the wanted shape: it is no JSON"),
        "{error}"
    );
}
