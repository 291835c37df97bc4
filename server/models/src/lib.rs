//! The only crate that opens an outbound socket for models: providers, streaming, the router, budgets, cassettes, token counts.
//!
//! It knows no prompts, no tools and no workspace, reads no environment of its own (see [`Env`]), and keeps nothing: what
//! must last goes to a [`Ledger`].
//!
//! A new wire format is one file under `providers/` and one line in `providers.rs`; a server that speaks the wire format of
//! OpenAI, Anthropic, Gemini or Ollama needs only a [`ProviderConfig`].

mod ask;
mod budget;
mod cache;
mod cassette;
mod classify;
mod complexity;
mod config;
mod embedding;
mod error;
mod gate;
mod health;
mod json;
#[cfg(feature = "transformer")]
mod local;
#[cfg(not(feature = "transformer"))]
#[path = "no_local.rs"]
mod local;
mod memory;
mod models;
mod name;
mod presets;
mod price;
mod providers;
mod registry;
mod reply;
mod request;
mod reranking;
mod residence;
mod retry;
mod router;
mod secret;
mod tiers;
mod tokens;
mod wire;

pub use budget::{
    Amount, BudgetError, BudgetLimits, Decide, Ledger, Planned, Scope, Settled, Spent, Standing,
    Ticket, Unit,
};
pub use complexity::{Complexity, Work};
pub use config::{Cassette, Config, Env, Kind, ProviderConfig, Retry, Timeouts};
pub use embedding::{Embedding, EmbeddingConfig, Purpose};
pub use error::{Error, Phase, Site};
pub use health::{Class, Cooldown, Health, Next, Rest};
pub use json::parse_json;
pub use local::{LocalEmbedding, LocalReranking};
pub use memory::MemoryLedger;
pub use models::Models;
pub use name::ModelName;
pub use presets::{ALL as PRESETS, Preset};
pub use price::{LongPrices, Money, Prices};
pub use providers::Provider;
pub use registry::{ModelConfig, ModelFacts, Registry};
pub use request::{Delta, Done, Finish, Message, Request, Role, Schema, Tool, ToolCall, Usage};
pub use reranking::Reranking;
pub use residence::{Residence, Resident};
pub use router::{
    Answer, Ask, Candidate, Fit, Healths, Member, Router, Shaped, Shrink, Step, candidates,
};
pub use secret::find_key;
pub use tiers::{Tier, Tiers};
pub use tokens::count_tokens;
