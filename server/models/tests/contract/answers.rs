//! Good answers: text, thinking, calls, counts, reasons.

use fixture::Scripted;
use models::{Finish, Models};
use serde_json::json;

use crate::setup::{KINDS, answer, ask, config, question};

#[tokio::test]
async fn text_comes_whole_however_it_is_torn() {
    for kind in KINDS {
        for text in
            ["héllo wörld ✓", "日本語\n\n```rust\nfn a() {}\n```\n", "data: [DONE]\n\"\\u0000\""]
        {
            for reply in [
                Scripted::Text(text.to_owned()),
                Scripted::SplitBytes(text.to_owned()),
                Scripted::Slow { text: text.to_owned(), delay_ms: 1 },
                Scripted::SlowStart { text: text.to_owned(), delay_ms: 50 },
            ] {
                let answer = answer(kind, reply.clone()).await;
                assert_eq!(answer.text, text, "{kind:?} {reply:?} {answer:?}");
                assert_eq!(answer.done().finish, Finish::Stop, "{kind:?}");
            }
        }
    }
}

#[tokio::test]
async fn tokens_are_counted_by_the_server() {
    for kind in KINDS {
        let answer = answer(kind, Scripted::Cached { text: "12345".to_owned(), tokens: 3 }).await;
        let usage = answer.done().usage;
        assert_eq!((usage.input, usage.output, usage.estimated), (4, 2, false), "{kind:?}");
        // Ollama says nothing of its cache.
        let cached = if kind == models::Kind::Ollama { 0 } else { 3 };
        assert_eq!(usage.cached, cached, "{kind:?}");
    }
}

#[tokio::test]
async fn tokens_are_estimated_where_the_server_does_not_count() {
    for kind in KINDS {
        let answer = answer(kind, Scripted::NoUsage("one two three".to_owned())).await;
        let usage = answer.done().usage;
        assert!(usage.estimated, "{kind:?}");
        assert!(3 <= usage.input && usage.output == 3, "{kind:?} {usage:?}");
    }
}

#[tokio::test]
async fn thinking_is_told_from_the_answer() {
    for kind in KINDS {
        let reply = Scripted::Thinking { thinking: "hm, well".to_owned(), text: "yes".to_owned() };
        let answer = answer(kind, reply).await;
        assert_eq!(
            (answer.thinking.as_str(), answer.text.as_str()),
            ("hm, well", "yes"),
            "{kind:?}"
        );
        assert_eq!(answer.done().usage.output, 3, "{kind:?}");
    }
}

#[tokio::test]
async fn calls_of_tools_come_whole() {
    for kind in KINDS {
        let arguments = [json!({"path": "a b/ü.rs", "lines": [1, 2]}), json!({})];
        let calls = vec![
            ("read".to_owned(), arguments[0].clone()),
            ("list".to_owned(), arguments[1].clone()),
        ];
        for text in ["", "I look."] {
            let reply = Scripted::Calls { text: text.to_owned(), calls: calls.clone() };
            let answer = answer(kind, reply).await;
            assert_eq!(
                (answer.text.as_str(), &answer.done().finish),
                (text, &Finish::Calls),
                "{kind:?}"
            );
            let names: Vec<&str> = answer.calls.iter().map(|it| it.name.as_str()).collect();
            assert_eq!(names, ["read", "list"], "{kind:?}");
            for (call, wanted) in answer.calls.iter().zip(&arguments) {
                assert_eq!(models::parse_json(&call.arguments).unwrap(), *wanted, "{kind:?}");
            }
            assert_ne!(answer.calls[0].id, answer.calls[1].id, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn reasons_to_end() {
    for kind in KINDS {
        let length = answer(kind, Scripted::Length("cut of".to_owned())).await;
        assert_eq!((length.text.as_str(), &length.done().finish), ("cut of", &Finish::Length));
        let refused = answer(kind, Scripted::Refused("no".to_owned())).await;
        assert_eq!(refused.done().finish, Finish::Refused, "{kind:?}");
    }
}

#[tokio::test]
async fn a_whole_answer_in_place_of_a_stream_is_read_too() {
    let whole = [
        (
            models::Kind::OpenAi,
            json!({"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 4, "completion_tokens": 1}}),
        ),
        (
            models::Kind::Anthropic,
            json!({"type": "message", "content": [{"type": "text", "text": "yes"}], "stop_reason": "end_turn", "usage": {"input_tokens": 4, "output_tokens": 1}}),
        ),
        (
            models::Kind::Gemini,
            json!({"candidates": [{"content": {"parts": [{"text": "yes"}]}, "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 4, "candidatesTokenCount": 1}}),
        ),
        (
            models::Kind::Ollama,
            json!({"message": {"content": "yes"}, "done": true, "done_reason": "stop", "prompt_eval_count": 4, "eval_count": 1}),
        ),
    ];
    for (kind, body) in whole {
        let answer = answer(kind, Scripted::json(&body)).await;
        assert_eq!(answer.text, "yes", "{kind:?} {answer:?}");
        let usage = answer.done().usage;
        assert_eq!((usage.input, usage.output), (4, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn a_long_answer_is_no_trouble() {
    for kind in KINDS {
        let server = fixture::ScriptedModel::start(vec![Scripted::Long { bytes: 6_000_000 }]).await;
        let models = Models::from_config(&config(kind, &server)).unwrap();
        let answer = ask(&models, question()).await;
        assert_eq!(answer.text.len(), 6_000_000, "{kind:?} {:?}", answer.error);
    }
}
