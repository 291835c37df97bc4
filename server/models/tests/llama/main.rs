//! The providers against llama.cpp's own server, where the contract has scripted ones. The model has random weights, so nothing
//! here looks at the sense of what it says.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "these tests start a server that they are told of, and show what it says"
)]

mod server;

use std::time::Duration;

use futures::{StreamExt, future::join_all};
use models::{
    Delta, Done, Error, Finish, Kind, Message, ModelName, Models, Request, Schema, Tool, ToolCall,
};
use serde_json::{Value, json};
use server::{KEY, MODEL, Server, provider};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

const KINDS: [Kind; 2] = [Kind::OpenAi, Kind::Anthropic];

/// Longer than anything here takes, except what is told to have no end.
const LONG: Duration = Duration::from_secs(60);

/// Much longer than a short answer takes, and much shorter than an endless one.
const SOON: Duration = Duration::from_secs(4);

/// One whole tool call and no more: its beginning and the end of the answer are taken wherever the grammar allows them; a comma,
/// after which a further call could follow, only where it allows nothing else. The numbers are of `TOKENS` in `make_model.py`.
const ONE_CALL: [&str; 6] =
    ["--logit-bias", "5+100", "--logit-bias", "4+200", "--logit-bias", "274-100"];

#[derive(Debug)]
struct Answer {
    texts: Vec<String>,
    calls: Vec<ToolCall>,
    done: Done,
}

async fn ask(models: &Models, kind: Kind, request: Request) -> Result<Answer, Error> {
    let mut stream = models.stream(&name(kind, MODEL), request, &CancellationToken::new());
    let (mut texts, mut calls) = (Vec::new(), Vec::new());
    while let Some(item) = timeout(LONG, stream.next()).await.expect("an answer in time") {
        match item? {
            Delta::Text(text) => texts.push(text),
            Delta::Thinking(text) => panic!("{kind:?}: it has no thoughts: {text}"),
            Delta::Call(call) => calls.push(call),
            Delta::Done(done) => return Ok(Answer { texts, calls, done }),
        }
    }
    panic!("{kind:?}: no end after {texts:?}");
}

fn name(kind: Kind, model: &str) -> ModelName {
    ModelName { provider: provider(kind).to_owned(), model: model.to_owned() }
}

fn question(max_tokens: u32) -> Request {
    let messages = vec![Message::system("be brief"), Message::user("what is in a.rs?")];
    Request { max_tokens: Some(max_tokens), ..Request::of(messages) }
}

#[tokio::test]
async fn text_comes_in_pieces_and_is_counted() {
    let Some(server) = Server::start(&["-np", "1", "-c", "2048"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let first = ask(&models, kind, question(64)).await.unwrap();
        assert!(16 < first.texts.len(), "{kind:?}: {first:?}");
        assert_eq!(first.calls, [], "{kind:?}");
        let Done { finish, usage, .. } = first.done;
        assert_eq!(
            (finish, usage.output, usage.estimated),
            (Finish::Length, 64, false),
            "{kind:?}"
        );
        assert!(usage.cached < usage.input, "{kind:?}: {usage:?}");
        // The same again is in the server's cache, and counts as before.
        let again = ask(&models, kind, question(64)).await.unwrap().done.usage;
        assert_eq!(
            (again.input, again.output, again.estimated),
            (usage.input, 64, false),
            "{kind:?}"
        );
        assert!(0 < again.cached && again.cached <= again.input, "{kind:?}: {again:?}");
    }
}

#[tokio::test]
async fn an_answer_that_begins_within_a_character_is_an_answer() {
    // The first byte of two, again and again.
    let options = ["-np", "1", "-c", "2048", "--logit-bias", "201+1000"];
    let Some(server) = Server::start(&options).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let Done { finish, usage, .. } = ask(&models, kind, question(8)).await.unwrap().done;
        assert_eq!((finish, usage.output), (Finish::Length, 8), "{kind:?}");
        // llama-server sends Anthropic's `message_start`, which has the count of the request, with the first token or never.
        assert_eq!(usage.estimated, kind == Kind::Anthropic, "{kind:?}: {usage:?}");
    }
}

