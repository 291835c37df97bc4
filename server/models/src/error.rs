//! Why a model did not answer, by what the caller can do about it.
//!
//! No text here ever holds a key or a password: server texts pass `secret` first, and URLs come without user, query
//! and fragment. How a server's answer becomes one of these is in `classify`.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{BudgetError, Class, ModelName, classify};

/// What was asked, for messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The provider's name.
    pub provider: String,
    /// The model; empty if the question was not about one.
    pub model: String,
    /// The base URL without user, password, query and fragment; empty if there is no server.
    pub url: String,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Site { provider, model, url } = self;
        match model.as_str() {
            "" => write!(f, "`{provider}`")?,
            _ => write!(f, "`{provider}/{model}`")?,
        }
        match url.as_str() {
            "" => Ok(()),
            _ => write!(f, " at {url}"),
        }
    }
}

/// What was being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The connection; see `connect_ms`.
    Connect,
    /// The first byte of the answer; see `first_byte_ms`.
    FirstByte,
    /// The next piece of the answer; see `idle_ms`.
    Idle,
    /// All of the answer, by a deadline of the caller's.
    Whole,
}

impl Phase {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Phase::Connect => ("no connection", "`connect_ms` under `timeouts`"),
            Phase::FirstByte => ("no first byte of an answer", "`first_byte_ms` under `timeouts`"),
            Phase::Idle => ("no further piece of the answer", "`idle_ms` under `timeouts`"),
            Phase::Whole => ("no whole answer", "`wait_ms` under `search`"),
        }
    }
}

