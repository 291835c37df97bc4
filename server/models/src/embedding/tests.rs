//! Vectors over real sockets, in the formats of the servers: what is sent, what is taken, and what is refused.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::time::{Duration, Instant};

use expect_test::{Expect, expect};
use fixture::{Scripted, ScriptedModel};
use serde_json::{Value, json};

use super::{Embedding, EmbeddingConfig, Purpose, prefixes};
use crate::{Config, Error, Kind, ProviderConfig};

const LONG: Duration = Duration::from_secs(10);

/// Providers `o`, `l` and `t` at one server, without second tries.
fn config(server: &ScriptedModel) -> Config {
    let mut config =
        Config::new(|name| (name == "TEST_KEY").then(|| "sk-very-secret-123456".to_owned()));
    config.keyring = false;
    config.retry.attempts = 1;
    config.retry.pause_ms = 1;
    let api_key_env = Some("TEST_KEY".to_owned());
    let tei = ProviderConfig {
        kind: Some(Kind::Tei),
        ..ProviderConfig::open_ai("t", &server.ollama_url())
    };
    let cohere = ProviderConfig { name: "c".to_owned(), kind: Some(Kind::Cohere), ..tei.clone() };
    config.providers = vec![
        ProviderConfig { api_key_env, ..ProviderConfig::open_ai("o", &server.base_url()) },
        ProviderConfig {
            keep_alive: Some("30m".to_owned()),
            ..ProviderConfig::ollama("l", &server.ollama_url())
        },
        tei,
        cohere,
    ];
    config
}

fn settings(model: &str) -> EmbeddingConfig {
    EmbeddingConfig {
        model: model.parse().unwrap(),
        query_prefix: None,
        document_prefix: None,
        dimensions: None,
    }
}

fn embedding(server: &ScriptedModel, model: &str) -> Embedding {
    Embedding::new(&config(server), &settings(model)).unwrap()
}

