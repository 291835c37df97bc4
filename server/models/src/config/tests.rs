//! Checks how settings are read and how they join the presets.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};

use super::{Cassette, Config, Kind, Resolved};

fn check(toml: &str, expected: Expect) {
    let shown = match toml::from_str::<Config>(toml) {
        Err(error) => format!("unreadable: {}\n", error.message()),
        Ok(config) => match Resolved::all(&config) {
            Err(error) => format!("{error}\n"),
            Ok(all) => all
                .iter()
                .map(|it| {
                    let url = it.base_url.as_str();
                    format!(
                        "{} {:?} {url} {}\n",
                        it.name,
                        it.kind,
                        it.api_key_env.as_deref().unwrap_or("-")
                    )
                })
                .collect(),
        },
    };
    expected.assert_eq(&shown);
}

#[test]
fn presets_exist_without_configuration() {
    check(
        "",
        expect![[r#"
            anthropic Anthropic https://api.anthropic.com/ ANTHROPIC_API_KEY
            cohere Cohere https://api.cohere.com/ COHERE_API_KEY
            deepseek OpenAi https://api.deepseek.com/v1 DEEPSEEK_API_KEY
            gemini Gemini https://generativelanguage.googleapis.com/v1beta GEMINI_API_KEY
            groq OpenAi https://api.groq.com/openai/v1 GROQ_API_KEY
            jina OpenAi https://api.jina.ai/v1 JINA_API_KEY
            llama.cpp OpenAi http://127.0.0.1:8080/v1 -
            lmstudio OpenAi http://127.0.0.1:1234/v1 -
            mistral OpenAi https://api.mistral.ai/v1 MISTRAL_API_KEY
            ollama Ollama http://127.0.0.1:11434/ -
            openai OpenAi https://api.openai.com/v1 OPENAI_API_KEY
            openrouter OpenAi https://openrouter.ai/api/v1 OPENROUTER_API_KEY
            tei Tei http://127.0.0.1:8080/ -
            vllm OpenAi http://127.0.0.1:8000/v1 -
        "#]],
    );
}

#[test]
fn a_table_changes_a_preset_or_adds_a_provider() {
    check(
        r#"
model = "mine/coder"

[[provider]]
name = "mine"
base_url = "http://10.0.0.7:9000/v1/"
api_key_env = "MINE_KEY"

[[provider]]
name = "ollama"
base_url = "http://gpu:11434"
keep_alive = "-1"

[[provider]]
name = "openai"
base_url = "https://gateway.example/v1"
"#,
        expect![[r#"
            mine OpenAi http://10.0.0.7:9000/v1 MINE_KEY
            ollama Ollama http://gpu:11434/ -
            openai OpenAi https://gateway.example/v1 OPENAI_API_KEY
            anthropic Anthropic https://api.anthropic.com/ ANTHROPIC_API_KEY
            cohere Cohere https://api.cohere.com/ COHERE_API_KEY
            deepseek OpenAi https://api.deepseek.com/v1 DEEPSEEK_API_KEY
            gemini Gemini https://generativelanguage.googleapis.com/v1beta GEMINI_API_KEY
            groq OpenAi https://api.groq.com/openai/v1 GROQ_API_KEY
            jina OpenAi https://api.jina.ai/v1 JINA_API_KEY
            llama.cpp OpenAi http://127.0.0.1:8080/v1 -
            lmstudio OpenAi http://127.0.0.1:1234/v1 -
            mistral OpenAi https://api.mistral.ai/v1 MISTRAL_API_KEY
            openrouter OpenAi https://openrouter.ai/api/v1 OPENROUTER_API_KEY
            tei Tei http://127.0.0.1:8080/ -
            vllm OpenAi http://127.0.0.1:8000/v1 -
        "#]],
    );
}

#[test]
fn refuses_malformed_tables() {
    check(
        "[[provider]]\nname = \"a/b\"\nbase_url = \"http://x\"",
        expect![[r#"
        provider `a/b` is no name; use a word without slash or space
    "#]],
    );
    check(
        "[[provider]]\nname = \"a\"",
        expect![[r#"
        provider `a` has no `base_url`
    "#]],
    );
    check(
        "[[provider]]\nname = \"a\"\nbase_url = \"user:secret@nowhere\"",
        expect![[r#"
        provider `a` has a `base_url` that is neither http:// nor https://
    "#]],
    );
    check(
        "[[provider]]\nname = \"a\"\nbase_url = \"ftp://nowhere\"",
        expect![[r#"
        provider `a` has a `base_url` that is neither http:// nor https://
    "#]],
    );
    check(
        "[[provider]]\nname = \"vllm\"\n[[provider]]\nname = \"vllm\"",
        expect![[r#"
        provider `vllm` is there twice; keep one table
    "#]],
    );
    check(
        "[[provider]]\nname = \"a\"\nbase_ulr = \"http://x\"",
        expect![[r#"
            unreadable: unknown field `base_ulr`, expected one of `name`, `kind`, `base_url`, `api_key_env`, `keep_alive`, `context_tokens`, `vram_mb`, `swap_ms`, `concurrency`, `requests_per_minute`, `tokens_per_minute`
        "#]],
    );
    check(
        "model = \"gpt-4o\"",
        expect![[r#"
        unreadable: `gpt-4o` is no model name; write provider/model, such as `ollama/qwen2.5-coder` or `openai/gpt-4o`
    "#]],
    );
}

#[test]
fn numbers_have_defaults_of_their_own() {
    let config: Config =
        toml::from_str("keyring = false\n[timeouts]\nidle_ms = 5\n[retry]\nattempts = 1").unwrap();
    assert_eq!((config.timeouts.connect_ms, config.timeouts.idle_ms), (10_000, 5));
    assert_eq!((config.retry.attempts, config.retry.max_wait_ms), (1, 60_000));
    assert!(!config.keyring);
}

#[test]
fn words_of_enums() {
    assert_eq!(serde_json::from_str::<Kind>("\"openai\"").unwrap(), Kind::OpenAi);
    assert_eq!(serde_json::from_str::<Kind>("\"open_ai\"").unwrap(), Kind::OpenAi);
    let cassette: Cassette = "replay:a:b.jsonl".parse().unwrap();
    assert_eq!(cassette, Cassette::Replay("a:b.jsonl".into()));
    assert_eq!(String::from(Cassette::Record("x".into())), "record:x");
    for text in ["", "x", "record:", "play:x"] {
        assert!(text.parse::<Cassette>().unwrap_err().contains("`record:<file>`"), "{text}");
    }
}
