//! The only crate that opens an outbound socket for models: providers, streaming, retries, replay, token counts.
//!
//! It knows no prompts, no tools and no workspace, reads no environment of its own (see [`Env`]), and chooses no model.
//!
//! A new provider is one file under `providers/` and one line in `providers.rs`; a server that speaks the wire format of
//! OpenAI or Ollama needs only a [`ProviderConfig`].

mod classify;
mod config;
mod error;
mod models;
mod name;
mod presets;
mod providers;
mod reply;
mod request;
mod retry;
mod secret;
mod tokens;
mod wire;

pub use config::{Config, Env, Kind, ProviderConfig, ReplayMode, Retry, Timeouts};
pub use error::{Error, Phase, Site};
pub use models::{Check, Models};
pub use name::ModelName;
pub use presets::{ALL as PRESETS, Preset};
pub use providers::Provider;
pub use request::{Delta, Done, Finish, Message, Request, Role, Usage};
pub use tokens::count_tokens;
