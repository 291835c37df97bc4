//! The crate seen from outside, on real directories. No mock, no sleep: what happens later is waited for with a deadline.

#![allow(clippy::unwrap_used, reason = "a failing test is the report")]
#![allow(
    clippy::disallowed_methods,
    reason = "these tests play the part of other programs: they write files and start git"
)]

mod buffers;
mod git;
mod kill;
mod support;
mod walk;
mod watch;
mod write;
