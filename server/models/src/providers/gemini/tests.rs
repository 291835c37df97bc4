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
    assert_eq!(show(&json!([1])), "Malformed");
}
