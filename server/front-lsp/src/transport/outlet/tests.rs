//! What the high-water mark drops, and what it never does.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tower_lsp::jsonrpc::Request;

use super::Outlet;
use lsp::wire::FrameReader;

fn progress(value: Value) -> Request {
    Request::build("$/progress").params(json!({"token": "t", "value": value})).finish()
}

/// Queues `requests` under a mark of `high_water_bytes` and shows what is left to write.
async fn check(high_water_bytes: usize, requests: Vec<Request>, expected: Expect) {
    let outlet = Outlet::new(high_water_bytes);
    for request in &requests {
        outlet.push_request(request);
    }
    outlet.close();
    let mut written = Vec::new();
    while let Some(bytes) = outlet.take().await {
        written.extend(bytes);
    }
    let mut frames = FrameReader::new(written.as_slice());
    let mut seen = String::new();
    while let Some(frame) = frames.next().await.unwrap() {
        seen += &format!("{} {}\n", frame["method"], frame["params"]["value"]);
    }
    expected.assert_eq(&seen);
    let queue = outlet.lock();
    assert_eq!((queue.n_bytes, queue.n_reports), (0, 0));
}

fn a_run() -> Vec<Request> {
    vec![
        progress(json!({"kind": "begin", "title": "run"})),
        progress(json!({"kind": "report", "percentage": 1})),
        progress(json!({"kind": "report", "percentage": 2})),
        progress(json!([{"name": "a partial result"}])),
        Request::build("window/logMessage").params(json!({"type": 3, "message": "hello"})).finish(),
        progress(json!({"kind": "report", "percentage": 3})),
        progress(json!({"kind": "end"})),
    ]
}

#[tokio::test]
async fn keeps_everything_below_the_mark() {
    check(
        1 << 20,
        a_run(),
        expect![[r#"
        "$/progress" {"kind":"begin","title":"run"}
        "$/progress" {"kind":"report","percentage":1}
        "$/progress" {"kind":"report","percentage":2}
        "$/progress" [{"name":"a partial result"}]
        "window/logMessage" null
        "$/progress" {"kind":"report","percentage":3}
        "$/progress" {"kind":"end"}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn drops_reports_above_the_mark_and_nothing_else() {
    check(
        300,
        a_run(),
        expect![[r#"
        "$/progress" {"kind":"begin","title":"run"}
        "$/progress" [{"name":"a partial result"}]
        "window/logMessage" null
        "$/progress" {"kind":"end"}
    "#]],
    )
    .await;
    check(
        0,
        a_run(),
        expect![[r#"
        "$/progress" {"kind":"begin","title":"run"}
        "$/progress" [{"name":"a partial result"}]
        "window/logMessage" null
        "$/progress" {"kind":"end"}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn joins_small_frames_and_keeps_their_order() {
    let outlet = Outlet::new(usize::MAX);
    for n in 0..5_000 {
        outlet.push_response(format!("{n},").into_bytes());
    }
    outlet.close();
    let (mut n_writes, mut written) = (0, Vec::new());
    while let Some(bytes) = outlet.take().await {
        n_writes += 1;
        written.extend(bytes);
    }
    let expected: String = (0..5_000).map(|n| format!("{n},")).collect();
    assert_eq!((n_writes, String::from_utf8(written).unwrap()), (1, expected));
}
