//! Settings of this crate, as the user writes them, and how they join the presets.
//!
//! Reads no file and no environment: the binary hands both in.
//!
//! A base URL decides where a key and the user's text go, so these settings are the user's own: the binary must never
//! take them from a workspace.

use std::{fmt, net::IpAddr, num::NonZeroU32, path::PathBuf, str::FromStr, sync::Arc};

use reqwest::Url;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    BudgetLimits, Cooldown, Error, ModelConfig, ModelName, Preset, Tiers, presets, presets::Shapes,
};

/// Everything that this crate is told.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Config {
    /// The model that is asked where nobody names another.
    #[serde(default, rename = "model")]
    pub default: Option<ModelName>,
    /// Which models are asked for what; `model` for everything where nothing is said.
    #[serde(default)]
    pub tiers: Tiers,
    /// Providers beside the presets, or changes to those; a name may be there once.
    #[serde(default, rename = "provider")]
    pub providers: Vec<ProviderConfig>,
    /// What is known of models, beside and above what the program knows.
    #[serde(default)]
    pub models: Vec<ModelConfig>,
    /// What may be spent.
    #[serde(default)]
    pub budget: BudgetLimits,
    /// How long a model is left alone that has failed.
    #[serde(default)]
    pub cooldown: Cooldown,
    /// Whether all answers go to a file, or come from one.
    #[serde(default)]
    pub cassette: Option<Cassette>,
    /// The folder where answers are kept, so that the same request is not asked twice; absent for none.
    #[serde(skip)]
    pub cache_dir: Option<PathBuf>,
    /// How long to wait.
    #[serde(default = "Timeouts::usual")]
    pub timeouts: Timeouts,
    /// How often to try again.
    #[serde(default = "Retry::usual")]
    pub retry: Retry,
    /// Whether to look into the system's keyring for a key that the environment lacks.
    #[serde(default = "yes")]
    pub keyring: bool,
    /// Where keys are looked up first; nothing is found until the binary fills it in.
    #[serde(skip)]
    pub env: Env,
}

impl Config {
    /// The presets alone and no default model, with keys from `env`.
    pub fn new(env: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Config {
        Config {
            default: None,
            tiers: Tiers::default(),
            providers: Vec::new(),
            models: Vec::new(),
            budget: BudgetLimits::default(),
            cooldown: Cooldown::default(),
            cassette: None,
            cache_dir: None,
            timeouts: Timeouts::usual(),
            retry: Retry::usual(),
            keyring: true,
            env: Env::new(env),
        }
    }
}

/// One `[[provider]]` table. What is absent comes from the preset of the same name, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// The word before the slash of a model's name.
    pub name: String,
    /// The wire format; `openai` if absent.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// Where the server is, such as `http://127.0.0.1:8000/v1`.
    #[serde(default)]
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    #[serde(default)]
    pub api_key_env: Option<String>,
    /// Ollama: how long the model stays loaded after a call, such as `30m`; `-1` for ever.
    #[serde(default)]
    pub keep_alive: Option<String>,
    /// Ollama: size of the context in tokens; by default it follows the request.
    #[serde(default)]
    pub context_tokens: Option<u32>,
    /// Ollama: memory of the server's graphics cards in MB, where Baton cannot see it.
    #[serde(default)]
    pub vram_mb: Option<u64>,
    /// Ollama: another model of a tier is asked before one that takes longer than this to load, in milliseconds; 2000 if
    /// absent.
    #[serde(default)]
    pub swap_ms: Option<u64>,
    /// Calls at one time; without a limit if absent.
    #[serde(default)]
    pub concurrency: Option<NonZeroU32>,
    /// Calls in a minute; without a limit if absent.
    #[serde(default)]
    pub requests_per_minute: Option<NonZeroU32>,
    /// Tokens of requests and answers in a minute; without a limit if absent.
    #[serde(default)]
    pub tokens_per_minute: Option<NonZeroU32>,
}

impl ProviderConfig {
    /// A server that speaks OpenAI's wire format, without a key.
    pub fn open_ai(name: &str, base_url: &str) -> ProviderConfig {
        ProviderConfig {
            base_url: Some(base_url.to_owned()),
            ..ProviderConfig::of(name, Kind::OpenAi)
        }
    }

    /// An Ollama server.
    pub fn ollama(name: &str, base_url: &str) -> ProviderConfig {
        ProviderConfig {
            base_url: Some(base_url.to_owned()),
            ..ProviderConfig::of(name, Kind::Ollama)
        }
    }