#[tokio::test]
async fn it_ends_at_a_stop_text() {
    let Some(server) = Server::start(&["-np", "1", "-c", "2048"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let greedy = Request { temperature: Some(0.0), ..question(64) };
        let whole = ask(&models, kind, greedy.clone()).await.unwrap().texts.concat();
        let stop: String = whole.chars().skip(20).take(3).collect();
        let request = Request { stop: vec![stop.clone()], ..greedy };
        let answer = ask(&models, kind, request).await.unwrap();
        assert_eq!(answer.done.finish, Finish::Stop, "{kind:?}: {answer:?}");
        let (before, _) = whole.split_once(&stop).unwrap();
        assert_eq!(answer.texts.concat(), before, "{kind:?}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let Some(server) = Server::start(&["-np", "1", "-c", "512"]).await else { return };
    let models = server.models("sk-another");
    for kind in KINDS {
        for error in [
            ask(&models, kind, question(8)).await.unwrap_err(),
            models.list(provider(kind)).await.unwrap_err(),
        ] {
            assert!(matches!(error, Error::Auth { .. }), "{kind:?}: {error:?}");
            assert!(error.to_string().contains("Invalid API Key"), "{kind:?}: {error}");
        }
    }
}

#[tokio::test]
async fn too_long_a_prompt_overflows_the_context() {
    let Some(server) = Server::start(&["-np", "1", "-c", "512"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let request = Request::of(vec![Message::user("too long ".repeat(100))]);
        let error = ask(&models, kind, request).await.unwrap_err();
        assert!(matches!(error, Error::ContextOverflow { .. }), "{kind:?}: {error:?}");
        assert!(error.to_string().contains("(512 tokens)"), "{kind:?}: {error}");
        // A short one may still grow too long, which is no error.
        let answer = ask(&models, kind, question(4096)).await.unwrap();
        assert_eq!(answer.done.finish, Finish::Length, "{kind:?}");
        assert!(answer.done.usage.output < 512, "{kind:?}: {:?}", answer.done);
    }
}

#[tokio::test]
async fn its_models_are_listed() {
    let Some(server) = Server::start(&["-np", "1", "-c", "512"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let there = models.list(provider(kind)).await.unwrap();
        assert_eq!(there, [MODEL], "{kind:?}");
        assert_eq!(models.missing(&name(kind, MODEL), &there), None, "{kind:?}");
        assert!(models.missing(&name(kind, "other"), &there).is_some(), "{kind:?}");
    }
}

#[tokio::test]
async fn dropping_the_stream_frees_the_only_slot() {
    let Some(server) = Server::start(&["-np", "1", "-c", "131072"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let endless = question(120_000);
        let mut stream = models.stream(&name(kind, MODEL), endless, &CancellationToken::new());
        for _ in 0..100 {
            timeout(LONG, stream.next()).await.unwrap().unwrap().unwrap();
        }
        // It has not ended, and who asks now has to wait for it.
        assert!(timeout(SOON, ask(&models, kind, question(8))).await.is_err(), "{kind:?}");
        drop(stream);
        let answer = timeout(SOON, ask(&models, kind, question(8))).await.expect("a free slot");
        assert_eq!(answer.unwrap().done.usage.output, 8, "{kind:?}");
    }
}

#[tokio::test]
async fn more_requests_than_slots_wait_for_each_other() {
    let Some(server) = Server::start(&["-np", "2", "-c", "4096"]).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        let answers = join_all((0..8).map(|_| ask(&models, kind, question(200)))).await;
        for answer in answers {
            assert_eq!(answer.unwrap().done.usage.output, 200, "{kind:?}");
        }
    }
}

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["fix", "feature", "chore"]},
            "title": {"type": "string", "minLength": 1, "maxLength": 12},
            "lines": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 99}, "maxItems": 3},
            "breaks": {"type": "boolean"},
        },
        "required": ["kind", "title", "lines", "breaks"],
        "additionalProperties": false,
    })
}

