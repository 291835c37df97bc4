//! Real processes in the real sandbox; what needs a level that this machine lacks says so and is passed over.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "tests of processes, with processes"
)]
#![cfg(target_os = "linux")]

mod answers;
mod attacks;
mod caches;
mod cancels;
mod cluster;
mod collect;
mod containers;
mod ends;
mod engines;
mod lesser;
mod network;
mod outside;
mod programs;
mod sessions;
mod support;
mod view;
