//! Ratings over real sockets, in the formats of the servers.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::Duration;

use expect_test::{Expect, expect};
use fixture::{Scripted, ScriptedModel};
use serde_json::{Value, json};

use super::Reranking;
use crate::{Config, Kind, ProviderConfig};

const LONG: Duration = Duration::from_secs(10);

fn config(server: &ScriptedModel) -> Config {
    let mut config =
        Config::new(|name| (name == "TEST_KEY").then(|| "sk-very-secret-123456".to_owned()));
    config.keyring = false;
    config.retry.attempts = 1;
    let of = |name: &str, kind| ProviderConfig {
        kind: Some(kind),
        ..ProviderConfig::open_ai(name, &server.ollama_url())
    };
    let api_key_env = Some("TEST_KEY".to_owned());
    config.providers = vec![
        of("t", Kind::Tei),
        of("l", Kind::Ollama),
        ProviderConfig { api_key_env: api_key_env.clone(), ..of("c", Kind::Cohere) },
        ProviderConfig { api_key_env, ..ProviderConfig::open_ai("j", &server.base_url()) },
    ];
    config
}

fn reranking(server: &ScriptedModel, model: &str) -> Reranking {
    Reranking::new(&config(server), &model.parse().unwrap()).unwrap()
}

/// A server that rates texts by their length, best first, as all of them do.
async fn lengths() -> ScriptedModel {
    ScriptedModel::start_with(Box::new(|body| {
        let name = if body["texts"].is_array() { "score" } else { "relevance_score" };
        let texts = body["texts"].as_array().or_else(|| body["documents"].as_array()).unwrap();
        let mut lengths: Vec<(usize, usize)> =
            texts.iter().map(|text| text.as_str().unwrap().len()).enumerate().collect();
        lengths.sort_by_key(|(_, len)| std::cmp::Reverse(*len));
        let rated: Vec<Value> = lengths
            .iter()
            .map(|(index, len)| json!({"index": index, name: *len as f32 / 100.0}))
            .collect();
        match name {
            "score" => Scripted::json(&json!(rated)),
            _ => Scripted::json(&json!({"id": "x", "results": rated, "meta": {"billed_units": {"search_units": 1}}})),
        }
    }))
    .await
}

#[tokio::test]
async fn each_server_is_asked_in_its_own_format() {
    let server = lengths().await;
    for (model, expected) in [
        (
            "t/bge-reranker-base",
            expect![[
                r#"/rerank key: no {"query":"q","raw_scores":false,"texts":["aa","b","ccc"],"truncate":true} [0.02, 0.01, 0.03]"#
            ]],
        ),
        (
            "c/rerank-v3.5",
            expect![[
                r#"/v2/rerank key: yes {"documents":["aa","b","ccc"],"model":"rerank-v3.5","query":"q","top_n":3} [0.02, 0.01, 0.03]"#
            ]],
        ),
        (
            "j/jina-reranker-v2-base-multilingual",
            expect![[
                r#"/v1/rerank key: yes {"documents":["aa","b","ccc"],"model":"jina-reranker-v2-base-multilingual","query":"q","return_documents":false,"top_n":3} [0.02, 0.01, 0.03]"#
            ]],
        ),
    ] {
        let scores = reranking(&server, model).scores("q", &["aa", "b", "ccc"], LONG).await;
        let call = server.calls().pop().unwrap();
        let key = if call.authorization.is_some() { "yes" } else { "no" };
        expected.assert_eq(&format!(
            "{} key: {key} {} {:?}",
            call.path,
            call.body,
            scores.unwrap()
        ));
    }
}

#[tokio::test]
async fn many_and_long_texts() {
    let server = lengths().await;
    let texts: Vec<String> =
        (0..40).map(|idx| "x".repeat(idx)).chain(["é".repeat(9_000)]).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let scores =
        reranking(&server, "t/m").scores(&"q".repeat(1_000_000), &texts, LONG).await.unwrap();
    assert_eq!((scores.len(), scores[7], scores[40]), (41, 0.07, 80.0));
    assert_eq!(server.requests()[0]["query"].as_str().unwrap().len(), 8_000);
    assert_eq!(reranking(&server, "t/m").scores("q", &[], LONG).await.unwrap(), [] as [f32; 0]);
}

async fn check(model: &str, reply: Value, expected: Expect) {
    let server = ScriptedModel::start(vec![Scripted::json(&reply)]).await;
    let error = reranking(&server, model).scores("q", &["a", "b"], LONG).await.unwrap_err();
    expected.assert_eq(&error.to_string().replace(&server.ollama_url(), "URL"));
}

#[tokio::test]
async fn what_is_no_answer_is_said_with_the_endpoint() {
    check("t/m", json!([{"index": 0, "score": 1}]), expect![[r#"`t/m` at URL gave a malformed answer: no number for text 1 of 2; it sent: [{"index":0,"score":1}]; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("t/m", json!([{"index": 0, "score": 1}, {"index": 2, "score": 1}]), expect![[r#"`t/m` at URL gave a malformed answer: a number for text 2 of 2; it sent: [{"index":0,"score":1},{"index":2,"score":1}]; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("t/m", json!([{"index": 0, "score": 1}, {"index": 0, "score": 1}]), expect![[r#"`t/m` at URL gave a malformed answer: two numbers for text 0; it sent: [{"index":0,"score":1},{"index":0,"score":1}]; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("c/m", json!({"results": [{"index": 0, "relevance_score": 1e300}]}), expect![[r#"`c/m` at URL gave a malformed answer: no finite number for text 0; it sent: {"results":[{"index":0,"relevance_score":1e+300}]}; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("j/m", json!({"answer": "none"}), expect![[r#"`j/m` at URL/v1 gave a malformed answer: no list of numbers for texts; it sent: {"answer":"none"}; check that `kind` and `base_url` of the provider fit the server"#]]).await;
}

#[tokio::test]
async fn it_ends_in_time_and_says_who_rates_nothing() {
    let server = ScriptedModel::start(vec![Scripted::Stall]).await;
    let soon = Duration::from_millis(200);
    let error = reranking(&server, "c/m").scores("q", &["a"], soon).await.unwrap_err();
    expect!["`c/m` at URL: no whole answer in 0.2 s; if the server is only slow, raise `wait_ms` under `search`"].assert_eq(&error.to_string().replace(&server.ollama_url(), "URL"));
    match Reranking::new(&config(&server), &"l/m".parse().unwrap()) {
        Err(error) => expect!["provider `l` rates no texts; `search.reranker` needs one of kind `tei`, `cohere` or `openai`"].assert_eq(&error.to_string()),
        Ok(_) => panic!("Ollama rates no texts"),
    }
}
