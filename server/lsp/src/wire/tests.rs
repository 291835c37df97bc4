//! Frames as bytes, whole, in pieces and broken; what is done about an error is tested in `transport`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use expect_test::{Expect, expect};
use serde_json::json;

use super::{FrameReader, MAX_FRAME_BYTES, encode};

/// Reads `input` to its end, or to the first error after which nothing can be read.
async fn check(input: impl AsRef<[u8]>, expected: Expect) {
    let mut frames = FrameReader::new(input.as_ref());
    let mut seen = String::new();
    loop {
        match frames.next().await {
            Ok(Some(body)) => seen += &format!("{body}\n"),
            Ok(None) => break seen += "end\n",
            Err(error) if error.is_recoverable() => seen += &format!("error: {error}\n"),
            Err(error) => break seen += &format!("fatal: {error}\n"),
        }
    }
    expected.assert_eq(&seen);
}

#[tokio::test]
async fn reads_frames_in_a_row() {
    let input = [encode(&json!({"a": 1})), encode(&json!("ü"))].concat();
    check(
        input,
        expect![[r#"
            {"a":1}
            "ü"
            end
        "#]],
    )
    .await;
}

#[tokio::test]
async fn reads_a_frame_that_arrives_byte_by_byte() {
    let input = [encode(&json!([1, 2])), encode(&json!({}))].concat();
    let (mut far, near) = tokio::io::duplex(1);
    let write = async move { tokio::io::AsyncWriteExt::write_all(&mut far, &input).await.unwrap() };
    let read = async {
        let mut frames = FrameReader::new(near);
        assert_eq!(frames.next().await.unwrap(), Some(json!([1, 2])));
        assert_eq!(frames.next().await.unwrap(), Some(json!({})));
    };
    tokio::join!(write, read);
}

#[tokio::test]
async fn reads_on_after_a_read_was_given_up() {
    let frame = encode(&json!({"whole": true}));
    let (head, tail) = frame.split_at(30);
    let (mut far, near) = tokio::io::duplex(1024);
    let mut frames = FrameReader::new(near);
    tokio::io::AsyncWriteExt::write_all(&mut far, head).await.unwrap();
    assert!(futures::FutureExt::now_or_never(frames.next()).is_none());
    tokio::io::AsyncWriteExt::write_all(&mut far, tail).await.unwrap();
    assert_eq!(frames.next().await.unwrap(), Some(json!({"whole": true})));
}

#[tokio::test]
async fn accepts_what_clients_send() {
    check(
        "content-length: 2\n\n{}\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length:3\r\n\r\n[1]\n",
        expect![[r#"
            {}
            [1]
            end
        "#]],
    )
    .await;
}

#[tokio::test]
async fn goes_on_after_a_bad_body() {
    check(
        "Content-Length: 5\r\n\r\n{bad}Content-Length: 2\r\nContent-Type: text/plain; charset=\"latin1\"\r\n\r\n{}Content-Length: 0\r\n\r\nContent-Length: 4\r\n\r\ntrue",
        expect![[r#"
            error: the body is not JSON: key must be a string at line 1 column 2
            error: charset `latin1` is not supported; send utf-8
            error: the body is not JSON: EOF while parsing a value at line 1 column 0
            true
            end
        "#]],
    )
    .await;
}

#[tokio::test]
async fn refuses_bytes_that_are_not_utf8() {
    check(
        b"Content-Length: 3\r\n\r\n\"\xff\"",
        expect![[r#"
            error: the body is not JSON: invalid unicode code point at line 1 column 2
            end
        "#]],
    )
    .await;
}

#[tokio::test]
async fn says_what_is_wrong_with_a_header() {
    for (input, expected) in [
        (
            "{\"jsonrpc\":\"2.0\"}\n\n",
            expect![[r#"
                fatal: missing Content-Length header
            "#]],
        ),
        (
            "hello\r\n\r\n",
            expect![[r#"
            fatal: bad header line `hello`; expected `Name: value`
        "#]],
        ),
        (
            "Content-Length: ten\r\n\r\n",
            expect![[r#"
            fatal: bad Content-Length `ten`; expected one decimal number of bytes
        "#]],
        ),
        (
            "Content-Length: -1\r\n\r\n",
            expect![[r#"
            fatal: bad Content-Length `-1`; expected one decimal number of bytes
        "#]],
        ),
        (
            "Content-Length:\r\n\r\n",
            expect![[r#"
            fatal: bad Content-Length ``; expected one decimal number of bytes
        "#]],
        ),
        (
            "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            expect![[r#"
            fatal: bad Content-Length `3`; expected one decimal number of bytes
        "#]],
        ),
        (
            "Content-Type: text/plain\r\n\r\n{}",
            expect![[r#"
            fatal: missing Content-Length header
        "#]],
        ),
    ] {
        check(input, expected).await;
    }
}

#[tokio::test]
async fn limits_sizes() {
    check(
        format!("Content-Length: {MAX_FRAME_BYTES}\r\n\r\n{{}}"),
        expect![[r#"
        fatal: input ended inside a frame
    "#]],
    )
    .await;
    check(
        format!("Content-Length: {}\r\n\r\n", MAX_FRAME_BYTES + 1),
        expect![[r#"
            fatal: frame of 67108865 bytes; the limit is 67108864
        "#]],
    )
    .await;
    check(
        "Content-Length: 99999999999999999999999\r\n\r\n",
        expect![[r#"
            fatal: frame of 18446744073709551615 bytes; the limit is 67108864
        "#]],
    )
    .await;
    check(
        "x".repeat(9000),
        expect![[r#"
        fatal: header block above 8192 bytes
    "#]],
    )
    .await;
    check(
        "X-Pad: 1\r\n".repeat(900),
        expect![[r#"
        fatal: header block above 8192 bytes
    "#]],
    )
    .await;
}

#[tokio::test]
async fn tells_an_end_inside_a_frame_from_an_end() {
    check(
        "",
        expect![[r#"
        end
    "#]],
    )
    .await;
    check(
        "\r\n",
        expect![[r#"
        end
    "#]],
    )
    .await;
    check(
        "Content-Len",
        expect![[r#"
        fatal: input ended inside a frame
    "#]],
    )
    .await;
    check(
        "Content-Length: 2\r\n\r\n",
        expect![[r#"
        fatal: input ended inside a frame
    "#]],
    )
    .await;
    check(
        "Content-Length: 2\r\n\r\n{",
        expect![[r#"
        fatal: input ended inside a frame
    "#]],
    )
    .await;
}
