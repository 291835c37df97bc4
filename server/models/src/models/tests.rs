//! The whole way over real sockets: what a caller sees of good answers and of every fault.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    io,
    net::TcpListener,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use expect_test::{Expect, expect};
use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Models;
use crate::{Config, Delta, Error, Message, ModelName, ProviderConfig, Request};

const LONG: Duration = Duration::from_secs(10);

/// Two providers at one server, `o` and `l`, without second tries.
fn config(server: &ScriptedModel) -> Config {
    let mut config =
        Config::new(|name| (name == "TEST_KEY").then(|| " sk-very-secret-123456 \n".to_owned()));
    config.keyring = false;
    config.retry.attempts = 1;
    config.retry.pause_ms = 1;
    let api_key_env = Some("TEST_KEY".to_owned());
    config.providers = vec![
        ProviderConfig { api_key_env, ..ProviderConfig::open_ai("o", &server.base_url()) },
        ProviderConfig::ollama("l", &server.ollama_url()),
    ];
    config
}

fn name(text: &str) -> ModelName {
    text.parse().unwrap()
}

fn request(text: &str) -> Request {
    let messages = vec![Message::user(text.to_owned())];
    Request::of(messages)
}

async fn ask(models: &Models, model: &str) -> Vec<Result<Delta, Error>> {
    let stream = models.stream(&name(model), request("12345"), &CancellationToken::new());
    timeout(LONG, stream.collect()).await.unwrap()
}

fn show(items: &[Result<Delta, Error>]) -> String {
    let (mut res, mut text, mut thinking) = (String::new(), String::new(), String::new());
    for item in items {
        match item {
            Ok(Delta::Text(it)) => text += it,
            Ok(Delta::Thinking(it)) => thinking += it,
            Ok(Delta::Call(call)) => res += &format!("{}({}) ", call.name, call.arguments),
            Ok(Delta::Done(done)) => {
                let usage = &done.usage;
                res +=
                    &format!("{:?} {}/{} {}", done.finish, usage.input, usage.output, usage.cached);
                res += if usage.estimated { " estimated" } else { "" };
            }
            Err(error) => res += &format!("{}: {error}", error.kind()),
        }
    }
    let thinking = if thinking.is_empty() { thinking } else { format!("({thinking}) ") };
    format!("{thinking}{text:?} {res}")
}

async fn check(model: &str, reply: Scripted, expected: Expect) {
    let stalls = matches!(reply, Scripted::Stall | Scripted::StallAfter { .. });
    let server = ScriptedModel::start(vec![reply]).await;
    let mut config = config(&server);
    if stalls {
        (config.timeouts.first_byte_ms, config.timeouts.idle_ms) = (300, 300);
    }
    let models = Models::from_config(&config).unwrap();
    let shown = show(&ask(&models, model).await);
    let shown = shown.replace(&server.ollama_url(), "URL");
    // The number differs between systems.
    expected.assert_eq(&shown.replace(" (os error 104)", "").replace(" (os error 54)", ""));
}

fn status(code: u16, body: &str) -> Scripted {
    Scripted::Status { code, headers: vec![], body: body.to_owned() }
}

