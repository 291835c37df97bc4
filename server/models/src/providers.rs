//! The registry of providers, and what each of them is.
//!
//! A new wire format is one file in this folder and one line in [`ALL`].

mod anthropic;
mod gemini;
mod ollama;
mod openai;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture, stream::BoxStream};

use crate::{Config, Delta, Error, Kind, Request, Resident, config::Resolved, wire::Wire};

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

    /// The models in the server's memory, for servers that load them on demand.
    ///
    /// # Errors
    /// Those of a call.
    fn residents(&self) -> BoxFuture<'_, Result<Vec<Resident>, Error>> {
        async { Ok(Vec::new()) }.boxed()
    }

    /// Has `model` loaded as `request` needs it, where a server does that on demand; comes back when it is in memory.
    ///
    /// # Errors
    /// Those of a call.
    fn prepare<'a>(
        &'a self,
        _model: &'a str,
        _request: &'a Request,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async { Ok(()) }.boxed()
    }
}

/// What a provider is made of.
pub(crate) struct Parts<'a> {
    pub(crate) settings: &'a Resolved,
    pub(crate) config: &'a Config,
}

type Make = fn(Parts<'_>) -> Arc<dyn Provider>;

/// Every wire format that chats.
pub(crate) const ALL: &[(Kind, Make)] = &[
    (Kind::Anthropic, anthropic::make),
    (Kind::Gemini, gemini::make),
    (Kind::Ollama, ollama::make),
    (Kind::OpenAi, openai::make),
];

impl Parts<'_> {
    fn wire(&self) -> Arc<Wire> {
        Arc::new(Wire::of(self.settings, self.config))
    }
}
