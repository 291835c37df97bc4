//! Servers of tools in the real sandbox: real ones, and ones that do everything wrong. What needs a level that this machine lacks, or a
//! program that is not installed, says so and is passed over.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests of processes, with processes"
)]
#![cfg(target_os = "linux")]

mod faulty;
mod http;
mod policy;
mod real;
mod support;