#[tokio::test]
async fn json_has_the_shape_that_was_asked_for() {
    for kind in KINDS {
        // Anthropic's way to ask for a shape is a tool.
        let options = if kind == Kind::Anthropic { &ONE_CALL[..] } else { &[] };
        let options = [&["-np", "1", "-c", "2048"], options].concat();
        let Some(server) = Server::start(&options).await else { return };
        let models = server.models(KEY);
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let mut values = Vec::new();
        for (number, temperature) in [0.0, 0.5, 1.0, 1.5, 2.0].repeat(4).into_iter().enumerate() {
            let request = Request {
                max_tokens: Some(500),
                temperature: Some(temperature),
                schema: Some(Schema { name: "change".to_owned(), schema: schema() }),
                // The server's seed is fixed: what differs is the question.
                ..Request::of(vec![Message::user(format!("describe change {number}"))])
            };
            let answer = ask(&models, kind, request).await.unwrap();
            let text = answer.texts.concat();
            assert_eq!(answer.done.finish, Finish::Stop, "{kind:?} {temperature}: {text}");
            let value: Value = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{kind:?} {temperature}: {error}: {text}"));
            assert!(validator.is_valid(&value), "{kind:?} {temperature}: {value}");
            values.push(value);
        }
        values.dedup();
        assert!(10 < values.len(), "{kind:?}: hardly ever another answer: {values:?}");
    }
}

fn tool() -> Tool {
    let parameters = json!({
        "type": "object",
        "properties": {
            "path": {"type": "string", "enum": ["a.rs", "b.rs"]},
            "line": {"type": "integer", "minimum": 1, "maximum": 99},
        },
        "required": ["path", "line"],
    });
    let description = "Reads a file.".to_owned();
    Tool { name: "read".to_owned(), description, parameters }
}

#[tokio::test]
async fn a_tool_is_called_and_its_result_goes_back() {
    let options = [&["-np", "1", "-c", "2048"], &ONE_CALL[..]].concat();
    let Some(server) = Server::start(&options).await else { return };
    let models = server.models(KEY);
    let validator = jsonschema::validator_for(&tool().parameters).unwrap();
    for kind in KINDS {
        let mut request = Request { tools: vec![tool()], must_call: true, ..question(500) };
        let mut input = 0;
        for turn in 0..3 {
            let answer = ask(&models, kind, request.clone()).await.unwrap();
            let call = match &answer.calls[..] {
                [call] => call.clone(),
                _ => panic!("{kind:?} {turn}: {answer:?}"),
            };
            assert_eq!(answer.done.finish, Finish::Calls, "{kind:?} {turn}");
            assert_eq!(call.name, "read", "{kind:?} {turn}");
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
            assert!(validator.is_valid(&arguments), "{kind:?} {turn}: {arguments}");
            // Calls and results are part of what it is asked next.
            assert!(input < answer.done.usage.input, "{kind:?} {turn}: {:?}", answer.done);
            input = answer.done.usage.input;
            let result = Message::tool(&call.id, "fn a() {}");
            let called = Message { calls: vec![call], ..Message::assistant(answer.texts.concat()) };
            request.messages.extend([called, result]);
        }
    }
}

#[tokio::test]
async fn a_call_that_the_limit_cuts_off_is_told_from_a_whole_one() {
    let options = [&["-np", "1", "-c", "2048"], &ONE_CALL[..]].concat();
    let Some(server) = Server::start(&options).await else { return };
    let models = server.models(KEY);
    for kind in KINDS {
        for max_tokens in (1..60).step_by(7) {
            let tools = vec![tool()];
            let request = Request { tools, must_call: true, ..question(max_tokens) };
            let answer = ask(&models, kind, request).await.unwrap();
            // What came of its arguments may be mended into JSON that fits, so nothing else says it.
            assert_eq!(answer.done.finish, Finish::Length, "{kind:?} {max_tokens}: {answer:?}");
        }
    }
}
