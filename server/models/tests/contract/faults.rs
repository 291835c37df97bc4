//! Faults: each ends as the error that says what to do, after all that came before it, and soon.

use std::time::{Duration, Instant};

use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use models::{Error, Kind, Models, Phase};
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::setup::{KEY, KINDS, LONG, answer, ask, config, name, question};

#[tokio::test]
async fn refusals_are_told_apart() {
    let cases = [
        (400, "messages: at least one message is required", "bad_request"),
        (400, "prompt is too long: 300000 tokens > 200000 maximum", "context_overflow"),
        (400, "This model's maximum context length is 8192 tokens", "context_overflow"),
        (
            400,
            "The input token count (9) exceeds the maximum number of tokens allowed (8)",
            "context_overflow",
        ),
        (400, "Your credit balance is too low to access the API", "quota"),
        (401, "bad key", "auth"),
        (402, "pay first", "quota"),
        (403, "not for you", "auth"),
        (404, "no such page", "bad_request"),
        (404, "model `m` not found", "no_such_model"),
        (413, "too large", "bad_request"),
        (429, "slow down", "rate_limited"),
        (500, "oops", "server"),
        (502, "bad gateway", "server"),
        (503, "loading", "overloaded"),
        (529, "overloaded", "overloaded"),
    ];
    for kind in KINDS {
        for (code, message, expected) in cases {
            let answer = answer(kind, Scripted::refusal(code, message)).await;
            assert_eq!(answer.kind(), expected, "{kind:?} {code} {message}: {answer:?}");
            let words = answer.error.unwrap().to_string();
            assert!(words.contains(message), "{kind:?} {code}: {words}");
        }
    }
}

#[tokio::test]
async fn a_gemini_key_that_is_refused_has_the_status_of_a_bad_request() {
    let message = "API key not valid. Please pass a valid API key.";
    assert_eq!(answer(Kind::Gemini, Scripted::refusal(400, message)).await.kind(), "auth");
}

