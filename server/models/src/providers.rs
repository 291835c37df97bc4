//! The registry of providers, and what each of them is.
//!
//! A new wire format is one file in this folder and one line in [`ALL`].

mod ollama;
mod openai;
mod replay;

use std::{collections::BTreeMap, sync::Arc};

use futures::{future::BoxFuture, stream::BoxStream};

use crate::{Config, Delta, Error, Kind, Request, config::Resolved, wire::Wire};

/// Answers requests over one wire format.
pub trait Provider: Send + Sync {
    /// The word before the slash of a model's name.
    fn name(&self) -> &str;

    /// Asks `model`. Ends with one [`Delta::Done`] or one error, and with nothing after it. Nothing is sent before the
    /// first poll; dropping the stream closes the connection.
    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>>;

    /// The models that the server has, by name as a request has it.
    ///
    /// # Errors
    /// Those of a call.
    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>>;

    /// `text` without the secrets that this provider holds.
    fn redact(&self, text: &str) -> String;
}

/// What a provider is made of.
pub(crate) struct Parts<'a> {
    pub(crate) settings: Resolved,
    pub(crate) config: &'a Config,
    /// Those made before: all but the replaying ones.
    pub(crate) others: &'a BTreeMap<String, Arc<dyn Provider>>,
}

type Make = fn(Parts<'_>) -> Result<Arc<dyn Provider>, Error>;

/// Every wire format, those that wrap others last.
pub(crate) const ALL: &[(Kind, Make)] =
    &[(Kind::Ollama, ollama::make), (Kind::OpenAi, openai::make), (Kind::Replay, replay::make)];

impl Parts<'_> {
    fn wire(&self) -> Result<Arc<Wire>, Error> {
        Wire::of(&self.settings, self.config).map(Arc::new)
    }
}
