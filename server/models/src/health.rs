//! How a model has done lately, and what its failures mean for whom is asked next. No clock and no sockets: time is handed in.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Phase};

/// How long a model is left alone that has failed, in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cooldown {
    /// After the first failure; each further one doubles it.
    pub first_ms: u64,
    /// At most, also where a server asks for more.
    pub most_ms: u64,
    /// How long a model that is tried again has, before others are sent to it or it is given up.
    pub probe_ms: u64,
}

/// Where nobody listens it costs nothing to ask, and whoever starts the server wants to go on.
const MOST_UNREACHABLE_MS: u64 = 5_000;

impl Default for Cooldown {
    /// 1 s, 10 min, 2 min.
    fn default() -> Cooldown {
        Cooldown { first_ms: 1_000, most_ms: 600_000, probe_ms: 120_000 }
    }
}

/// Why a call failed, by what is to be done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Too many requests.
    RateLimit,
    /// No room, or not ready.
    Overloaded,
    /// Nobody listens.
    Unreachable,
    /// Nothing came in time.
    Timeout,
    /// The server failed.
    Server,
    /// The key is refused or missing, the quota is used up, the model is not there.
    Auth,
    /// The server does not take the request, and another would not either.
    BadRequest,
    /// The request is too long for the model.
    Overflow,
    /// The model or a filter would not answer.
    Refusal,
    /// The answer ended in the middle.
    Cut,
    /// The answer is not what the wire format says.
    Malformed,
    /// Something of our own: a budget, a file, a cancellation.
    Own,
}

/// What is to be done after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same model once more, at once; the second time another one.
    Retry,
    /// Another model; this one cools down.
    FailOver,
    /// Another model, and nothing is held against this one.
    PassOn,
    /// A model with more room, else a shorter request.
    Shrink,
    /// Nobody else: the failure stands.
    Stop,
}

impl Class {
    /// What an error is.
    pub fn of(error: &Error) -> Class {
        match error {
            Error::RateLimited { .. } => Class::RateLimit,
            Error::Overloaded { .. } => Class::Overloaded,
            Error::Unreachable { .. } => Class::Unreachable,
            Error::Timeout { phase: Phase::Idle, .. } | Error::Cut { .. } => Class::Cut,
            Error::Timeout { .. } => Class::Timeout,
            Error::Server { .. } => Class::Server,
            Error::Auth { .. }
            | Error::NoKey { .. }
            | Error::Quota { .. }
            | Error::NoSuchModel { .. }
            | Error::UnknownProvider { .. }
            // A wrong address, not a wrong request.
            | Error::BadRequest { status: 300..=399 | 404 | 405, .. } => Class::Auth,
            Error::BadRequest { .. } => Class::BadRequest,
            Error::ContextOverflow { .. } => Class::Overflow,
            Error::Refused { .. } => Class::Refusal,
            Error::Malformed { .. } | Error::TooLarge { .. } => Class::Malformed,
            Error::NoModel
            | Error::BadName { .. }
            | Error::Config { .. }
            | Error::Replay { .. }
            | Error::Folder { .. }
            | Error::Budget(_)
            | Error::Cooling { .. }
            | Error::Shape { .. }
            | Error::Ledger { .. }
            | Error::Cancelled => Class::Own,
        }
    }

    /// What is to be done about it.
    pub fn next(self) -> Next {
        match self {
            Class::RateLimit
            | Class::Overloaded
            | Class::Unreachable
            | Class::Timeout
            | Class::Server
            | Class::Auth => Next::FailOver,
            Class::Cut | Class::Malformed => Next::Retry,
            Class::Refusal => Next::PassOn,
            Class::Overflow => Next::Shrink,
            Class::BadRequest | Class::Own => Next::Stop,
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::RateLimit => "rate limited",
            Class::Overloaded => "overloaded",
            Class::Unreachable => "nobody listens",
            Class::Timeout => "no answer in time",
            Class::Server => "server error",
            Class::Auth => "key, quota, address or model refused",
            Class::BadRequest => "request refused",
            Class::Overflow => "request too long",
            Class::Refusal => "would not answer",
            Class::Cut => "answer cut off",
            Class::Malformed => "malformed answer",
            Class::Own => "not asked",
        }
    }
}

/// How a model has done since it last answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// The last one.
    pub class: Class,
    /// Before this moment nobody asks it.
    pub until: Timestamp,
    /// One request is finding out whether it answers again; until then it counts as cooling.
    pub is_probed: bool,
}

/// Whether a model may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It may.
    Ready,
    /// By one request, which finds out for the others.
    Probe,
    /// Not before this moment.
    Cooling(Timestamp),
}

impl Health {
    /// After one more failure. `asked_to_wait`: what the server said.
    pub fn after(
        before: Option<Health>,
        class: Class,
        asked_to_wait: Option<Duration>,
        now: Timestamp,
        cooldown: &Cooldown,
    ) -> Health {
        let failures = before.map_or(0, |it| it.failures).saturating_add(1);
        let doubled = cooldown.first_ms.saturating_mul(1 << (failures - 1).min(32));
        let own = Duration::from_millis(doubled);
        let pause = own.max(asked_to_wait.unwrap_or_default());
        let most = match class {
            Class::Unreachable => cooldown.most_ms.min(MOST_UNREACHABLE_MS),
            _ => cooldown.most_ms,
        };
        let until = later(now, pause.min(Duration::from_millis(most)));
        Health { failures, class, until, is_probed: false }
    }

    /// What is left of it in a new process: nobody is left alone for longer than can have been meant, as clocks change, and
    /// a key that was refused may have been mended.
    pub(crate) fn remembered(self, now: Timestamp, cooldown: &Cooldown) -> Option<Health> {
        let most = later(now, Duration::from_millis(cooldown.most_ms.max(cooldown.probe_ms)));
        (self.class != Class::Auth).then(|| Health { until: self.until.min(most), ..self })
    }

    /// As if the last failure had not been counted yet.
    pub(crate) fn without_last(self) -> Health {
        Health { failures: self.failures.saturating_sub(1), ..self }
    }

    /// Whether the model may be asked now.
    pub fn rest(&self, now: Timestamp) -> Rest {
        match self.until <= now {
            // Whoever probed it has not come back in time.
            true => Rest::Probe,
            false => Rest::Cooling(self.until),
        }
    }

    /// While one request finds out.
    pub fn probed(self, now: Timestamp, cooldown: &Cooldown) -> Health {
        let until = later(now, Duration::from_millis(cooldown.probe_ms));
        Health { until, is_probed: true, ..self }
    }

    /// The same again, for a request that ended without finding out: the next one may.
    pub fn probe_over(self, now: Timestamp) -> Health {
        if self.is_probed { Health { until: now, is_probed: false, ..self } } else { self }
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    now.checked_add(pause).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
