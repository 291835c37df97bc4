//! Rows of the table become lines of data.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::expect;
use serde_json::json;

use super::{full_name, line};

#[test]
fn names_and_facts() {
    let facts = json!({
        "litellm_provider": "gemini", "mode": "chat", "max_input_tokens": 1_048_576, "max_output_tokens": 65_536,
        "input_cost_per_token": 1.25e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-7,
        "input_cost_per_token_above_200k_tokens": 2.5e-6, "output_cost_per_token_above_200k_tokens": 1.5e-5,
        "supports_function_calling": true,
    });
    assert_eq!(full_name("gemini/gemini-x-pro", &facts).unwrap(), "gemini/gemini-x-pro");
    assert_eq!(full_name("gemini-x-pro", &facts).unwrap(), "gemini/gemini-x-pro");
    expect![[r#"context_tokens = 1048576, output_tokens = 65536, price = { input = 1.25, output = 10.0, cached = 0.125, long = { above = 200000, input = 2.5, output = 15.0 } }, tools = true, schema = false"#]].assert_eq(&line(&facts).unwrap());
}

#[test]
fn what_does_not_write_code_is_left_out() {
    let of = |provider: &str, mode: &str| json!({"litellm_provider": provider, "mode": mode});
    assert_eq!(full_name("gpt-audio", &of("openai", "chat")), None);
    assert_eq!(full_name("text-embedding-3", &of("openai", "embedding")), None);
    assert_eq!(full_name("bedrock/claude", &of("bedrock", "chat")), None);
    assert_eq!(line(&of("openai", "chat")), None);
}
