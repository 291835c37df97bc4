//! What a provider lets through at one time and in one minute. Who waits here, waits for its turn, not for a cooling model.

use std::{num::NonZeroU32, sync::Arc};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::Resolved;

/// The limits of one provider.
pub(crate) struct Gate {
    slots: Option<Arc<Semaphore>>,
    requests: Option<DefaultDirectRateLimiter>,
    tokens: Option<(NonZeroU32, DefaultDirectRateLimiter)>,
}

/// Held while a call is under way.
pub(crate) struct Pass {
    _slot: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(settings: &Resolved) -> Gate {
        let per_minute = |count: NonZeroU32| RateLimiter::direct(Quota::per_minute(count));
        Gate {
            slots: settings.concurrency.map(|it| Arc::new(Semaphore::new(it.get() as usize))),
            requests: settings.requests_per_minute.map(per_minute),
            tokens: settings.tokens_per_minute.map(|it| (it, per_minute(it))),
        }
    }

    /// Waits for its turn with a call of about so many tokens. One that is larger than a minute's worth waits for a full
    /// minute's.
    pub(crate) async fn enter(&self, tokens: u64) -> Pass {
        let slot = match &self.slots {
            // Nobody closes it.
            Some(slots) => Arc::clone(slots).acquire_owned().await.ok(),
            None => None,
        };
        if let Some(requests) = &self.requests {
            requests.until_ready().await;
        }
        if let Some((most, limiter)) = &self.tokens {
            let tokens = u32::try_from(tokens).unwrap_or(u32::MAX).min(most.get());
            if let Some(tokens) = NonZeroU32::new(tokens) {
                // It has room for that many, since `most` is what it was made for.
                let _ = limiter.until_n_ready(tokens).await;
            }
        }
        Pass { _slot: slot }
    }
}

#[cfg(test)]
mod tests;