/// A server that gives each text a vector of its length and a one.
async fn lengths() -> ScriptedModel {
    ScriptedModel::start_with(Box::new(|body| {
        let inputs = body["input"].as_array().or_else(|| body["inputs"].as_array()).unwrap();
        let vector = |text: &Value| json!([text.as_str().unwrap().len(), 1]);
        let vectors: Vec<Value> = inputs.iter().map(vector).collect();
        if body["inputs"].is_array() {
            return Scripted::json(&json!(vectors));
        }
        if body["encoding_format"].is_null() {
            return Scripted::json(&json!({"model": "m", "embeddings": vectors, "total_duration": 14143917, "load_duration": 1019500, "prompt_eval_count": 8}));
        }
        // In the wrong order, which the format allows.
        let data: Vec<Value> = vectors.iter().enumerate().rev().map(|(index, vector)| json!({"object": "embedding", "index": index, "embedding": vector})).collect();
        Scripted::json(&json!({"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 8, "total_tokens": 8}}))
    }))
    .await
}

#[tokio::test]
async fn each_server_is_asked_in_its_own_format() {
    let server = lengths().await;
    for (model, purpose, expected) in [
        (
            "l/nomic-embed-text",
            Purpose::Query,
            expect![[
                r#"/api/embed key: no {"input":["search_query: a","search_query: bcd"],"keep_alive":"30m","model":"nomic-embed-text","truncate":true} [[15.0, 1.0], [17.0, 1.0]]"#
            ]],
        ),
        (
            "l/nomic-embed-text:v1.5",
            Purpose::Document,
            expect![[
                r#"/api/embed key: no {"input":["search_document: a","search_document: bcd"],"keep_alive":"30m","model":"nomic-embed-text:v1.5","truncate":true} [[18.0, 1.0], [20.0, 1.0]]"#
            ]],
        ),
        (
            "o/text-embedding-3-small",
            Purpose::Query,
            expect![[
                r#"/v1/embeddings key: yes {"encoding_format":"float","input":["a","bcd"],"model":"text-embedding-3-small"} [[1.0, 1.0], [3.0, 1.0]]"#
            ]],
        ),
        (
            "t/bge-small-en-v1.5",
            Purpose::Query,
            expect![[
                r#"/embed key: no {"inputs":["Represent this sentence for searching relevant passages: a","Represent this sentence for searching relevant passages: bcd"],"normalize":true,"truncate":true} [[58.0, 1.0], [60.0, 1.0]]"#
            ]],
        ),
    ] {
        let embedding = embedding(&server, model);
        let vectors = embedding.embed(purpose, &["a", "bcd"], LONG).await.unwrap();
        assert_eq!(embedding.dim(), Some(2));
        let call = server.calls().pop().unwrap();
        let key = if call.authorization.is_some() { "yes" } else { "no" };
        expected.assert_eq(&format!("{} key: {key} {} {vectors:?}", call.path, call.body));
    }
}

#[tokio::test]
async fn prefixes_and_width_can_be_set() {
    let server = lengths().await;
    let settings = EmbeddingConfig {
        query_prefix: Some("Q ".to_owned()),
        document_prefix: Some(String::new()),
        dimensions: Some(2),
        ..settings("o/nomic-embed-text")
    };
    let embedding = Embedding::new(&config(&server), &settings).unwrap();
    embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap();
    embedding.embed(Purpose::Document, &["a", ""], LONG).await.unwrap();
    let sent = server.requests();
    assert_eq!((&sent[0]["input"], &sent[1]["input"]), (&json!(["Q a"]), &json!(["a", " "])));
    assert_eq!(sent[0]["dimensions"], 2);
    let plain = Embedding::new(&config(&server), &EmbeddingConfig { dimensions: None, ..settings })
        .unwrap();
    assert_ne!(embedding.id(), plain.id());
    assert!(
        embedding.id().starts_with(&format!("o/nomic-embed-text at {} of 2", server.base_url()))
    );
}

#[test]
fn prefixes_go_by_the_name() {
    assert_eq!(prefixes::of("nomic-ai/nomic-embed-text-v1.5").query, "search_query: ");
    assert_eq!(prefixes::of("intfloat/E5-small-v2").document, "passage: ");
    assert_eq!(prefixes::of("all-minilm").query, "");
}

#[tokio::test]
async fn many_texts_go_in_several_requests() {
    let server = lengths().await;
    let embedding = embedding(&server, "t/x");
    let texts: Vec<String> = (0..70).map(|idx| "x".repeat(idx + 1)).collect();
    let vectors = embedding.embed(Purpose::Document, &texts, LONG).await.unwrap();
    let lengths: Vec<usize> = vectors.iter().map(|vector| vector[0] as usize).collect();
    assert_eq!(lengths, (1..=70).collect::<Vec<_>>());
    let sizes = |server: &ScriptedModel| {
        let of = |body: Value| body["inputs"].as_array().unwrap().len();
        server.requests().into_iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(sizes(&server), [32, 32, 6]);
    // Large ones go alone or by a few, and never longer than a model may take.
    let texts = vec!["é".repeat(100_000); 20];
    let vectors = embedding.embed(Purpose::Document, &texts, LONG).await.unwrap();
    assert!(vectors.iter().all(|vector| vector[0] == 8_000.0));
    assert_eq!(sizes(&server)[3..], [16, 4]);
    assert_eq!(
        embedding.embed(Purpose::Document, &[] as &[&str], LONG).await.unwrap(),
        [] as [Vec<f32>; 0]
    );
}

#[tokio::test]
async fn a_server_that_takes_fewer_is_given_fewer() {
    let server = ScriptedModel::start_with(Box::new(|body| {
        let inputs = body["inputs"].as_array().unwrap();
        if 4 < inputs.len() {
            let body = json!({"error": format!("batch size {} > maximum allowed batch size 4", inputs.len()), "error_type": "Validation"});
            return Scripted::Status { code: 422, headers: vec![], body: body.to_string() };
        }
        Scripted::json(&json!(inputs.iter().map(|_| [1.0, 0.5]).collect::<Vec<_>>()))
    }))
    .await;
    let embedding = embedding(&server, "t/x");
    let texts = vec!["x"; 9];
    assert_eq!(embedding.embed(Purpose::Document, &texts, LONG).await.unwrap().len(), 9);
    let n_before = server.requests().len();
    assert_eq!(embedding.embed(Purpose::Document, &texts, LONG).await.unwrap().len(), 9);
    // It remembers: 4, 4, 1.
    assert_eq!(server.requests().len() - n_before, 3);
}

async fn check(model: &str, reply: Scripted, expected: Expect) {
    let server = ScriptedModel::start(vec![reply]).await;
    let error =
        embedding(&server, model).embed(Purpose::Query, &["a", "b"], LONG).await.unwrap_err();
    let shown = format!("{}: {error}", error.kind()).replace(&server.ollama_url(), "URL");
    assert!(!shown.contains("very-secret"), "{shown}");
    expected.assert_eq(&shown);
}

#[tokio::test]
async fn what_is_no_answer_is_said_with_the_endpoint() {
    let openai = |vectors: Value| Scripted::json(&json!({"data": vectors}));
    check("l/m", Scripted::json(&json!({"embeddings": [[1, 2]]})), expect![[r#"malformed: `l/m` at URL gave a malformed answer: 1 vectors for 2 texts; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("t/m", Scripted::json(&json!([[1, 2], [1, 2, 3]])), expect!["malformed: `t/m` at URL gave a malformed answer: vectors of 3 numbers where they had 2 before; if its model was changed, start Baton again, which makes all vectors anew; check that `kind` and `base_url` of the provider fit the server"]).await;
    check("t/m", Scripted::json(&json!([[], []])), expect!["malformed: `t/m` at URL gave a malformed answer: a vector of 0 numbers; check that `kind` and `base_url` of the provider fit the server"]).await;
    check("t/m", Scripted::json(&json!([[1, null], [1, 2]])), expect!["malformed: `t/m` at URL gave a malformed answer: no vectors (invalid type: null, expected f32 at line 1 column 8); it sent: [[1,null],[1,2]]; check that `kind` and `base_url` of the provider fit the server"]).await;
    check("t/m", Scripted::json(&json!([[1, 1e39], [1, 2]])), expect!["malformed: `t/m` at URL gave a malformed answer: no vectors (number out of range at line 1 column 9); it sent: [[1,1e+39],[1,2]]; check that `kind` and `base_url` of the provider fit the server"]).await;
    check(
        "t/m",
        Scripted::Raw {
            content_type: "application/json".to_owned(),
            body: "[[NaN, 1], [1, 2]]".to_owned(),
        },
        expect!["malformed: `t/m` at URL gave a malformed answer: no vectors (expected value at line 1 column 3); it sent: [[NaN, 1], [1, 2]]; check that `kind` and `base_url` of the provider fit the server"],
    )
    .await;
    check(
        "o/m",
        openai(json!([{"index": 1, "embedding": [1]}, {"index": 1, "embedding": [1]}])),
        expect![[r#"malformed: `o/m` at URL/v1 gave a malformed answer: a vector is missing, or there twice; it sent: {"data":[{"embedding":[1],"index":1},{"embedding":[1],"index":1}]}; check that `kind` and `base_url` of the provider fit the server"#]],
    )
    .await;
    check("o/m", openai(json!([{"index": 0, "embedding": "AACAPw=="}])), expect![[r#"malformed: `o/m` at URL/v1 gave a malformed answer: no vectors (invalid type: string "AACAPw==", expected a sequence at line 1 column 32); it sent: {"data":[{"embedding":"AACAPw==","index":0}]}; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("l/m", Scripted::json(&json!({"embedding": [1, 2]})), expect![[r#"malformed: `l/m` at URL gave a malformed answer: no vectors (missing field `embeddings` at line 1 column 19); it sent: {"embedding":[1,2]}; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check(
        "o/m",
        Scripted::Raw {
            content_type: "text/html".to_owned(),
            body: "<html>sk-very-secret-123456".to_owned(),
        },
        expect!["malformed: `o/m` at URL/v1 gave a malformed answer: a web page in place of an answer: <html>[secret]; check that `kind` and `base_url` of the provider fit the server"],
    )
    .await;
    check("o/m", Scripted::EmptyBody, expect!["malformed: `o/m` at URL/v1 gave a malformed answer: no vectors (EOF while parsing a value at line 1 column 0); it sent: (no text); check that `kind` and `base_url` of the provider fit the server"]).await;
    let wide = format!("[[{}],[1]]", vec!["1"; 9_000].join(","));
    check(
        "t/m",
        Scripted::Raw { content_type: "application/json".to_owned(), body: wide },
        expect!["malformed: `t/m` at URL gave a malformed answer: a vector of 9000 numbers; check that `kind` and `base_url` of the provider fit the server"],
    )
    .await;
    check(
        "t/m",
        Scripted::Raw {
            content_type: "application/json".to_owned(),
            body: format!("[[{}", " ".repeat(17 << 20)),
        },
        expect!["too_large: the answer of `t/m` at URL is too large: a body of more than 16 MB"],
    )
    .await;
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let status =
        |code, body: &str| Scripted::Status { code, headers: vec![], body: body.to_owned() };
    check(
        "l/m",
        status(404, r#"{"error":"model \"m\" not found, try pulling it first"}"#),
        expect![[r#"no_such_model: `l/m` at URL does not exist: model "m" not found, try pulling it first; run `ollama pull m` or choose one of `ollama list`"#]],
    )
    .await;
    check("o/m", Scripted::status(401, "wrong key sk-very-secret-123456"), expect!["auth: `o/m` at URL/v1 refuses the key: wrong key [secret]; check TEST_KEY (or the keyring's entry, service `baton`, account `o`)"]).await;
    check(
        "t/m",
        status(429, r#"{"error":"Model is overloaded","error_type":"Overloaded"}"#),
        expect!["rate_limited: `t/m` at URL limits the rate: Model is overloaded; try again later or choose another model"],
    )
    .await;
    check(
        "t/m",
        status(424, r#"{"error":"Inference failed","error_type":"Backend"}"#),
        expect!["bad_request: `t/m` at URL does not accept the request (status 424): Inference failed; the server's own words say what it expects"],
    )
    .await;
    check("o/m", status(404, "no such path"), expect!["bad_request: `o/m` at URL/v1 does not accept the request (status 404): no such path; check the provider's `base_url`; it usually ends in /v1"]).await;
}

#[tokio::test]
async fn another_width_than_before_is_refused() {
    let reply = |vector: Value| Scripted::json(&json!([vector]));
    let server = ScriptedModel::start(vec![reply(json!([1, 2])), reply(json!([1, 2, 3]))]).await;
    let embedding = embedding(&server, "t/m");
    embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap();
    let error = embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap_err().to_string();
    expect!["`t/m` at URL gave a malformed answer: vectors of 3 numbers where they had 2 before; if its model was changed, start Baton again, which makes all vectors anew; check that `kind` and `base_url` of the provider fit the server"].assert_eq(&error.replace(&server.ollama_url(), "URL"));
    let server = ScriptedModel::start(vec![reply(json!([1, 2]))]).await;
    let settings = EmbeddingConfig { dimensions: Some(4), ..settings("t/m") };
    let embedding = Embedding::new(&config(&server), &settings).unwrap();
    let error = embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap_err().to_string();
    expect!["`t/m` at URL gave a malformed answer: vectors of 2 numbers where `search.dimensions` asks for 4; check that `kind` and `base_url` of the provider fit the server"].assert_eq(&error.replace(&server.ollama_url(), "URL"));
}

#[tokio::test]
async fn it_asks_again_and_ends_in_time() {
    let server = ScriptedModel::start(vec![
        Scripted::status(503, "loading"),
        Scripted::json(&json!([[1, 2]])),
        Scripted::Stall,
    ])
    .await;
    let mut config = config(&server);
    config.retry.attempts = 2;
    let embedding = Embedding::new(&config, &settings("t/m")).unwrap();
    embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap();
    assert_eq!(server.calls().len(), 2);
    let started = Instant::now();
    let error =
        embedding.embed(Purpose::Query, &["a"], Duration::from_millis(200)).await.unwrap_err();
    assert!(started.elapsed() < LONG);
    expect!["`t/m` at URL: no whole answer in 0.2 s; if the server is only slow, raise `wait_ms` under `search`"].assert_eq(&error.to_string().replace(&server.ollama_url(), "URL"));
    server.stop().await;
    let error = embedding.embed(Purpose::Query, &["a"], LONG).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn providers_that_make_no_vectors_are_told_at_once() {
    let server = ScriptedModel::start(vec![]).await;
    let error = |model: &str| match Embedding::new(&config(&server), &settings(model)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{model}"),
    };
    expect!["provider `c` makes no vectors; `search.embedder` needs one of kind `ollama`, `openai` or `tei`"].assert_eq(&error("c/m"));
    expect!["there is no provider `nobody`; known are anthropic, c, cohere, deepseek, gemini, groq, jina, l, llama.cpp, lmstudio, mistral, o, ollama, openai, openrouter, t, tei, vllm; add a `[[provider]]` table with `name` and `base_url`"].assert_eq(&error("nobody/m"));
}

#[tokio::test]
async fn those_that_only_make_numbers_do_not_chat() {
    let server = ScriptedModel::start(vec![]).await;
    let models = crate::Models::from_config(&config(&server)).unwrap();
    assert!(!models.providers().any(|name| name == "tei"));
    let error = models.list("t").await.unwrap_err().to_string();
    expect!["provider `t` does not chat; choose another for `model`"].assert_eq(&error);
}