    /// A server that speaks Anthropic's wire format, without a key.
    pub fn anthropic(name: &str, base_url: &str) -> ProviderConfig {
        ProviderConfig {
            base_url: Some(base_url.to_owned()),
            ..ProviderConfig::of(name, Kind::Anthropic)
        }
    }

    /// A server that speaks Gemini's wire format, without a key.
    pub fn gemini(name: &str, base_url: &str) -> ProviderConfig {
        ProviderConfig {
            base_url: Some(base_url.to_owned()),
            ..ProviderConfig::of(name, Kind::Gemini)
        }
    }

    fn of(name: &str, kind: Kind) -> ProviderConfig {
        ProviderConfig {
            name: name.to_owned(),
            kind: Some(kind),
            base_url: None,
            api_key_env: None,
            keep_alive: None,
            context_tokens: None,
            vram_mb: None,
            swap_ms: None,
            concurrency: None,
            requests_per_minute: None,
            tokens_per_minute: None,
        }
    }
}

/// A wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Chat completions as OpenAI defined them; most servers speak it.
    #[serde(rename = "openai", alias = "open_ai")]
    OpenAi,
    /// Ollama's own.
    Ollama,
    /// Text Embeddings Inference: turns texts into vectors and rates them, and does not chat.
    Tei,
    /// Cohere's own: rates texts, and does not chat.
    Cohere,
    /// Anthropic's messages.
    Anthropic,
    /// Google Gemini's `generateContent`.
    Gemini,
}

/// A file of answers: `record:<file>` or `replay:<file>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum Cassette {
    /// Servers are asked, and their answers are added to the file.
    Record(PathBuf),
    /// Answers come from the file, and no server is asked.
    Replay(PathBuf),
}

impl FromStr for Cassette {
    type Err = String;

    fn from_str(text: &str) -> Result<Cassette, String> {
        let file = |path: &str| Some(PathBuf::from(path)).filter(|_| !path.is_empty());
        match text.split_once(':').map(|(mode, path)| (mode, file(path))) {
            Some(("record", Some(file))) => Ok(Cassette::Record(file)),
            Some(("replay", Some(file))) => Ok(Cassette::Replay(file)),
            _ => Err(format!("`{text}` is no cassette; write `record:<file>` or `replay:<file>`")),
        }
    }
}

impl TryFrom<String> for Cassette {
    type Error = String;

    fn try_from(text: String) -> Result<Cassette, String> {
        text.parse()
    }
}

impl From<Cassette> for String {
    fn from(cassette: Cassette) -> String {
        match cassette {
            Cassette::Record(file) => format!("record:{}", file.display()),
            Cassette::Replay(file) => format!("replay:{}", file.display()),
        }
    }
}

/// How long to wait, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeouts {
    /// For the connection.
    #[serde(default = "Timeouts::usual_connect_ms")]
    pub connect_ms: u64,
    /// From the start until the first byte of the answer; a local model may have to be loaded.
    #[serde(default = "Timeouts::usual_first_byte_ms")]
    pub first_byte_ms: u64,
    /// Between two pieces of the answer.
    #[serde(default = "Timeouts::usual_idle_ms")]
    pub idle_ms: u64,
}

impl Timeouts {
    /// 10 s, 120 s, 60 s.
    pub fn usual() -> Timeouts {
        Timeouts {
            connect_ms: Timeouts::usual_connect_ms(),
            first_byte_ms: Timeouts::usual_first_byte_ms(),
            idle_ms: Timeouts::usual_idle_ms(),
        }
    }

    fn usual_connect_ms() -> u64 {
        10_000
    }

    fn usual_first_byte_ms() -> u64 {
        120_000
    }

    fn usual_idle_ms() -> u64 {
        60_000
    }
}

/// How often to ask the same again, and how long to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Calls of one model in all, for one question; 1 for no second try.
    #[serde(default = "Retry::usual_attempts")]
    pub attempts: u32,
    /// Embedders and rerankers: the first pause, in milliseconds; each further one is twice as long, and up to twice that by
    /// chance. Chat has cooldowns instead.
    #[serde(default = "Retry::usual_pause_ms")]
    pub pause_ms: u64,
    /// All pauses of one question together, in milliseconds. A server that asks for more is not waited for.
    #[serde(default = "Retry::usual_max_wait_ms")]
    pub max_wait_ms: u64,
}