/// Why a model did not answer.
///
/// `reason` and `hint` are one line each; `reason` is the server's or the system's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Error {
    /// Nobody named a model: the person must choose one.
    #[error(
        "no model is chosen; take one of three: (1) Ollama: install it, run `ollama pull qwen2.5-coder`, then use \
         `--model ollama/qwen2.5-coder`; (2) any OpenAI-compatible server: give its `name` and `base_url` in a \
         `[[provider]]` table of your configuration, then use `--model <name>/<model>`; (3) an API key: set \
         OPENAI_API_KEY, then use `--model openai/<model>`"
    )]
    NoModel,
    /// The text is no model name.
    #[error(
        "`{given}` is no model name; write provider/model, such as `ollama/qwen2.5-coder` or `openai/gpt-4o`"
    )]
    BadName {
        /// What was given.
        given: String,
    },
    /// No preset and no table of that name.
    #[error(
        "there is no provider `{name}`; known are {known}; add a `[[provider]]` table with `name` and `base_url`"
    )]
    UnknownProvider {
        /// What was asked for.
        name: String,
        /// All there are, by comma.
        known: String,
    },
    /// A `[[provider]]` table is malformed.
    #[error("provider `{provider}` {message}")]
    Config {
        /// The table's name.
        provider: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// The server needs a key and there is none.
    #[error(
        "{site} needs a key: set {env}, or store one in the system's keyring (service `baton`, account `{}`)",
        site.provider
    )]
    NoKey {
        /// Who was to be asked.
        site: Arc<Site>,
        /// The environment variable that was looked up.
        env: String,
    },
    /// No connection.
    #[error("cannot reach {site}: {reason}; {hint}")]
    Unreachable {
        /// Who was asked.
        site: Arc<Site>,
        /// Why.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The key is refused.
    #[error("{site} refuses the key: {reason}; {hint}")]
    Auth {
        /// Who was asked.
        site: Arc<Site>,
        /// The server's words.
        reason: String,
        /// Where the key came from.
        hint: String,
    },
    /// The account may not spend more; trying again does not help.
    #[error(
        "{site} has no quota left: {reason}; see your account with the provider or choose another model"
    )]
    Quota {
        /// Who was asked.
        site: Arc<Site>,
        /// The server's words.
        reason: String,
    },
    /// Too many requests.
    #[error("{site} limits the rate{}: {reason}; try again later or choose another model", seconds(", free again in ", *retry_after))]
    RateLimited {
        /// Who was asked.
        site: Arc<Site>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// The server's words.
        reason: String,
    },
    /// The server has no room or is still loading.
    #[error("{site} is overloaded or not ready{}: {reason}; try again later", seconds(", ready again in ", *retry_after))]
    Overloaded {
        /// Who was asked.
        site: Arc<Site>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
        /// The server's words.
        reason: String,
    },
    /// The server failed.
    #[error("{site} failed {}: {}; see the server's log", when(*status), classify::message(body))]
    Server {
        /// Who was asked.
        site: Arc<Site>,
        /// HTTP status; 200 if the failure came inside a stream.
        status: u16,
        /// At most 8 KB of its answer.
        body: String,
    },
    /// The server does not accept the request.
    #[error("{site} does not accept the request (status {status}): {reason}; {hint}")]
    BadRequest {
        /// Who was asked.
        site: Arc<Site>,
        /// HTTP status.
        status: u16,
        /// The server's words.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// The request is longer than the model's context.
    #[error(
        "the request is too long for {site}: {reason}; ask with less context or choose a model with more"
    )]
    ContextOverflow {
        /// Who was asked.
        site: Arc<Site>,
        /// The server's words.
        reason: String,
    },
    /// The server does not have the model.
    #[error("{site} does not exist: {reason}; {hint}")]
    NoSuchModel {
        /// Who was asked.
        site: Arc<Site>,
        /// The server's words.
        reason: String,
        /// How to get it.
        hint: String,
    },
    /// The answer ended in the middle.
    #[error("the answer of {site} ended in the middle: {reason}; try again")]
    Cut {
        /// Who was asked.
        site: Arc<Site>,
        /// How it ended.
        reason: String,
    },
    /// The answer is not what the wire format says.
    #[error(
        "{site} gave a malformed answer: {reason}; check that `kind` and `base_url` of the provider fit the server"
    )]
    Malformed {
        /// Who was asked.
        site: Arc<Site>,
        /// What is wrong.
        reason: String,
    },
    /// The answer is larger than Baton takes.
    #[error("the answer of {site} is too large: {reason}")]
    TooLarge {
        /// Who was asked.
        site: Arc<Site>,
        /// Which cap it broke.
        reason: String,
    },
    /// Nothing came in time.
    #[error("{site}: {} in {:.1} s; if the server is only slow, raise {}", phase.words().0, after.as_secs_f64(), phase.words().1)]
    Timeout {
        /// Who was asked.
        site: Arc<Site>,
        /// What was waited for.
        phase: Phase,
        /// How long.
        after: Duration,
    },
    /// The model or a filter of its server would not answer.
    #[error("{site} would not answer; say it differently or choose another model")]
    Refused {
        /// Who was asked.
        site: Arc<Site>,
    },
    /// The answer does not have the shape that was asked for, also when asked again.
    #[error("`{model}` gave no answer of the wanted shape: {fault}; choose a larger model")]
    Shape {
        /// Who was asked.
        model: String,
        /// What is wrong.
        fault: String,
    },
    /// All models that could answer have failed lately, and the wait would be too long.
    #[error(
        "no model can be asked for now: `{model}` is free again first, in {seconds} s (the last time: {}); try again then, or \
         name more models in `tiers`",
        why.as_str()
    )]
    Cooling {
        /// Who is free first.
        model: ModelName,
        /// In how long.
        seconds: u64,
        /// Why it is left alone.
        why: Class,
    },
    /// A budget does not allow the call.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// Calls cannot be written down, so none is made.
    #[error("the record of calls to models cannot be used: {reason}; nothing was asked")]
    Ledger {
        /// What the system said.
        reason: String,
    },
    /// The file of recorded answers cannot serve.
    #[error("replay of {site}: {reason}")]
    Replay {
        /// Who was to be played.
        site: Arc<Site>,
        /// What is wrong and what to do.
        reason: String,
    },
    /// A model that was to be read from a folder cannot be.
    #[error("the model in {folder}: {message}")]
    Folder {
        /// The folder.
        folder: String,
        /// Which file, what is wrong with it, and what to do.
        message: String,
    },
    /// The caller cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// A stable word for programs and records.
    pub fn kind(&self) -> &'static str {
        match self {
            Error::NoModel => "no_model",
            Error::BadName { .. } => "bad_name",
            Error::UnknownProvider { .. } => "unknown_provider",
            Error::Config { .. } => "config",
            Error::NoKey { .. } => "no_key",
            Error::Unreachable { .. } => "unreachable",
            Error::Auth { .. } => "auth",
            Error::Quota { .. } => "quota",
            Error::RateLimited { .. } => "rate_limited",
            Error::Overloaded { .. } => "overloaded",
            Error::Server { .. } => "server",
            Error::BadRequest { .. } => "bad_request",
            Error::ContextOverflow { .. } => "context_overflow",
            Error::NoSuchModel { .. } => "no_such_model",
            Error::Cut { .. } => "cut",
            Error::Malformed { .. } => "malformed",
            Error::TooLarge { .. } => "too_large",
            Error::Timeout { .. } => "timeout",
            Error::Refused { .. } => "refused",
            Error::Shape { .. } => "shape",
            Error::Cooling { .. } => "cooling",
            Error::Budget(_) => "budget",
            Error::Ledger { .. } => "ledger",
            Error::Replay { .. } => "replay",
            Error::Folder { .. } => "folder",
            Error::Cancelled => "cancelled",
        }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Error::Unreachable { .. }
            | Error::RateLimited { .. }
            | Error::Overloaded { .. }
            | Error::Server { .. }
            | Error::Cut { .. }
            | Error::Cooling { .. }
            | Error::Timeout { .. } => true,
            Error::NoModel
            | Error::BadName { .. }
            | Error::UnknownProvider { .. }
            | Error::Config { .. }
            | Error::NoKey { .. }
            | Error::Auth { .. }
            | Error::Quota { .. }
            | Error::BadRequest { .. }
            | Error::ContextOverflow { .. }
            | Error::NoSuchModel { .. }
            | Error::Malformed { .. }
            | Error::TooLarge { .. }
            | Error::Refused { .. }
            | Error::Shape { .. }
            | Error::Budget(_)
            | Error::Ledger { .. }
            | Error::Replay { .. }
            | Error::Folder { .. }
            | Error::Cancelled => false,
        }
    }

    /// Whether it lies in what was asked, so that another request may succeed at once.
    pub fn is_about_request(&self) -> bool {
        matches!(self, Error::BadRequest { .. } | Error::ContextOverflow { .. })
    }

    /// Whether it lies with the provider, so that its other models would fail too.
    pub(crate) fn is_about_provider(&self) -> bool {
        matches!(
            self,
            Error::Unreachable { .. }
                | Error::Timeout { phase: Phase::Connect, .. }
                | Error::Auth { .. }
                | Error::NoKey { .. }
                | Error::Quota { .. }
                | Error::UnknownProvider { .. }
        )
    }

    /// How long the server asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::RateLimited { retry_after, .. } | Error::Overloaded { retry_after, .. } => {
                *retry_after
            }
            _ => None,
        }
    }
}

/// The first line's worth of a text: at most 300 characters, white space joined, control characters (a terminal may obey
/// them) taken out.
pub(crate) fn excerpt(text: &str) -> String {
    const MAX_CHARS: usize = 300;
    let line = plain(text).split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None if line.is_empty() => "(no text)".to_owned(),
        None => line,
    }
}

/// Without characters that a terminal may obey.
pub(crate) fn plain(text: &str) -> String {
    text.replace(|it: char| it.is_control() && !it.is_whitespace(), "")
}

fn when(status: u16) -> String {
    match status {
        200 => "in the middle of its answer".to_owned(),
        _ => format!("with status {status}"),
    }
}

fn seconds(words: &str, duration: Option<Duration>) -> String {
    duration.map_or_else(String::new, |it| format!("{words}{} s", it.as_secs_f64().ceil()))
}
