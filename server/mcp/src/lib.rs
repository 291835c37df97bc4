//! The Model Context Protocol seen as a client: servers of tools that a person has configured, what they offer, what may be
//! called, and what came of a call.
//!
//! All that a server says is data of a stranger: bounded, without what a terminal obeys, and believed only where that narrows what
//! is allowed. Not here: serving clients of our own (`front-mcp`), and who calls a tool why (`engine`).

mod answer;
mod arguments;
mod client;
mod config;
mod connection;
mod error;
mod http;
mod lines;
mod names;
mod policy;
mod pool;
mod stdio;
mod tool;
mod words;

pub use crate::{
    answer::Answer,
    client::Progress,
    config::{Http, MAX_SERVERS, Program, Secret, ServerConfig, Variable, Via},
    error::Error,
    names::{safe_name, split_name},
    policy::{Decision, Policy, Rules},
    pool::{Call, Consent, Offered, Outcome, Pool, ServerTools, Tools},
    tool::{Hints, Tool},
};
