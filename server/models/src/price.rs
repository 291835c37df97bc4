//! What tokens cost. Sums are whole millionths of a dollar, so that they add up.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Usage;

/// Dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Of a request.
    pub input: f64,
    /// Of an answer and of thinking.
    pub output: f64,
    /// Of a request, those that the server had in its cache; as `input` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
    /// Of a request, those that the server wrote to its cache; as `input` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<f64>,
    /// Longer requests cost more, all of their tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<LongPrices>,
}

/// Dollars for a million tokens of long requests and their answers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LongPrices {
    /// A request with more tokens than this is a long one.
    pub above: u64,
    /// Of a request.
    pub input: f64,
    /// Of an answer.
    pub output: f64,
    /// Of a request, those that the server had in its cache; as `input` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached: Option<f64>,
}

/// No call costs more than 18 million dollars. A larger number would make sums of all calls overflow.
const MOST_MICROS: u64 = 1 << 44;

impl Prices {
    pub(crate) const FREE: Prices =
        Prices { input: 0.0, output: 0.0, cached: None, written: None, long: None };

    /// What a call has cost.
    pub fn of(&self, usage: &Usage) -> Money {
        let rate = self.rate(usage.input);
        let cached = usage.cached.min(usage.input);
        let written = usage.written.min(usage.input - cached);
        let plain = usage.input - cached - written;
        let sums = [
            (plain, rate.input),
            (cached, rate.cached.unwrap_or(rate.input)),
            (written, rate.written.unwrap_or(rate.input)),
            (usage.output, rate.output),
        ];
        Money::rounded_up(sums.into_iter().map(|(tokens, price)| tokens as f64 * price).sum())
    }

    /// What a call with so many tokens may cost at most.
    pub fn worst(&self, input: u64, output: u64) -> Money {
        let rate = self.rate(input);
        let dearest = rate.input.max(rate.written.unwrap_or(0.0)).max(rate.cached.unwrap_or(0.0));
        Money::rounded_up(input as f64 * dearest + output as f64 * rate.output)
    }

    fn rate(&self, input: u64) -> Prices {
        match self.long {
            Some(long) if long.above < input => Prices {
                input: long.input,
                output: long.output,
                cached: long.cached,
                // A server that has prices for long requests asks as much more for what it keeps.
                written: self.written.map(|it| it * long.input / self.input.max(f64::MIN_POSITIVE)),
                long: None,
            },
            _ => *self,
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        let long =
            self.long.into_iter().flat_map(|it| [Some(it.input), Some(it.output), it.cached]);
        [Some(self.input), Some(self.output), self.cached, self.written]
            .into_iter()
            .chain(long)
            .flatten()
            .all(|it| it.is_finite() && 0.0 <= it)
    }
}

/// Millionths of a dollar.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Money(pub u64);

impl Money {
    /// So many dollars.
    pub fn dollars(dollars: f64) -> Money {
        Money((dollars * 1e6).round() as u64)
    }

    /// A price for a million tokens times tokens is millionths already.
    fn rounded_up(micros: f64) -> Money {
        Money((micros.ceil() as u64).min(MOST_MICROS))
    }
}

impl fmt::Display for Money {
    /// `$12.34`, with as many digits as small sums need.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dollars = self.0 as f64 / 1e6;
        match self.0 {
            0 => f.write_str("$0"),
            1..100 => write!(f, "${dollars:.6}"),
            100..100_000 => write!(f, "${dollars:.4}"),
            _ => write!(f, "${dollars:.2}"),
        }
    }
}

impl std::ops::Add for Money {
    type Output = Money;

    fn add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(all: I) -> Money {
        all.fold(Money(0), |sum, it| sum + it)
    }
}

#[cfg(test)]
mod tests;
