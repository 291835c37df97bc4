//! Frames beside those of the contract.

use serde_json::{Value, json};

use super::{messages, read, read_shaped};
use crate::{Message, Request};

fn show(frame: &Value) -> String {
    match read(&frame.to_string()) {
        Ok(pieces) => format!("{pieces:?}"),
        Err(fault) => format!("{fault:?}"),
    }
}

#[test]
fn frames_that_say_nothing_or_what_nobody_knows() {
    for frame in [
        json!({"type": "ping"}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}}),
        json!({"type": "something_new", "x": 1}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "server_tool_use"}}),
    ] {
        assert_eq!(show(&frame), "[]", "{frame}");
    }
    assert_eq!(show(&json!({"x": 1})), "Malformed");
    assert_eq!(show(&json!([])), "Malformed");
}

#[test]
fn tokens_of_the_cache_are_part_of_the_request() {
    let usage = json!({"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20, "output_tokens": 1});
    let frame = json!({"type": "message_start", "message": {"usage": usage}});
    assert_eq!(
        show(&frame),
        "[Usage(Counted { input: Some(125), output: None, cached: Some(100), written: Some(20) })]"
    );
}

#[test]
fn of_a_shaped_answer_the_arguments_are_the_text() {
    let delta = json!({"type": "input_json_delta", "partial_json": "{\"a\""});
    let frame = json!({"type": "content_block_delta", "index": 1, "delta": delta}).to_string();
    assert_eq!(format!("{:?}", read_shaped(&frame)), "Ok([Text(\"{\\\"a\\\"\")])");
    assert_eq!(
        format!("{:?}", read(&frame)),
        "Ok([Arguments { number: 1, json: \"{\\\"a\\\"\" }])"
    );
}

#[test]
fn turns_of_one_side_are_joined() {
    let talk = Request::of(vec![Message::user("a"), Message::user("b"), Message::assistant("c")]);
    let sent = messages(&talk);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0]["content"][1]["text"], "b");
}
