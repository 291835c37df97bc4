//! The many shapes of refusals as a table, and the headers that come with them.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{sync::Arc, time::Duration};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde_json::json;

use super::{Cx, Refusal, location, retry_after};
use crate::{Error, Kind, Site, secret::Redactor};

fn error(status: u16, body: &str, secret: &str) -> Error {
    let site = Site { provider: "p".to_owned(), model: "m".to_owned(), url: String::new() };
    let redactor = Redactor::new(vec![SecretString::from(secret.to_owned())]);
    let cx = Cx { kind: Kind::OpenAi, provider: "p", key_env: None, loopback: false, redactor };
    let refusal = Refusal { status, retry_after: None, location: None, body: body.to_owned() };
    refusal.into_error(&Arc::new(site), &cx)
}

fn kind(status: u16, body: &str) -> &'static str {
    error(status, body, "").kind()
}

#[test]
fn a_key_behind_escapes_is_taken_out() {
    for status in [400, 401, 429, 500, 503] {
        for body in [
            r#"{"error": "bad key sk\/abc\/def="}"#,
            r#"{"error": {"message": "bad key sk/abc/def\u003d"}}"#,
            r#"{"key": "sk\/abc\/def="}"#,
        ] {
            let error = error(status, body, "sk/abc/def=");
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("[secret]") && !shown.contains("abc"), "{shown}");
        }
    }
}

#[test]
fn bodies_of_real_servers() {
    let table = [
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}"#,
            "context_overflow",
        ),
        (
            400,
            r#"{"object":"error","message":"This model's maximum context length is 4096","type":"BadRequestError","code":400}"#,
            "context_overflow",
        ),
        (
            500,
            r#"{"error":{"message":"litellm.ContextWindowExceededError: too long"}}"#,
            "context_overflow",
        ),
        (413, r#"{"error":{"message":"prompt is too long: 9 > 8"}}"#, "context_overflow"),
        (
            500,
            r#"{"error":{"code":500,"message":"input is too large to process. increase the physical batch size","type":"server_error"}}"#,
            "context_overflow",
        ),
        (
            413,
            r#"{"error":"Input validation error: `inputs` must have less than 512 tokens. Given: 3421","error_type":"Validation"}"#,
            "context_overflow",
        ),
        (
            404,
            r#"{"object":"error","message":"The model `x` does not exist.","type":"NotFoundError","code":404}"#,
            "no_such_model",
        ),
        (
            400,
            r#"{"error":{"message":"Model Not Exist","type":"invalid_request_error"}}"#,
            "no_such_model",
        ),
        (400, r#"{"error":{"message":"x is not a valid model ID","code":400}}"#, "no_such_model"),
        (
            400,
            r#"{"object":"error","message":"Invalid model: x","type":"invalid_model","code":"1500"}"#,
            "no_such_model",
        ),
        (404, r#"{"error":"model 'x' not found"}"#, "no_such_model"),
        (
            404,
            r#"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#,
            "bad_request",
        ),
        (400, r#"{"error":{"message":"Unsupported value: temperature"}}"#, "bad_request"),
        (
            401,
            r#"{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}"#,
            "auth",
        ),
        (403, "forbidden", "auth"),
        (402, r#"{"error":{"message":"Insufficient Balance"}}"#, "quota"),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#,
            "quota",
        ),
        (429, "", "rate_limited"),
        (408, "", "overloaded"),
        (
            503,
            r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            "overloaded",
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            "overloaded",
        ),
        (
            500,
            r#"{"error":"model requires more system memory (9 GiB) than is available"}"#,
            "server",
        ),
        (502, "<html>bad gateway</html>", "server"),
        (302, "", "bad_request"),
        (418, "", "bad_request"),
    ];
    for (status, body, expected) in table {
        assert_eq!(kind(status, body), expected, "{status} {body}");
    }
}

#[test]
fn errors_inside_a_stream_carry_their_status() {
    let status = |error| Refusal::in_stream(&error).status;
    assert_eq!(status(json!({"message": "x", "code": 429})), 429);
    assert_eq!(status(json!({"message": "x", "code": "503"})), 503);
    assert_eq!(status(json!({"message": "x", "code": 7})), 200);
    assert_eq!(status(json!({"message": "x", "code": "server_error"})), 200);
    assert_eq!(Refusal::in_stream(&json!("plain")).body, "plain");
}

#[test]
fn fields_that_are_refused() {
    let field = |status, param: &str| {
        let body = json!({"error": {"message": "no", "param": param}}).to_string();
        Refusal { status, retry_after: None, location: None, body }.refused_field()
    };
    assert_eq!(field(400, "temperature").as_deref(), Some("temperature"));
    assert_eq!(field(422, "stream_options.include_usage").as_deref(), Some("stream_options"));
    assert_eq!(field(500, "temperature"), None);
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |&(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

#[test]
fn waiting_times() {
    let wait = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs));
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
    assert_eq!(wait(&[("retry-after", " 0.5 ")]), Some(Duration::from_millis(500)));
    assert_eq!(
        wait(&[("retry-after", "9"), ("retry-after-ms", "250")]),
        Some(Duration::from_millis(250))
    );
    for broken in ["", "soon", "-1", "1e99", "NaN"] {
        assert_eq!(wait(&[("retry-after", broken)]), None, "{broken}");
    }
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(
        wait(&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]),
        Some(Duration::from_secs(30))
    );
    assert_eq!(
        wait(&[date, ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]),
        Some(Duration::ZERO)
    );
    // Without a `Date` the clock of this machine decides, and 1994 is over.
    assert_eq!(wait(&[("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT")]), Some(Duration::ZERO));
}

#[test]
fn redirects_are_named_without_secrets() {
    let to = |value: &str| location(&headers(&[("location", value)]));
    assert_eq!(to("https://u:p@x.example/v2/?key=1#f").as_deref(), Some("https://x.example/v2"));
    assert_eq!(to("/login?key=1").as_deref(), Some("/login"));
    assert_eq!(location(&HeaderMap::new()), None);
}

#[test]
fn a_long_error_inside_a_stream_is_kept_in_part() {
    let site = Site { provider: "p".to_owned(), model: "m".to_owned(), url: String::new() };
    let redactor = Redactor::default();
    let cx = Cx { kind: Kind::OpenAi, provider: "p", key_env: None, loopback: false, redactor };
    let refusal = Refusal::in_stream(&json!({"message": "ü".repeat(500_000)}));
    match refusal.into_error(&Arc::new(site), &cx) {
        Error::Server { body, .. } => assert!((8_000..=8 * 1024).contains(&body.len())),
        other => panic!("{other:?}"),
    }
}
