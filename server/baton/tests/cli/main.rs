//! The command line as its users type it: the real binary, its output, its exit codes. Each test has its own folders.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::disallowed_methods,
    reason = "these tests start the program and look at its files"
)]

mod costs;
mod demo;
mod doctor;
mod home;
mod review;
mod runs;
mod search;
mod settings;
mod signals;
