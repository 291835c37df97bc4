//! Asks again where that may help: before the first token, a few times, and not for long.
//!
//! After the first token an error stands: the caller has already shown what came.

use std::{sync::Arc, time::Duration};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{
    StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use tokio::time::sleep;

use crate::{Delta, Error, Phase, Provider, Request, Retry};

/// A provider that asks the one inside again.
pub(crate) struct Retrying {
    pub(crate) inner: Arc<dyn Provider>,
    pub(crate) retry: Retry,
}

impl Provider for Retrying {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let (model, request) = (model.to_owned(), request.clone());
        let attempts = Attempts {
            inner: Arc::clone(&self.inner),
            model,
            request,
            pauses: Pauses::new(&self.retry),
        };
        stream::unfold(State::Before(Box::new(attempts)), |state| state.next()).boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        self.inner.models()
    }

    fn redact(&self, text: &str) -> String {
        self.inner.redact(text)
    }
}

enum State {
    /// No token has come.
    Before(Box<Attempts>),
    /// Whatever comes now stands.
    After(BoxStream<'static, Result<Delta, Error>>),
}

type Item = Result<Delta, Error>;

impl State {
    async fn next(self) -> Option<(Item, State)> {
        let mut attempts = match self {
            State::After(mut answer) => {
                let item = answer.next().await?;
                return Some((item, State::After(answer)));
            }
            State::Before(attempts) => attempts,
        };
        loop {
            let mut answer = attempts.inner.stream(&attempts.model, &attempts.request);
            let error = match answer.next().await? {
                Ok(delta) => return Some((Ok(delta), State::After(answer))),
                Err(error) => error,
            };
            drop(answer);
            let Some(pause) = attempts.pauses.after(&error) else {
                return Some((Err(error), State::After(stream::empty().boxed())));
            };
            tracing::warn!(%error, pause_ms = pause.as_millis(), "the model is asked again");
            sleep(pause).await;
        }
    }
}

struct Attempts {
    inner: Arc<dyn Provider>,
    model: String,
    request: Request,
    pauses: Pauses,
}

/// The pauses between the calls of one question.
pub(crate) struct Pauses {
    retry: Retry,
    pauses: ExponentialBackoff,
    n_failed: u32,
    waited: Duration,
}

impl Pauses {
    pub(crate) fn new(retry: &Retry) -> Pauses {
        let pauses = pauses(retry);
        Pauses { retry: retry.clone(), pauses, n_failed: 0, waited: Duration::ZERO }
    }

    /// How long to wait before the next call; none if this error stands.
    pub(crate) fn after(&mut self, error: &Error) -> Option<Duration> {
        self.n_failed += 1;
        if max_attempts(error, &self.retry) <= self.n_failed {
            return None;
        }
        let pause = self.pauses.next()?.max(error.retry_after().unwrap_or(Duration::ZERO));
        self.waited += pause;
        (self.waited <= Duration::from_millis(self.retry.max_wait_ms)).then_some(pause)
    }
}

fn max_attempts(error: &Error, retry: &Retry) -> u32 {
    match error {
        // Nobody listens: once more, for a server that is being restarted.
        Error::Unreachable { .. } | Error::Timeout { phase: Phase::Connect, .. } => {
            retry.attempts.min(2)
        }
        // These have cost minutes already.
        Error::Timeout { phase: Phase::FirstByte | Phase::Idle | Phase::Whole, .. } => 1,
        error if error.is_retryable() => retry.attempts,
        _ => 1,
    }
}

fn pauses(retry: &Retry) -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(retry.pause_ms))
        .with_max_delay(Duration::from_millis(retry.max_wait_ms))
        .with_factor(2.0)
        .with_max_times(retry.attempts as usize)
        .with_jitter()
        .build()
}

#[cfg(test)]
mod tests;
