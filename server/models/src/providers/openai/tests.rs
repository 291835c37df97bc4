//! What is sent, and how frames of other servers than OpenAI's are read.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};
use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::read;
use crate::{Config, Delta, Message, Models, ProviderConfig, Request};

fn check(frame: &Value, expected: Expect) {
    let shown = match read(&frame.to_string()) {
        Ok(pieces) => format!("{pieces:?}"),
        Err(fault) => format!("{fault:?}"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn frames_of_many_servers() {
    check(
        &json!({"choices": [{"delta": {"reasoning": "hm", "content": null}}]}),
        expect![[r#"[Thinking("hm"), Text("")]"#]],
    );
    check(
        &json!({"choices": [{"delta": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}]}),
        expect![[r#"[Text("ab")]"#]],
    );
    check(
        &json!({"choices": [{"delta": {"refusal": "I will not"}}]}),
        expect![[r#"[Text(""), Text("I will not"), Finish(Refused)]"#]],
    );
    check(
        &json!({"choices": [{"delta": {"content": "a", "refusal": ""}, "finish_reason": ""}]}),
        expect![[r#"[Text("a")]"#]],
    );
    check(
        &json!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
        expect![[r#"[Text(""), Finish(Calls)]"#]],
    );
    check(
        &json!({"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 4}}),
        expect![[
            r#"[Text(""), Usage(Counted { input: Some(9), output: Some(3), cached: Some(4), written: None })]"#
        ]],
    );
    check(
        &json!({"choices": [], "usage": {"prompt_tokens": null}}),
        expect![[
            r#"[Text(""), Usage(Counted { input: None, output: None, cached: None, written: None })]"#
        ]],
    );
    check(&json!({"id": "x"}), expect![[r#"[Text("")]"#]]);
    check(&json!([1]), expect!["Malformed"]);
    check(&json!("text"), expect!["Malformed"]);
}

async fn sent(provider: ProviderConfig, script: fixture::Script) -> (Vec<Value>, String) {
    let server = ScriptedModel::start_with(script).await;
    let mut config = Config::new(|_| None);
    config.keyring = false;
    let name = format!("{}/m", provider.name).parse().unwrap();
    config.providers = vec![ProviderConfig { base_url: Some(server.base_url()), ..provider }];
    let models = Models::from_config(&config).unwrap();
    let request = Request {
        messages: vec![Message::system("be brief".to_owned())],
        max_tokens: Some(9),
        temperature: Some(0.5),
        stop: vec!["END".to_owned()],
        ..Request::default()
    };
    let items: Vec<_> = models.stream(&name, request, &CancellationToken::new()).collect().await;
    let text = items
        .into_iter()
        .map(|item| match item {
            Ok(Delta::Text(text)) => text,
            Ok(_) => String::new(),
            Err(error) => error.kind().to_owned(),
        })
        .collect();
    (server.requests(), text)
}

#[tokio::test]
async fn the_request_on_the_wire() {
    let text = |_: &Value| Scripted::Text("ok".to_owned());
    let (requests, reply) = sent(ProviderConfig::open_ai("own", ""), Box::new(text)).await;
    assert_eq!(reply, "ok");
    assert_eq!(
        requests,
        [json!({
            "model": "m", "messages": [{"role": "system", "content": "be brief"}], "stream": true,
            "stream_options": {"include_usage": true}, "max_tokens": 9, "temperature": 0.5, "stop": ["END"],
        })]
    );
    let (requests, _) = sent(ProviderConfig::open_ai("openai", ""), Box::new(text)).await;
    assert_eq!(
        (&requests[0]["max_completion_tokens"], &requests[0]["max_tokens"]),
        (&json!(9), &Value::Null)
    );
    let (requests, _) = sent(ProviderConfig::open_ai("mistral", ""), Box::new(text)).await;
    assert_eq!(requests[0]["stream_options"], Value::Null);
}

#[tokio::test]
async fn gives_up_fields_that_a_model_refuses() {
    let picky = |body: &Value| {
        let refused =
            ["max_tokens", "temperature", "stop"].into_iter().find(|&it| !body[it].is_null());
        match refused {
            Some(param) => Scripted::Status {
                code: 400,
                headers: vec![],
                body: json!({"error": {"message": "unsupported", "param": param}}).to_string(),
            },
            None => Scripted::Text("ok".to_owned()),
        }
    };
    let (requests, reply) = sent(ProviderConfig::open_ai("own", ""), Box::new(picky)).await;
    assert_eq!((requests.len(), reply.as_str()), (4, "ok"));
    assert_eq!(requests[3]["max_completion_tokens"], 9);

    // A budget counts on the limit: a server that knows it by neither name is not asked without.
    let unlimited = |body: &Value| {
        let names = ["max_tokens", "max_completion_tokens"];
        let param = names.into_iter().find(|&it| !body[it].is_null());
        Scripted::Status {
            code: 400,
            headers: vec![],
            body: json!({"error": {"message": "unsupported", "param": param}}).to_string(),
        }
    };
    let (requests, reply) = sent(ProviderConfig::open_ai("own", ""), Box::new(unlimited)).await;
    assert_eq!(reply, "bad_request");
    assert!(requests.iter().all(|it| it["max_tokens"] == 9 || it["max_completion_tokens"] == 9));

    // What the request is about is never given up.
    let refuse = |_: &Value| Scripted::Status {
        code: 400,
        headers: vec![],
        body: json!({"error": {"message": "no", "param": "messages"}}).to_string(),
    };
    let (requests, reply) = sent(ProviderConfig::open_ai("own", ""), Box::new(refuse)).await;
    assert_eq!((requests.len(), reply.as_str()), (1, "bad_request"));
    assert_eq!(requests[0]["messages"][0]["content"], "be brief");
}
