//! Providers that exist without configuration: data.
//!
//! What differs in behaviour is in `providers`.

use crate::Kind;

/// A provider known by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The word before the slash of a model's name.
    pub name: &'static str,
    /// The wire format.
    pub kind: Kind,
    /// Where it is.
    pub base_url: &'static str,
    /// The environment variable of its key; absent where none is needed.
    pub api_key_env: Option<&'static str>,
    /// The name of the request's field for the most tokens to answer with.
    pub(crate) limit_field: &'static str,
    /// Whether it accepts `stream_options` (it counts without being asked if not).
    pub(crate) stream_options: bool,
    /// How it can be held to a shape.
    pub(crate) shapes: Shapes,
}

/// To what shape a server of OpenAI's wire format can hold an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shapes {
    /// To a JSON Schema.
    Schema,
    /// To JSON; what else is wanted must be said in words.
    Object,
}

/// All of them, by name.
pub const ALL: &[&Preset] = &[
    &ANTHROPIC,
    &COHERE,
    &DEEPSEEK,
    &GEMINI,
    &GROQ,
    &JINA,
    &LLAMA_CPP,
    &LMSTUDIO,
    &MISTRAL,
    &OLLAMA,
    &OPENAI,
    &OPENROUTER,
    &TEI,
    &VLLM,
];

/// The preset of that name.
pub(crate) fn by_name(name: &str) -> Option<&'static Preset> {
    ALL.iter().copied().find(|preset| preset.name == name)
}

const OLLAMA: Preset = Preset {
    name: "ollama",
    kind: Kind::Ollama,
    base_url: "http://127.0.0.1:11434",
    api_key_env: None,
    limit_field: "num_predict",
    stream_options: false,
    shapes: Shapes::Schema,
};

/// What a server of OpenAI's wire format is like if nothing else is known.
pub(crate) const COMPATIBLE: Preset = Preset {
    name: "",
    kind: Kind::OpenAi,
    base_url: "",
    api_key_env: None,
    limit_field: "max_tokens",
    stream_options: true,
    shapes: Shapes::Schema,
};

const ANTHROPIC: Preset = Preset {
    name: "anthropic",
    kind: Kind::Anthropic,
    base_url: "https://api.anthropic.com",
    api_key_env: Some("ANTHROPIC_API_KEY"),
    ..COMPATIBLE
};

const GEMINI: Preset = Preset {
    name: "gemini",
    kind: Kind::Gemini,
    base_url: "https://generativelanguage.googleapis.com/v1beta",
    api_key_env: Some("GEMINI_API_KEY"),
    ..COMPATIBLE
};

const OPENAI: Preset = Preset {
    name: "openai",
    base_url: "https://api.openai.com/v1",
    api_key_env: Some("OPENAI_API_KEY"),
    // Its reasoning models refuse the older `max_tokens`.
    limit_field: "max_completion_tokens",
    ..COMPATIBLE
};

const DEEPSEEK: Preset = Preset {
    name: "deepseek",
    base_url: "https://api.deepseek.com/v1",
    api_key_env: Some("DEEPSEEK_API_KEY"),
    shapes: Shapes::Object,
    ..COMPATIBLE
};

const GROQ: Preset = Preset {
    name: "groq",
    base_url: "https://api.groq.com/openai/v1",
    api_key_env: Some("GROQ_API_KEY"),
    ..COMPATIBLE
};

const MISTRAL: Preset = Preset {
    name: "mistral",
    base_url: "https://api.mistral.ai/v1",
    api_key_env: Some("MISTRAL_API_KEY"),
    // Refuses fields that it does not know, and sends counts in every last chunk.
    stream_options: false,
    ..COMPATIBLE
};

const OPENROUTER: Preset = Preset {
    name: "openrouter",
    base_url: "https://openrouter.ai/api/v1",
    api_key_env: Some("OPENROUTER_API_KEY"),
    ..COMPATIBLE
};

const LLAMA_CPP: Preset =
    Preset { name: "llama.cpp", base_url: "http://127.0.0.1:8080/v1", ..COMPATIBLE };

const LMSTUDIO: Preset =
    Preset { name: "lmstudio", base_url: "http://127.0.0.1:1234/v1", ..COMPATIBLE };

const VLLM: Preset = Preset { name: "vllm", base_url: "http://127.0.0.1:8000/v1", ..COMPATIBLE };

// These do not chat: they turn texts into vectors, or rate them.

const COHERE: Preset = Preset {
    name: "cohere",
    kind: Kind::Cohere,
    base_url: "https://api.cohere.com",
    api_key_env: Some("COHERE_API_KEY"),
    ..COMPATIBLE
};

const JINA: Preset = Preset {
    name: "jina",
    base_url: "https://api.jina.ai/v1",
    api_key_env: Some("JINA_API_KEY"),
    ..COMPATIBLE
};

const TEI: Preset =
    Preset { name: "tei", kind: Kind::Tei, base_url: "http://127.0.0.1:8080", ..COMPATIBLE };
