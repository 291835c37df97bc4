//! What the demo's model says, whatever it is asked: a tempting patch that is wrong, then the right one.

use engine::ModelName;
use fixture::{Script, Scripted};

/// The scripted server's name among the providers.
pub(super) const PROVIDER: &str = "scripted";

/// Repairs the failing test and breaks another one.
const TEMPTING: &str = include_str!("reply-tempting.md");
/// Repairs it.
const RIGHT: &str = include_str!("reply-right.md");

/// Pause before each piece of four characters: quick, and still seen to stream.
const PAUSE_MS: u64 = 9;

pub(super) fn model() -> ModelName {
    ModelName { provider: PROVIDER.to_owned(), model: "two-replies".to_owned() }
}

/// The tempting patch once, then always the right one: a script cannot answer to feedback.
pub(super) fn replies() -> Script {
    let mut first = true;
    Box::new(move |_| {
        let text = if first { TEMPTING } else { RIGHT };
        first = false;
        Scripted::Slow { text: text.to_owned(), delay_ms: PAUSE_MS }
    })
}
