//! Tests over an in-memory pipe with a real workspace on disk and a scripted model on loopback.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests set up their own files, and await what they start"
)]

mod client;
mod code;
mod protocol;
mod runs;
mod schema;
mod search;
mod sharing;
