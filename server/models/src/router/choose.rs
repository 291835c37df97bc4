//! Who can be asked, in which order: a function of the request and of how things stand, and of nothing else.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::{Class, Health, ModelFacts, ModelName, Rest};

/// A model that may be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Which.
    pub name: ModelName,
    /// What is known of it.
    pub facts: ModelFacts,
    /// Tokens of the request by the model's own ruler, rather too many.
    pub input: u64,
}

/// How models and providers do that have failed, by `provider/model` and by `provider`.
pub type Healths = HashMap<String, Health>;

/// A member of the chain, and whether it can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its place in the chain.
    pub at: usize,
    /// Whether it can.
    pub fit: Fit,
}

/// Whether a model can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// At once.
    Ready,
    /// At once, by this request alone, which finds out whether it answers again.
    Probe,
    /// Not before a moment.
    Cooling {
        /// When.
        until: Timestamp,
        /// Why.
        class: Class,
        /// Whether another request is finding out, and may have an answer sooner.
        is_probed: bool,
    },
    /// Never: its context has so many tokens.
    TooSmall(u64),
    /// Never: it calls no tools.
    NoTools,
}

/// The models of `chain`: first those that can be asked, in the chain's order, then those that cool down, the one that is
/// free first before the others, then those that could serve a shorter request, then those that cannot serve it at all.
pub fn candidates(
    chain: &[Member],
    has_tools: bool,
    healths: &Healths,
    now: Timestamp,
) -> Vec<Candidate> {
    let fit = |Member { name, facts, input }: &Member| match facts.context_tokens {
        _ if has_tools && facts.tools == Some(false) => Fit::NoTools,
        Some(context) if context <= *input => Fit::TooSmall(context),
        _ => standing(name, healths, now),
    };
    let mut all: Vec<Candidate> =
        chain.iter().enumerate().map(|(at, it)| Candidate { at, fit: fit(it) }).collect();
    // Stable: what is equal stays in the chain's order.
    all.sort_by_key(|it| match it.fit {
        Fit::Ready | Fit::Probe => (0, Timestamp::MIN),
        Fit::Cooling { until, .. } => (1, until),
        Fit::TooSmall(_) => (2, Timestamp::MIN),
        Fit::NoTools => (3, Timestamp::MIN),
    });
    all
}

/// A model is as well as itself and its provider.
fn standing(name: &ModelName, healths: &Healths, now: Timestamp) -> Fit {
    if healths.is_empty() {
        return Fit::Ready;
    }
    let both = [healths.get(&name.to_string()), healths.get(&name.provider)];
    both.into_iter().flatten().fold(Fit::Ready, |worst, health| match health.rest(now) {
        Rest::Cooling(until) => match worst {
            Fit::Cooling { until: before, .. } if until <= before => worst,
            _ => Fit::Cooling { until, class: health.class, is_probed: health.is_probed },
        },
        Rest::Probe if worst == Fit::Ready => Fit::Probe,
        Rest::Probe | Rest::Ready => worst,
    })
}

#[cfg(test)]
mod tests;
