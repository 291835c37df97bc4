//! Runs as their callers see them: a fixture in, the event log out. No process is started: the workspaces have no tests, so
//! nothing needs the sandbox; runs that do are tested with the real binary. Only `fresh` starts one: git, which switches branches.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod asking;
mod beside;
mod check;
mod choosing;
mod code;
mod coherence;
mod endings;
mod fresh;
mod meaning;
mod memory;
mod planned;
mod prompts;
mod resume;
mod schema;
mod search;
mod vectors;
mod workflows;
