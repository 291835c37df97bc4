//! Checks how names are read and written.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;

use super::ModelName;

#[test]
fn reads_and_writes() {
    let name: ModelName = " openrouter/meta-llama/llama-4 ".parse().unwrap();
    assert_eq!((name.provider.as_str(), name.model.as_str()), ("openrouter", "meta-llama/llama-4"));
    assert_eq!(name.to_string(), "openrouter/meta-llama/llama-4");
    assert_eq!(
        serde_json::from_str::<ModelName>(&serde_json::to_string(&name).unwrap()).unwrap(),
        name
    );
}

#[test]
fn refuses_what_is_no_name() {
    for text in ["", "gpt-4o", "/x", "openai/"] {
        assert!(text.parse::<ModelName>().is_err(), "{text}");
    }
    expect!["`gpt-4o` is no model name; write provider/model, such as `ollama/qwen2.5-coder` or `openai/gpt-4o`"]
        .assert_eq(&"gpt-4o".parse::<ModelName>().unwrap_err().to_string());
}
