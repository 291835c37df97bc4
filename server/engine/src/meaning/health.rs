//! How long something slow is waited for, and what is remembered of its failures: who hangs once is not asked again for a
//! while, so that no search waits twice; and what is wrong is said once.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use models::Error;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// After a failure it is not asked for a while; each further failure doubles that, up to here.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// How a server or a large model is waited for.
pub(super) struct Patient {
    /// Runs the calls; threads of its own wait for them, never one of its workers.
    pub(super) runtime: Handle,
    /// How long a search waits.
    pub(super) wait: Duration,
    /// Ends every wait.
    pub(super) stop: CancellationToken,
    pub(super) health: Health,
}

/// How it stands.
pub(super) struct Health {
    /// `embedder` or `reranker`.
    kind: &'static str,
    /// How long it is left alone after its first failure.
    first_rest: Duration,
    /// Guards the state; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Not before this, and why.
    rests: Option<(Instant, String)>,
    rest: Duration,
    /// The user was told that it does not answer.
    is_told: bool,
    /// The user was told that it does not take everything.
    is_refusal_told: bool,
}

/// Why there was no answer.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) reason: String,
    /// Trying later may help.
    pub(super) is_away: bool,
}

impl Patient {
    /// Waits for `call`, unless it is known to fail.
    pub(super) fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        self.check()?;
        let result = self.runtime.block_on(async {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => Err(Error::Cancelled),
                result = call => result,
            }
        });
        self.heard(result)
    }

    /// The same for work that this thread does itself.
    pub(super) fn work<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Failure> {
        self.check()?;
        self.heard(work())
    }

    fn check(&self) -> Result<(), Failure> {
        match &self.health.state().rests {
            // Nothing is known of what would be asked now.
            Some((until, reason)) if Instant::now() < *until => {
                Err(Failure { reason: reason.clone(), is_away: true })
            }
            _ => Ok(()),
        }
    }

    fn heard<T>(&self, result: Result<T, Error>) -> Result<T, Failure> {
        match result {
            Ok(value) => {
                self.health.is_well();
                Ok(value)
            }
            Err(error) => {
                let failure = Failure { reason: error.to_string(), is_away: error.is_retryable() };
                match error {
                    // Whoever cancels knows.
                    Error::Cancelled => {}
                    // Else one file that it does not take would keep all others from it.
                    error if error.is_about_request() => self.health.refused(&failure),
                    _ => self.health.is_ill(&failure),
                }
                Err(failure)
            }
        }
    }
}

impl Health {
    pub(super) fn new(kind: &'static str, first_rest: Duration) -> Health {
        Health { kind, first_rest: first_rest.min(LONGEST_REST), state: Mutex::default() }
    }

    fn is_well(&self) {
        let mut state = self.state();
        (state.rests, state.rest) = (None, Duration::ZERO);
        if std::mem::take(&mut state.is_told) {
            tracing::warn!("the {} of search is back", self.kind);
        }
    }

    fn refused(&self, failure: &Failure) {
        if !std::mem::replace(&mut self.state().is_refusal_told, true) {
            tracing::warn!(
                "the {} of search does not take everything, and search goes on by words for that: {}",
                self.kind,
                failure.reason
            );
        }
    }

    fn is_ill(&self, failure: &Failure) {
        let mut state = self.state();
        state.rest = (state.rest * 2).clamp(self.first_rest, LONGEST_REST);
        state.rests = Some((Instant::now() + state.rest, failure.reason.clone()));
        // One word for one illness, however its symptoms vary.
        if !std::mem::replace(&mut state.is_told, true) {
            tracing::warn!("search goes on without its {}: {}", self.kind, failure.reason);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
