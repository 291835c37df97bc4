//! The whole front over in-memory pipes: a client that speaks raw messages, a real workspace, a scripted model.
//!
//! No process is started and no sandbox is needed: the workspaces here have no tests.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod client;
mod commands;
mod documents;
mod edits;
mod lifecycle;
mod review;
mod setup;
