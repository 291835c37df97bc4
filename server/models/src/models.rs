//! All providers of a configuration behind one door: choose by name, stream, cancel, check.
//!
//! It does not decide which model is asked for what.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Instant};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field};

use crate::{
    Config, Delta, Error, Kind, ModelName, Provider, Request, Resident, cache,
    cassette::{self, Providers},
    config::Resolved,
    providers::{self, Parts},
    wire,
};

/// Every provider there is. Cheap to clone.
#[derive(Clone)]
pub struct Models {
    providers: Arc<Providers>,
    /// Those that only turn texts into numbers.
    silent: Arc<BTreeSet<String>>,
    /// Those on this machine.
    here: Arc<BTreeSet<String>>,
    /// Those whose models are pulled.
    ollama: Arc<BTreeSet<String>>,
    default: Option<ModelName>,
}

impl Models {
    /// Joins presets and configuration. Nothing is connected and no key is looked up.
    ///
    /// # Errors
    /// [`Error::Config`]: a table is malformed; the message says which and how.
    pub fn from_config(config: &Config) -> Result<Models, Error> {
        wire::provide_crypto();
        let all = Resolved::all(config)?;
        let mut made = Providers::new();
        for settings in &all {
            let make = providers::ALL.iter().find(|(kind, _)| *kind == settings.kind);
            if let Some((_, make)) = make {
                made.insert(settings.name.clone(), make(Parts { settings, config }));
            }
        }
        let silent = all.iter().filter(|it| !made.contains_key(&it.name));
        let silent = Arc::new(silent.map(|it| it.name.clone()).collect());
        let here = all.iter().filter(|it| it.is_local()).map(|it| it.name.clone());
        let here = Arc::new(here.collect());
        let ollama = all.iter().filter(|it| it.kind == Kind::Ollama).map(|it| it.name.clone());
        let ollama = Arc::new(ollama.collect());
        // A tape has every answer of its run, and no answer from a tape is kept for another.
        match (&config.cassette, &config.cache_dir) {
            (Some(cassette), _) => made = cassette::load(cassette, made),
            (None, Some(dir)) => made = cache::wrap(dir, made),
            (None, None) => {}
        }
        Ok(Models {
            providers: Arc::new(made),
            silent,
            here,
            ollama,
            default: config.default.clone(),
        })
    }

    /// The model that is asked where nobody names another.
    pub fn default_model(&self) -> Option<&ModelName> {
        self.default.as_ref()
    }

    /// The names of all providers, sorted.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.providers.keys().map(String::as_str)
    }

    /// Asks `name`, once. Ends with one [`Delta::Done`] or one error, and with nothing after it. Who asks again, or asks
    /// another, is [`Router`](crate::Router).
    ///
    /// Dropping the stream, or cancelling `cancel` while it is polled, closes the connection at once; after the latter comes
    /// [`Error::Cancelled`].
    pub fn stream(
        &self,
        name: &ModelName,
        request: Request,
        cancel: &CancellationToken,
    ) -> BoxStream<'static, Result<Delta, Error>> {
        let provider = match self.provider(name) {
            Ok(provider) => Arc::clone(provider),
            Err(error) => return stream::once(async { Err(error) }).boxed(),
        };
        let span = tracing::info_span!(
            "model", model = %name, tokens_in = field::Empty, tokens_out = field::Empty, ms = field::Empty
        );
        span.in_scope(|| tracing::trace!(messages = ?request.messages, "asks"));
        let call = Call {
            answer: Some(provider.stream(&name.model, &request)),
            cancel: cancel.clone(),
            started: Instant::now(),
            span: span.clone(),
        };
        stream::unfold(call, |mut call| async move {
            let span = call.span.clone();
            let item = call.next().instrument(span).await?;
            Some((item, call))
        })
        .boxed()
    }

    /// Asks a provider's server for its models, as it names them; for diagnosis.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`], and those of a call: unreachable, key refused, malformed answer, too late.
    pub async fn list(&self, provider: &str) -> Result<Vec<String>, Error> {
        let name = ModelName { provider: provider.to_owned(), model: String::new() };
        self.provider(&name)?.models().await
    }

    /// Whether `name` can be asked at all, as far as that is known without asking.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`]; [`Error::Config`]: its provider does not chat.
    pub fn check_name(&self, name: &ModelName) -> Result<(), Error> {
        self.provider(name).map(drop)
    }

    /// Whether a provider's server is on this machine.
    pub fn is_on_this_machine(&self, provider: &str) -> bool {
        self.here.contains(provider)
    }

    /// What to do if `name` is not among the models of its server; `None` if it is.
    pub fn missing(&self, name: &ModelName, there: &[String]) -> Option<String> {
        // Ollama takes a name without a tag for the latest.
        let latest = format!("{}:latest", name.model);
        let is_there = there.iter().any(|it| *it == name.model || *it == latest);
        let hint = || match self.ollama.contains(&name.provider) {
            true => format!("; run `ollama pull {}`", name.model),
            false => String::new(),
        };
        (!is_there).then(|| format!("`{name}` is not there{}", hint()))
    }

    /// The models in the memory of a provider's server; none for servers that do not tell.
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn residents(&self, provider: &str) -> Result<Vec<Resident>, Error> {
        let name = ModelName { provider: provider.to_owned(), model: String::new() };
        self.provider(&name)?.residents().await
    }

    /// Has the model loaded as `request` needs it, where its server does that on demand. Other servers are not asked.
    ///
    /// # Errors
    /// As [`Models::list`].
    pub async fn prepare(&self, name: &ModelName, request: &Request) -> Result<(), Error> {
        self.provider(name)?.prepare(&name.model, request).await
    }

    fn provider(&self, name: &ModelName) -> Result<&Arc<dyn Provider>, Error> {
        if self.silent.contains(&name.provider) {
            let message = "does not chat; choose another for `model`".to_owned();
            return Err(Error::Config { provider: name.provider.clone(), message });
        }
        self.providers.get(&name.provider).ok_or_else(|| Error::UnknownProvider {
            name: name.provider.clone(),
            known: self.providers().collect::<Vec<_>>().join(", "),
        })
    }
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.providers().collect();
        f.debug_struct("Models").field("providers", &names).field("default", &self.default).finish()
    }
}

struct Call {
    /// Dropped at the end, at an error and when cancelled.
    answer: Option<BoxStream<'static, Result<Delta, Error>>>,
    cancel: CancellationToken,
    started: Instant,
    span: Span,
}

impl Call {
    async fn next(&mut self) -> Option<Result<Delta, Error>> {
        let answer = self.answer.as_mut()?;
        let item = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Some(Err(Error::Cancelled)),
            item = answer.next() => item,
        };
        match &item {
            Some(Ok(Delta::Text(_) | Delta::Thinking(_) | Delta::Call(_))) => return item,
            Some(Ok(Delta::Done(done))) => {
                self.span
                    .record("tokens_in", done.usage.input)
                    .record("tokens_out", done.usage.output);
                tracing::debug!(finish = ?done.finish, "the model has answered");
            }
            Some(Err(error)) => {
                tracing::debug!(kind = error.kind(), %error, "the model has not answered")
            }
            None => {}
        }
        self.answer = None;
        self.span
            .record("ms", u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX));
        item
    }
}

#[cfg(test)]
mod tests;
