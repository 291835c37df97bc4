//! Tests over an in-memory pipe with a real workspace on disk and a scripted model on loopback.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(clippy::disallowed_methods, reason = "tests lay out the files that they work on")]

mod client;
mod protocol;
mod runs;
mod schema;
mod search;
mod sharing;
