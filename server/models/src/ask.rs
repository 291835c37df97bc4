//! A question with one whole answer in JSON, as servers take it that turn texts into numbers.
//!
//! It asks again as often as a chat does (see `retry`), within one deadline for all of it. What the answer means is the
//! caller's part.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use crate::{
    Config, Error, Kind, ModelName, Phase, Retry, Site,
    config::Resolved,
    retry::Pauses,
    wire::{self, Answer, Wire},
};

/// The largest answer: 64 vectors of 8192 numbers, each with all its digits.
const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

/// One model of one server.
pub(crate) struct Asking {
    wire: Wire,
    retry: Retry,
    site: Arc<Site>,
    pub(crate) kind: Kind,
    pub(crate) keep_alive: Option<String>,
}

impl Asking {
    /// Connects nothing and looks up no key.
    ///
    /// # Errors
    /// [`Error::UnknownProvider`], [`Error::Config`].
    pub(crate) fn new(config: &Config, name: &ModelName) -> Result<Asking, Error> {
        wire::provide_crypto();
        let all = Resolved::all(config)?;
        let Some(settings) = all.iter().find(|it| it.name == name.provider) else {
            let mut known: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
            known.sort_unstable();
            return Err(Error::UnknownProvider {
                name: name.provider.clone(),
                known: known.join(", "),
            });
        };
        let wire = Wire::of(settings, config);
        Ok(Asking {
            site: wire.site(&name.model),
            wire,
            retry: config.retry.clone(),
            kind: settings.kind,
            keep_alive: settings.keep_alive.clone(),
        })
    }

    pub(crate) fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// Posts `body` to `path` below the base URL, and reads the answer with `read`, which says in words what is wrong
    /// with it.
    ///
    /// # Errors
    /// Those of a call; [`Phase::Whole`] after `within`; [`Error::Malformed`] where `read` says so.
    pub(crate) async fn ask<T>(
        &self,
        path: &[&str],
        body: &Value,
        within: Duration,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Error> {
        let answered = timeout(within, self.text(path, body)).await;
        let text = answered.map_err(|_| Error::Timeout {
            site: Arc::clone(&self.site),
            phase: Phase::Whole,
            after: within,
        })??;
        read(&text).map_err(|what| {
            let said = self.wire.redactor().quote(&text);
            self.malformed(format!("{what}; it sent: {said}"))
        })
    }

    pub(crate) fn malformed(&self, reason: String) -> Error {
        Error::Malformed { site: Arc::clone(&self.site), reason }
    }

    async fn text(&self, path: &[&str], body: &Value) -> Result<String, Error> {
        let mut pauses = Pauses::new(&self.retry);
        loop {
            let error = match self.once(path, body).await {
                Ok(text) => return Ok(text),
                Err(error) => error,
            };
            let Some(pause) = pauses.after(&error) else { return Err(error) };
            tracing::debug!(%error, pause_ms = pause.as_millis(), "the server is asked again");
            sleep(pause).await;
        }
    }

    async fn once(&self, path: &[&str], body: &Value) -> Result<String, Error> {
        match self.wire.post(path, body, &self.site).await? {
            Answer::Refused(refusal) => Err(self.wire.refused(refusal, &self.site)),
            Answer::Body(body) => body.whole_up_to(MAX_ANSWER_BYTES).await,
        }
    }
}

/// At most `max_bytes` of a text, cut between characters.
pub(crate) fn beginning(text: &str, max_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(max_bytes)]
}
