//! Real runners, formatters and linters in the real sandbox; what needs a level that this machine lacks says so and is passed over.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests of processes, with processes"
)]
#![cfg(target_os = "linux")]

mod code;
mod compiled;
mod diagnostics;
mod formatters;
mod linters;
mod runners;
mod support;
