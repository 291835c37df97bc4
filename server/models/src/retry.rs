//! Asks again where that may help, for questions with one whole answer: a few times, and not for long. Who asks a model that
//! streams again is the router.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::{Error, Phase, Retry};

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

/// How often a question is put that ends like this.
pub(crate) fn max_attempts(error: &Error, retry: &Retry) -> u32 {
    match error {
        // Nobody listens: once more, for a server that is being restarted.
        Error::Unreachable { .. } | Error::Timeout { phase: Phase::Connect, .. } => {
            retry.attempts.min(2)
        }
        // These have cost minutes already.
        Error::Timeout { phase: Phase::FirstByte | Phase::Idle | Phase::Whole, .. } => 1,
        Error::Malformed { .. } => retry.attempts.min(2),
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
