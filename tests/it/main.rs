//! The real binary, started as its users start it. Each test has its own folders and its own scripted model on loopback.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
#![allow(
    clippy::disallowed_methods,
    reason = "these tests start the program and look at its files"
)]

mod answers;
mod bad_input;
mod code;
mod deliver;
mod generated;
mod kill;
mod lsp;
mod mcp;
mod memory;
mod planned;
mod replay;
mod search;
mod support;
mod symbols;
mod tools;
mod verify;