#[tokio::test]
async fn waits_that_servers_ask_for_are_heard() {
    let wait = |headers: &[(&str, &str)]| Scripted::Refusal {
        code: 429,
        headers: headers.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
        message: "slow down".to_owned(),
    };
    for kind in KINDS {
        for (headers, expected) in [
            (&[("retry-after", "7")][..], 7_000),
            (&[("retry-after-ms", "1500")], 1_500),
            (
                &[
                    ("x-ratelimit-remaining-requests", "0"),
                    ("x-ratelimit-reset-requests", "1m2.5s"),
                ],
                62_500,
            ),
            (
                &[
                    ("x-ratelimit-remaining-requests", "9"),
                    ("x-ratelimit-reset-requests", "1m2.5s"),
                ],
                0,
            ),
            (
                &[
                    ("date", "Tue, 15 Nov 2022 08:12:31 GMT"),
                    ("anthropic-ratelimit-tokens-remaining", "0"),
                    ("anthropic-ratelimit-tokens-reset", "2022-11-15T08:12:41Z"),
                ],
                10_000,
            ),
        ] {
            let answer = answer(kind, wait(headers)).await;
            let waits = answer.error.as_ref().and_then(Error::retry_after).unwrap_or_default();
            assert_eq!(waits.as_millis(), expected, "{kind:?} {headers:?} {answer:?}");
        }
    }
    let details =
        json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}]);
    let error = json!({"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "You exceeded your current quota", "details": details});
    let body = json!({"error": error}).to_string();
    let answer = answer(Kind::Gemini, Scripted::Status { code: 429, headers: vec![], body }).await;
    assert_eq!(answer.kind(), "rate_limited");
    assert_eq!(answer.error.unwrap().retry_after(), Some(Duration::from_millis(34_500)));
}

#[tokio::test]
async fn what_came_before_a_fault_stays() {
    let before = || "begun, ".repeat(20);
    for kind in KINDS {
        for (reply, expected) in [
            (Scripted::EndsEarly { text_before: before() }, "cut"),
            (Scripted::Cut { text_before: before() }, "cut"),
            (Scripted::StallAfter { text_before: before() }, "timeout"),
            (
                Scripted::ErrorInStream { text_before: before(), message: "boom".to_owned() },
                "server",
            ),
        ] {
            let answer = answer(kind, reply.clone()).await;
            assert_eq!(answer.kind(), expected, "{kind:?} {reply:?} {answer:?}");
            // The bytes of a last piece may be torn by a reset.
            assert!(before().starts_with(&answer.text), "{kind:?}");
            assert!(before().len() <= answer.text.len() + 8, "{kind:?} {}", answer.text.len());
        }
        let garbage = answer(kind, Scripted::Garbage).await;
        assert_eq!((garbage.text.as_str(), garbage.kind()), ("some", "malformed"), "{kind:?}");
    }
}

#[tokio::test]
async fn cut_at_any_byte_it_is_an_error_and_never_a_whole_answer() {
    let text = "the answer ✓";
    for kind in KINDS {
        let mut ends = 0;
        for bytes in (0..1_500).step_by(37) {
            let answer = answer(kind, Scripted::CutAt { text: text.to_owned(), bytes }).await;
            match &answer.done {
                // Once the reason has come, the answer is whole, whatever happens to the rest.
                Some(_) => {
                    assert_eq!(answer.text, text, "{kind:?} at {bytes}");
                    ends += 1;
                }
                None => {
                    assert_eq!(answer.kind(), "cut", "{kind:?} at {bytes}: {answer:?}");
                    assert!(text.starts_with(&answer.text), "{kind:?} at {bytes}");
                }
            }
        }
        assert!(0 < ends, "{kind:?} was cut each time");
    }
}

#[tokio::test]
async fn answers_of_other_things_than_models() {
    for kind in KINDS {
        let html = |content_type: &str| Scripted::Raw {
            content_type: content_type.to_owned(),
            body: "<html><body>Sign in to the guest network</body></html>".to_owned(),
        };
        let page = answer(kind, html("text/html; charset=utf-8")).await;
        assert_eq!(page.kind(), "malformed", "{kind:?} {page:?}");
        let words = page.error.unwrap().to_string();
        assert!(words.contains("a web page in place of an answer: <html>"), "{words}");
        for content_type in ["application/json", "text/plain", "application/octet-stream"] {
            let answer = answer(kind, html(content_type)).await;
            assert!(matches!(answer.kind(), "malformed" | "cut"), "{kind:?} {answer:?}");
        }
        let empty = answer(kind, Scripted::EmptyBody).await;
        assert_eq!(empty.kind(), "malformed", "{kind:?} {empty:?}");
    }
}

#[tokio::test]
async fn a_wrong_content_type_does_not_spoil_a_good_stream() {
    for (kind, body) in [
        (
            Kind::OpenAi,
            "data: {\"choices\":[{\"delta\":{\"content\":\"yes\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        ),
        (
            Kind::Ollama,
            "{\"message\":{\"content\":\"yes\"},\"done\":true,\"done_reason\":\"stop\"}\n",
        ),
        (
            Kind::Gemini,
            "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"yes\"}]},\"finishReason\":\"STOP\"}]}\n\n",
        ),
        (
            Kind::Anthropic,
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"yes\"}}\n\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\ndata: {\"type\":\"message_stop\"}\n\n",
        ),
    ] {
        let reply = Scripted::Raw { content_type: "text/plain".to_owned(), body: body.to_owned() };
        let answer = answer(kind, reply).await;
        assert_eq!(answer.text, "yes", "{kind:?} {answer:?}");
    }
}

#[tokio::test]
async fn huge_lines_are_refused() {
    for kind in KINDS {
        let fine = answer(kind, Scripted::HugeLine { bytes: 500_000 }).await;
        assert_eq!(fine.text.len(), 500_000, "{kind:?} {:?}", fine.error);
        let huge = answer(kind, Scripted::HugeLine { bytes: 3_000_000 }).await;
        assert_eq!(huge.kind(), "too_large", "{kind:?}");
    }
}

#[tokio::test]
async fn nothing_in_time() {
    for kind in KINDS {
        let started = Instant::now();
        let answer = answer(kind, Scripted::Stall).await;
        assert!(
            matches!(answer.error, Some(Error::Timeout { phase: Phase::FirstByte, .. })),
            "{kind:?} {answer:?}"
        );
        assert!(started.elapsed() < Duration::from_secs(5), "{kind:?}");
    }
}

#[tokio::test]
async fn a_missing_end_is_no_trouble_once_the_reason_is_known() {
    for kind in KINDS {
        let answer = answer(kind, Scripted::NoDone("hello".to_owned())).await;
        match kind {
            // The reason comes with the last object.
            Kind::Ollama | Kind::Gemini => assert_eq!(answer.kind(), "cut", "{kind:?} {answer:?}"),
            _ => assert_eq!(answer.text, "hello", "{kind:?} {answer:?}"),
        }
    }
}

#[tokio::test]
async fn a_stream_without_an_end_ends_when_it_is_cancelled() {
    for kind in KINDS {
        let server = ScriptedModel::start(vec![Scripted::Endless]).await;
        let models = Models::from_config(&config(kind, &server)).unwrap();
        let cancel = CancellationToken::new();
        let mut stream = models.stream(&name(), question(), &cancel);
        for _ in 0..100 {
            timeout(LONG, stream.next()).await.unwrap().unwrap().unwrap();
        }
        assert_eq!(server.open_connections(), 1, "{kind:?}");
        cancel.cancel();
        let mut last = None;
        while let Some(item) = stream.next().await {
            last = Some(item);
        }
        assert_eq!(last, Some(Err(Error::Cancelled)), "{kind:?}");
        timeout(LONG, server.all_closed()).await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_repeated() {
    for kind in KINDS {
        let server = ScriptedModel::start(vec![]).await.requiring_key("another");
        let models = Models::from_config(&config(kind, &server)).unwrap();
        let answer = ask(&models, question()).await;
        assert_eq!(answer.kind(), "auth", "{kind:?} {answer:?}");
        assert!(
            !format!("{answer:?} {}", answer.error.as_ref().unwrap()).contains(KEY),
            "{kind:?}"
        );
        assert_eq!(models.list("p").await.unwrap_err().kind(), "auth", "{kind:?}");
        assert_eq!(server.calls()[0].key.as_deref(), Some(KEY), "{kind:?}");
    }
}