#[tokio::test]
async fn a_torn_last_line_is_an_answer_that_was_cut() {
    let raw = |body: &str| {
        let content_type = "application/x-ndjson".to_owned();
        Scripted::Raw { content_type, body: body.to_owned() }
    };
    let text = r#"{"message": {"content": "begun"}}"#;
    let torn = format!("{text}\n{{\"message\": {{\"cont");
    check("l/m", raw(&torn), expect![[r#""begun" cut: the answer of `l/m` at URL ended in the middle: the body ended within a line; try again"#]]).await;
    let whole = format!("{text}\n{{\"done\": true}}");
    check("l/m", raw(&whole), expect![[r#""begun" Stop 2/2 0 estimated"#]]).await;
}

#[tokio::test]
async fn an_event_of_endless_lines_is_too_large() {
    let raw = |body: String| {
        let content_type = "text/event-stream".to_owned();
        Scripted::Raw { content_type, body }
    };
    let line = format!("data: {}\n", "x".repeat(1000));
    check("o/m", raw(line.repeat(1100)), expect![[r#""" too_large: the answer of `o/m` at URL/v1 is too large: an event of more than 1 MB"#]]).await;
    // As much in many events is an answer.
    let frame = format!(r#"{{"choices": [{{"delta": {{"content": "{}"}}}}]}}"#, "x".repeat(1000));
    let body = format!("data: {frame}\r\n\r\n").repeat(1100) + "data: [DONE]\n\n";
    let server = ScriptedModel::start(vec![raw(body)]).await;
    let models = Models::from_config(&config(&server)).unwrap();
    assert_eq!(show(&ask(&models, "o/m").await).matches('x').count(), 1_100_000);
}

#[tokio::test]
async fn a_refusal_stays_one_whatever_ends_it() {
    let frames = [
        r#"{"choices": [{"delta": {"refusal": "I will"}}]}"#,
        r#"{"choices": [{"delta": {"refusal": " not"}}]}"#,
        r#"{"choices": [{"delta": {}, "finish_reason": "stop"}]}"#,
        "[DONE]",
    ];
    let body = frames.map(|frame| format!("data: {frame}\n\n")).concat();
    let reply = Scripted::Raw { content_type: "text/event-stream".to_owned(), body };
    check("o/m", reply, expect![[r#""I will not" Refused 2/3 0 estimated"#]]).await;
}

#[tokio::test]
async fn openai_answers() {
    check(
        "o/m",
        Scripted::Text("héllo wörld".to_owned()),
        expect![[r#""héllo wörld" Stop 2/3 0"#]],
    )
    .await;
    check(
        "o/m",
        Scripted::SplitBytes("日本語 ✓".to_owned()),
        expect![[r#""日本語 ✓" Stop 2/2 0"#]],
    )
    .await;
    let reply = Scripted::Thinking { thinking: "hm".to_owned(), text: "yes".to_owned() };
    check("o/m", reply, expect![[r#"(hm) "yes" Stop 2/2 0"#]]).await;
    check("o/m", Scripted::Length("cut of".to_owned()), expect![[r#""cut of" Length 2/2 0"#]])
        .await;
    check("o/m", Scripted::Refused(String::new()), expect![[r#""" Refused 2/0 0"#]]).await;
    check(
        "o/m",
        Scripted::NoUsage("hello world".to_owned()),
        expect![[r#""hello world" Stop 2/2 0 estimated"#]],
    )
    .await;
    check("o/m", Scripted::NoDone("hello".to_owned()), expect![[r#""hello" Stop 2/2 0"#]]).await;
    check(
        "o/m",
        Scripted::Slow { text: "slow but sure".to_owned(), delay_ms: 100 },
        expect![[r#""slow but sure" Stop 2/4 0"#]],
    )
    .await;
    let whole = r#"{"choices":[{"message":{"content":"all at once"},"finish_reason":"stop"}]}"#;
    check("o/m", status(200, whole), expect![[r#""all at once" Stop 2/3 0 estimated"#]]).await;
}

#[tokio::test]
async fn ollama_answers() {
    check(
        "l/m",
        Scripted::Text("héllo wörld".to_owned()),
        expect![[r#""héllo wörld" Stop 2/3 0"#]],
    )
    .await;
    check(
        "l/m",
        Scripted::SplitBytes("日本語 ✓".to_owned()),
        expect![[r#""日本語 ✓" Stop 2/2 0"#]],
    )
    .await;
    let reply = Scripted::Thinking { thinking: "hm".to_owned(), text: "yes".to_owned() };
    check("l/m", reply, expect![[r#"(hm) "yes" Stop 2/2 0"#]]).await;
    check("l/m", Scripted::Length("cut of".to_owned()), expect![[r#""cut of" Length 2/2 0"#]])
        .await;
    check(
        "l/m",
        Scripted::NoUsage("hello world".to_owned()),
        expect![[r#""hello world" Stop 2/2 0 estimated"#]],
    )
    .await;
    let unended = r#"{"message":{"content":"x"},"done":true,"done_reason":"stop","eval_count":1}"#;
    check("l/m", status(200, unended), expect![[r#""x" Stop 0/1 0"#]]).await;
}

#[tokio::test]
async fn openai_faults() {
    let text_before = || "begun".to_owned();
    check("o/m", Scripted::Cut { text_before: text_before() }, expect![[r#""begun" cut: the answer of `o/m` at URL/v1 ended in the middle: Connection reset by peer; try again"#]]).await;
    check("o/m", Scripted::EndsEarly { text_before: text_before() }, expect![[r#""begun" cut: the answer of `o/m` at URL/v1 ended in the middle: the body ended before the server said why; try again"#]]).await;
    check("o/m", Scripted::Garbage, expect![[r#""some" malformed: `o/m` at URL/v1 gave a malformed answer: in place of the next piece it sent: {"choices": [{"delta": {"con; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("o/m", Scripted::EmptyBody, expect![[r#""" malformed: `o/m` at URL/v1 gave a malformed answer: status 200 and an empty body, as some servers do when the request is longer than the model's context; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("o/m", Scripted::Stall, expect![[r#""" timeout: `o/m` at URL/v1: no first byte of an answer in 0.3 s; if the server is only slow, raise `first_byte_ms` under `timeouts`"#]]).await;
    check("o/m", Scripted::StallAfter { text_before: text_before() }, expect![[r#""begun" timeout: `o/m` at URL/v1: no further piece of the answer in 0.3 s; if the server is only slow, raise `idle_ms` under `timeouts`"#]]).await;
}

#[tokio::test]
async fn ollama_faults() {
    let text_before = || "begun".to_owned();
    check("l/m", Scripted::Cut { text_before: text_before() }, expect![[r#""begun" cut: the answer of `l/m` at URL ended in the middle: Connection reset by peer; try again"#]]).await;
    check("l/m", Scripted::EndsEarly { text_before: text_before() }, expect![[r#""begun" cut: the answer of `l/m` at URL ended in the middle: the body ended before the server said why; try again"#]]).await;
    check("l/m", Scripted::NoDone("hello".to_owned()), expect![[r#""hello" cut: the answer of `l/m` at URL ended in the middle: the body ended before the server said why; try again"#]]).await;
    check("l/m", Scripted::Garbage, expect![[r#""some" malformed: `l/m` at URL gave a malformed answer: in place of the next piece it sent: {"message": {"role": "assi; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("l/m", Scripted::EmptyBody, expect![[r#""" malformed: `l/m` at URL gave a malformed answer: status 200 and an empty body, as some servers do when the request is longer than the model's context; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    check("l/m", Scripted::Stall, expect![[r#""" timeout: `l/m` at URL: no first byte of an answer in 0.3 s; if the server is only slow, raise `first_byte_ms` under `timeouts`"#]]).await;
    check("l/m", Scripted::StallAfter { text_before: text_before() }, expect![[r#""begun" timeout: `l/m` at URL: no further piece of the answer in 0.3 s; if the server is only slow, raise `idle_ms` under `timeouts`"#]]).await;
}

#[tokio::test]
async fn errors_inside_a_stream() {
    let error = |message: &str| Scripted::ErrorInStream {
        text_before: "a".to_owned(),
        message: message.to_owned(),
    };
    check("o/m", error("CUDA out of memory"), expect![[r#""a" server: `o/m` at URL/v1 failed in the middle of its answer: CUDA out of memory; see the server's log"#]]).await;
    check("o/m", error("Rate limit reached"), expect![[r#""a" rate_limited: `o/m` at URL/v1 limits the rate: Rate limit reached; try again later or choose another model"#]]).await;
    check("o/m", error("maximum context length is 4096"), expect![[r#""a" context_overflow: the request is too long for `o/m` at URL/v1: maximum context length is 4096; ask with less context or choose a model with more"#]]).await;
    check("l/m", error("llama runner process has terminated"), expect![[r#""a" server: `l/m` at URL failed in the middle of its answer: llama runner process has terminated; see the server's log"#]]).await;
    let raw = |body: &str| Scripted::Raw {
        content_type: "text/event-stream".to_owned(),
        body: body.to_owned(),
    };
    check("o/m", raw("data: {\"error\":{\"message\":\"no\",\"code\":402}}\n\n"), expect![[r#""" quota: `o/m` at URL/v1 has no quota left: no; see your account with the provider or choose another model"#]])
        .await;
    check(
        "o/m",
        raw("data: {\"object\":\"error\",\"message\":\"bad\",\"code\":503}\n\n"),
        expect![[
            r#""" overloaded: `o/m` at URL/v1 is overloaded or not ready: bad; try again later"#
        ]],
    )
    .await;
    check("o/m", raw("data: 7\n\n"), expect![[r#""" malformed: `o/m` at URL/v1 gave a malformed answer: in place of the next piece it sent: 7; check that `kind` and `base_url` of the provider fit the server"#]]).await;
    let text = "data: {\"choices\":[{\"delta\":{\"content\":\"all\"}}]}\n\ndata: [DONE]\n\n";
    check("o/m", raw(text), expect![[r#""all" Stop 2/1 0 estimated"#]]).await;
    check("o/m", raw("data: [DONE]\n\n"), expect![[r#""" cut: the answer of `o/m` at URL/v1 ended in the middle: the body ended before the server said why; try again"#]]).await;
    check("o/m", raw(": nothing but comments\n\n: so\n\n"), expect![[r#""" malformed: `o/m` at URL/v1 gave a malformed answer: status 200 and an empty body, as some servers do when the request is longer than the model's context; check that `kind` and `base_url` of the provider fit the server"#]]).await;
}

#[tokio::test]
async fn statuses() {
    check("o/m", Scripted::status(401, "no such key"), expect![[r#""" auth: `o/m` at URL/v1 refuses the key: no such key; check TEST_KEY (or the keyring's entry, service `baton`, account `o`)"#]]).await;
    check("l/m", Scripted::status(403, "not you"), expect![[r#""" auth: `l/m` at URL refuses the key: not you; name the variable of its key in `api_key_env` of provider `l`"#]]).await;
    check("o/m", Scripted::status(402, "pay first"), expect![[r#""" quota: `o/m` at URL/v1 has no quota left: pay first; see your account with the provider or choose another model"#]]).await;
    check(
        "o/m",
        status(
            404,
            r#"{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}"#,
        ),
        expect![[r#""" no_such_model: `o/m` at URL/v1 does not exist: The model `m` does not exist; `baton doctor --model o/m` lists what the server has"#]],
    )
    .await;
    check(
        "l/m",
        status(404, r#"{"error":"model \"m\" not found, try pulling it first"}"#),
        expect![[r#""" no_such_model: `l/m` at URL does not exist: model "m" not found, try pulling it first; run `ollama pull m` or choose one of `ollama list`"#]],
    )
    .await;
    check("o/m", status(404, "<html>\n<h1>Not Found</h1>"), expect![[r#""" bad_request: `o/m` at URL/v1 does not accept the request (status 404): <html> <h1>Not Found</h1>; check the provider's `base_url`; it usually ends in /v1"#]]).await;
    let overflow = r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}"#;
    check("o/m", status(400, overflow), expect![[r#""" context_overflow: the request is too long for `o/m` at URL/v1: the request exceeds the available context size; ask with less context or choose a model with more"#]]).await;
    check("o/m", status(422, r#"{"detail":[{"msg":"extra fields"}]}"#), expect![[r#""" bad_request: `o/m` at URL/v1 does not accept the request (status 422): {"detail":[{"msg":"extra fields"}]}; the server's own words say what it expects"#]]).await;
    check(
        "o/m",
        status(500, "\u{7f}\u{1b}[31mboom"),
        expect![[
            r#""" server: `o/m` at URL/v1 failed with status 500: [31mboom; see the server's log"#
        ]],
    )
    .await;
    check("o/m", Scripted::status(503, "Loading model"), expect![[r#""" overloaded: `o/m` at URL/v1 is overloaded or not ready: Loading model; try again later"#]]).await;
    let limited = |value: &str| Scripted::Status {
        code: 429,
        headers: vec![("Retry-After".to_owned(), value.to_owned())],
        body: "slow down".to_owned(),
    };
    check("o/m", limited("2"), expect![[r#""" rate_limited: `o/m` at URL/v1 limits the rate, free again in 2 s: slow down; try again later or choose another model"#]]).await;
    check("o/m", limited("soon"), expect![[r#""" rate_limited: `o/m` at URL/v1 limits the rate: slow down; try again later or choose another model"#]]).await;
    check("o/m", Scripted::status(429, "You exceeded your current quota"), expect![[r#""" quota: `o/m` at URL/v1 has no quota left: You exceeded your current quota; see your account with the provider or choose another model"#]]).await;
}

#[tokio::test]
async fn oversized_answers() {
    let events =
        |body: String| Scripted::Raw { content_type: "text/event-stream".to_owned(), body };
    let server = ScriptedModel::start(vec![
        events(format!("data: {}", "x".repeat(1_100_000))),
        status(200, &"x".repeat(5_000_000)),
        Scripted::Raw {
            content_type: "application/x-ndjson".to_owned(),
            body: "x".repeat(1_100_000),
        },
        status(500, &"x".repeat(100_000)),
    ])
    .await;
    let models = Models::from_config(&config(&server)).unwrap();
    let mut shown = String::new();
    for model in ["o/m", "o/m", "l/m"] {
        let items = ask(&models, model).await;
        shown += &format!("{}\n", items.last().unwrap().as_ref().unwrap_err());
    }
    expect![[r#"
        the answer of `o/m` at URL/v1 is too large: a line of more than 1 MB
        the answer of `o/m` at URL/v1 is too large: a body of more than 4 MB
        the answer of `l/m` at URL is too large: a line of more than 1 MB
    "#]]
    .assert_eq(&shown.replace(&server.ollama_url(), "URL"));
    match ask(&models, "o/m").await.pop().unwrap().unwrap_err() {
        Error::Server { body, .. } => assert_eq!(body.len(), 8 * 1024),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut config = Config::new(|_| None);
    config.retry.pause_ms = 1;
    config.providers = vec![
        ProviderConfig::open_ai("o", &format!("http://user:pa55word@{free}/v1")),
        ProviderConfig::ollama("l", &format!("http://{free}")),
    ];
    let models = Models::from_config(&config).unwrap();
    for (model, hint) in
        [("o/m", "correct `base_url` of provider `o`"), ("l/m", "start it with `ollama serve`")]
    {
        let error = ask(&models, model).await.pop().unwrap().unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with(&format!("cannot reach `{model}` at http://{free}")), "{text}");
        assert!(text.ends_with(hint), "{text}");
        assert!(!format!("{error:?}").contains("pa55word"));
        assert_eq!(models.list(&model[..1]).await.unwrap_err().kind(), "unreachable");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn nobody_accepts_the_connection() {
    // A full accept queue: the kernel drops further attempts to connect.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let addr = listener.local_addr().unwrap();
    let mut held = Vec::new();
    while let Ok(Ok(stream)) =
        timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(addr)).await
    {
        held.push(stream);
    }
    let mut config = Config::new(|_| None);
    config.retry.attempts = 1;
    config.timeouts.connect_ms = 100;
    config.providers = vec![ProviderConfig::open_ai("o", &format!("http://{addr}/v1"))];
    let error =
        ask(&Models::from_config(&config).unwrap(), "o/m").await.pop().unwrap().unwrap_err();
    expect!["`o/m` at http://ADDR/v1: no connection in 0.1 s; if the server is only slow, raise `connect_ms` under `timeouts`"].assert_eq(&error.to_string().replace(&addr.to_string(), "ADDR"));
}

#[tokio::test]
async fn names_that_lead_nowhere() {
    let models = Models::from_config(&Config::new(|_| None)).unwrap();
    assert_eq!(models.default_model(), None);
    expect![[r#""" unknown_provider: there is no provider `opeani`; known are anthropic, deepseek, gemini, groq, jina, llama.cpp, lmstudio, mistral, ollama, openai, openrouter, vllm; add a `[[provider]]` table with `name` and `base_url`"#]].assert_eq(&show(&ask(&models, "opeani/gpt").await));
    expect!["no model is chosen; take one of three: (1) Ollama: install it, run `ollama pull qwen2.5-coder`, then use `--model ollama/qwen2.5-coder`; (2) any OpenAI-compatible server: give its `name` and `base_url` in a `[[provider]]` table of your configuration, then use `--model <name>/<model>`; (3) an API key: set OPENAI_API_KEY, then use `--model openai/<model>`"].assert_eq(&Error::NoModel.to_string());
    let mut config = Config::new(|_| None);
    config.keyring = false;
    config.default = Some(name("openai/gpt"));
    let models = Models::from_config(&config).unwrap();
    assert_eq!(models.default_model(), Some(&name("openai/gpt")));
    expect![[r#""" no_key: `openai/gpt` at https://api.openai.com/v1 needs a key: set OPENAI_API_KEY, or store one in the system's keyring (service `baton`, account `openai`)"#]].assert_eq(&show(&ask(&models, "openai/gpt").await));
}

#[tokio::test]
async fn a_key_that_cannot_be_sent() {
    let server = ScriptedModel::start(vec![]).await;
    let mut config = config(&server);
    config.env = crate::Env::new(|_| Some("sk-with\u{1}control".to_owned()));
    let models = Models::from_config(&config).unwrap();
    expect![[r#""" config: provider `o` has a key that no HTTP header can carry; check TEST_KEY"#]]
        .assert_eq(&show(&ask(&models, "o/m").await));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn lists_models() {
    let server = ScriptedModel::start(vec![]).await.serving(&["coder", "big:7b"]);
    let models = Models::from_config(&config(&server)).unwrap();
    let there = models.list("o").await.unwrap();
    assert_eq!(there, ["coder", "big:7b"]);
    assert_eq!(models.missing(&name("o/coder"), &there), None);
    assert_eq!(models.missing(&name("o/other"), &there).unwrap(), "`o/other` is not there");
    let there = models.list("l").await.unwrap();
    assert_eq!(there, ["coder:latest", "big:7b"]);
    let missing = |model: &str| models.missing(&name(model), &there);
    assert_eq!((missing("l/coder"), missing("l/big:7b")), (None, None));
    assert_eq!(missing("l/big").unwrap(), "`l/big` is not there; run `ollama pull big`");
    assert_eq!(models.list("x").await.unwrap_err().kind(), "unknown_provider");

    let server = server.requiring_key("another");
    assert_eq!(models.list("o").await.unwrap_err().kind(), "auth");
    drop(server);
}

#[tokio::test]
async fn dropping_or_cancelling_closes_the_connection() {
    for cancelled in [true, false] {
        let text_before = "begun".to_owned();
        let server = ScriptedModel::start(vec![Scripted::StallAfter { text_before }]).await;
        let models = Models::from_config(&config(&server)).unwrap();
        let cancel = CancellationToken::new();
        let mut stream = models.stream(&name("o/m"), request("x"), &cancel);
        assert_eq!(stream.next().await, Some(Ok(Delta::Text("begu".to_owned()))));
        assert_eq!(server.open_connections(), 1);
        if cancelled {
            cancel.cancel();
            while let Some(item) = stream.next().await {
                assert_eq!(item, Err(Error::Cancelled));
            }
            timeout(LONG, server.all_closed()).await.unwrap();
        } else {
            drop(stream);
            timeout(LONG, server.all_closed()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn cancelling_before_the_first_byte_and_in_a_pause() {
    let limited = Scripted::Status {
        code: 429,
        headers: vec![("retry-after".to_owned(), "30".to_owned())],
        body: String::new(),
    };
    for reply in [Scripted::Stall, limited] {
        let server = ScriptedModel::start(vec![reply]).await;
        let mut config = config(&server);
        config.retry.attempts = 3;
        let models = Models::from_config(&config).unwrap();
        let cancel = CancellationToken::new();
        let mut stream = models.stream(&name("o/m"), request("x"), &cancel);
        let asked = async {
            while server.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            cancel.cancel();
        };
        let (item, ()) = timeout(LONG, futures::future::join(stream.next(), asked)).await.unwrap();
        assert_eq!(item, Some(Err(Error::Cancelled)));
        assert_eq!(stream.next().await, None);
        drop((stream, models));
        timeout(LONG, server.all_closed()).await.unwrap();
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = ScriptedModel::start(vec![Scripted::Text("stolen".to_owned())]).await;
    for code in [301, 302, 307, 308] {
        let location =
            format!("{}/chat/completions?key=abc", other.base_url().replace("//", "//me:you@"));
        let headers = vec![("location".to_owned(), location)];
        let server =
            ScriptedModel::start(vec![Scripted::Status { code, headers, body: String::new() }])
                .await;
        let models = Models::from_config(&config(&server)).unwrap();
        let text = show(&ask(&models, "o/m").await);
        assert!(
            text.contains(&format!(
                "it redirects to {}/chat/completions; redirects",
                other.base_url()
            )),
            "{text}"
        );
    }
    assert!(other.calls().is_empty());
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_text_ever_holds_the_key() {
    const KEY: &str = "sk-very-secret-123456";
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let echo = format!("your key {KEY} and {KEY}");
    let straddling = format!("{}{KEY}", "x".repeat(8 * 1024 - 10));
    let server = ScriptedModel::start(vec![
        Scripted::status(401, &echo),
        Scripted::status(500, &echo),
        Scripted::status(400, &echo),
        status(500, &straddling),
        Scripted::Status {
            code: 302,
            headers: vec![("location".to_owned(), format!("/x{KEY}"))],
            body: echo.clone(),
        },
        Scripted::ErrorInStream { text_before: String::new(), message: echo.clone() },
        Scripted::Raw {
            content_type: "text/event-stream".to_owned(),
            body: format!("data: {KEY}\n\n"),
        },
        Scripted::Text("fine".to_owned()),
    ])
    .await;
    let config = config(&server);
    let models = Models::from_config(&config).unwrap();
    let mut all = format!("{config:?} {models:?}");
    for _ in 0..8 {
        for item in ask(&models, "o/m").await {
            all += &format!("{item:?}");
            all += &item.map_or_else(|error| error.to_string(), |_| String::new());
        }
    }
    let server = server.requiring_key("another");
    let error = models.list("o").await.unwrap_err();
    all += &format!("{error} {error:?}");

    assert!(server.calls().iter().all(|it| it.authorization == Some(format!("Bearer {KEY}"))));
    assert!(all.contains("your key [secret] and [secret]"));
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("tokens_out") && log.contains("model=o/m"), "{log}");
    for text in [all, log.clone()] {
        assert!(!text.contains("sk-very"), "{text}");
    }
    // What a person wrote is logged at the lowest level alone.
    for line in log.lines().filter(|it| it.contains("12345\"")) {
        assert!(line.contains(" TRACE "), "{line}");
    }
}

#[tokio::test]
async fn spends_no_time_on_the_keyring_of_servers_without_a_key() {
    let server = ScriptedModel::start(vec![Scripted::Text("x".to_owned())]).await;
    let mut config = config(&server);
    config.keyring = true;
    let started = Instant::now();
    ask(&Models::from_config(&config).unwrap(), "l/m").await;
    assert!(started.elapsed() < Duration::from_secs(2));
}
