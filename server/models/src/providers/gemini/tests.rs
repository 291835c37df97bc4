//! Frames beside those of the contract.

use serde_json::{Value, json};

use super::read;

fn show(frame: &Value) -> String {
    match read(&frame.to_string()) {
        Ok(pieces) => format!("{pieces:?}"),
        Err(fault) => format!("{fault:?}"),
    }
}

#[test]
fn frames_that_servers_send() {
    assert_eq!(
        show(&json!({"promptFeedback": {"blockReason": "SAFETY"}})),
        "[Finish(Refused)]",
        "a request that was blocked has no candidate"
    );
    assert_eq!(
        show(
            &json!({"candidates": [{"content": {"role": "model"}, "finishReason": "MALFORMED_FUNCTION_CALL"}]})
        ),
        "[Finish(Other(\"MALFORMED_FUNCTION_CALL\"))]"
    );
    assert_eq!(
        show(&json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}}]})),
        "[Text(\"\"), WholeCall { id: None, name: \"f\", arguments: \"{}\" }]"
    );
    assert_eq!(
        show(
            &json!({"candidates": [{"finishReason": "MAX_TOKENS"}], "usageMetadata": {"promptTokenCount": 9, "thoughtsTokenCount": 800}})
        ),
        "[Usage(Counted { input: Some(9), output: Some(800), cached: None, written: None }), Finish(Length)]",
        "it was still thinking"
    );
    assert_eq!(show(&json!([1])), "Malformed");
}
