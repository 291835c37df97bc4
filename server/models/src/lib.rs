//! The only crate that opens an outbound socket for models: providers, streaming, retries, replay, token counts.
//!
//! It knows no prompts, no tools and no workspace, reads no environment of its own (see [`Env`]), and chooses no model.
//!
//! A new provider is one file under `providers/` and one line in `providers.rs`; a server that speaks the wire format of
//! OpenAI or Ollama needs only a [`ProviderConfig`].

mod ask;
mod classify;
mod config;
mod embedding;
mod error;
#[cfg(feature = "transformer")]
mod local;
#[cfg(not(feature = "transformer"))]
#[path = "no_local.rs"]
mod local;
mod models;
mod name;
mod presets;
mod providers;
mod reply;
mod request;
mod reranking;
mod retry;
mod secret;
mod tokens;
mod wire;

pub use config::{Config, Env, Kind, ProviderConfig, ReplayMode, Retry, Timeouts};
pub use embedding::{Embedding, EmbeddingConfig, Purpose};
pub use error::{Error, Phase, Site};
pub use local::{LocalEmbedding, LocalReranking};
pub use models::{Check, Models};
pub use name::ModelName;
pub use presets::{ALL as PRESETS, Preset};
pub use providers::Provider;
pub use request::{Delta, Done, Finish, Message, Request, Role, Usage};
pub use reranking::Reranking;
pub use secret::find_key;
pub use tokens::count_tokens;