impl Retry {
    /// Four calls, pauses from 500 ms, 60 s in all.
    pub fn usual() -> Retry {
        Retry {
            attempts: Retry::usual_attempts(),
            pause_ms: Retry::usual_pause_ms(),
            max_wait_ms: Retry::usual_max_wait_ms(),
        }
    }

    fn usual_attempts() -> u32 {
        4
    }

    fn usual_pause_ms() -> u64 {
        500
    }

    fn usual_max_wait_ms() -> u64 {
        60_000
    }
}

fn yes() -> bool {
    true
}

/// Looks up environment variables. Only the binary reads the real environment.
#[derive(Clone)]
pub struct Env(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Env {
    /// Asks `lookup` for a variable by name.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Env {
        Env(Arc::new(lookup))
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }
}

/// An environment with nothing in it.
impl Default for Env {
    fn default() -> Env {
        Env::new(|_| None)
    }
}

impl fmt::Debug for Env {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Env(..)")
    }
}

/// A provider's settings after preset and configuration were joined.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) base_url: Url,
    pub(crate) api_key_env: Option<String>,
    pub(crate) keep_alive: Option<String>,
    pub(crate) context_tokens: Option<u32>,
    pub(crate) vram_mb: Option<u64>,
    pub(crate) swap_ms: Option<u64>,
    pub(crate) concurrency: Option<NonZeroU32>,
    pub(crate) requests_per_minute: Option<NonZeroU32>,
    pub(crate) tokens_per_minute: Option<NonZeroU32>,
    pub(crate) limit_field: &'static str,
    pub(crate) stream_options: bool,
    pub(crate) shapes: Shapes,
}

impl Resolved {
    /// Every provider: presets, changed presets, and the user's own.
    pub(crate) fn all(config: &Config) -> Result<Vec<Resolved>, Error> {
        let mut res: Vec<Resolved> = Vec::new();
        for given in &config.providers {
            if res.iter().any(|it| it.name == given.name) {
                return Err(bad(&given.name, "is there twice; keep one table"));
            }
            res.push(Resolved::join(given)?);
        }
        for preset in presets::ALL {
            if !res.iter().any(|it| it.name == preset.name) {
                res.push(Resolved::join(&ProviderConfig::of(preset.name, preset.kind))?);
            }
        }
        Ok(res)
    }

    fn join(given: &ProviderConfig) -> Result<Resolved, Error> {
        let name = &given.name;
        if name.is_empty() || name.contains('/') || name.chars().any(char::is_whitespace) {
            return Err(bad(name, "is no name; use a word without slash or space"));
        }
        let preset = presets::by_name(name);
        let kind = given.kind.or(preset.map(|it| it.kind)).unwrap_or(Kind::OpenAi);
        // A preset whose wire format was changed lends nothing else.
        let preset: &Preset = preset.filter(|it| it.kind == kind).unwrap_or(&presets::COMPATIBLE);
        let own = |text: &str| Some(text.to_owned()).filter(|it| !it.is_empty());
        let base_url = given.base_url.clone().or_else(|| own(preset.base_url));
        let Some(base_url) = base_url else { return Err(bad(name, "has no `base_url`")) };
        let base_url = parse_url(name, &base_url)?;
        Ok(Resolved {
            name: name.clone(),
            kind,
            base_url,
            api_key_env: given
                .api_key_env
                .clone()
                .or_else(|| preset.api_key_env.map(str::to_owned)),
            keep_alive: given.keep_alive.clone(),
            context_tokens: given.context_tokens,
            vram_mb: given.vram_mb,
            swap_ms: given.swap_ms,
            concurrency: given.concurrency,
            requests_per_minute: given.requests_per_minute,
            tokens_per_minute: given.tokens_per_minute,
            limit_field: preset.limit_field,
            stream_options: preset.stream_options,
            shapes: preset.shapes,
        })
    }

    /// Whether the server is on this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

/// Whether the URL's host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback())
}

fn parse_url(name: &str, text: &str) -> Result<Url, Error> {
    // The text itself stays out of the message: it may hold a password.
    let url = Url::parse(text.trim_end_matches('/'))
        .map_err(|error| bad(name, &format!("has a `base_url` that is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(bad(name, "has a `base_url` that is neither http:// nor https://"));
    }
    Ok(url)
}

fn bad(name: &str, message: &str) -> Error {
    Error::Config { provider: name.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
