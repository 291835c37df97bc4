//! How long a program that keeps ending by itself is left alone before it is started again. Pure: it keeps no time of its own.

use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// One that ran for so long before it ended is not one that keeps ending.
const LONG: Duration = Duration::from_secs(60);
/// After a failure, doubled with each further one.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The failures of one program that goes on, and its rest after them.
#[derive(Debug, Default)]
pub struct Rest {
    /// In a row.
    failures: u32,
    until: Option<(Instant, String)>,
}

/// What is left of a rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// How often in a row the program has failed.
    pub times: u32,
    /// From now on; at least 1.
    pub seconds: u64,
    /// Why it failed the last time.
    pub why: String,
}

impl Rest {
    /// The program has failed at `at`, after it had run for `ran`.
    pub fn failed(&mut self, at: Instant, ran: Duration, why: String) {
        if LONG < ran {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = FIRST.saturating_mul(1 << self.failures.min(16).saturating_sub(1));
        self.until = Some((at + doubled.min(LONGEST), why));
    }

    /// What is left of its rest at `now`; `None` where it may be started.
    pub fn left(&self, now: Instant) -> Option<Resting> {
        let (until, why) = self.until.as_ref()?;
        let left = until.saturating_duration_since(now);
        let seconds = left.as_secs() + 1;
        (!left.is_zero()).then(|| Resting { times: self.failures, seconds, why: why.clone() })
    }
}
