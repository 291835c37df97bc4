//! The only crate that starts a process: what a command of the project sees, what it may use, and how it ends.
//!
//! A [`Job`] is a command over a [`View`] of a workspace. [`Sandbox::run`] answers with an [`Outcome`], whatever the
//! command did; [`Sandbox::open`] starts one that goes on and is talked to. The real tree is never written: what a job writes is thrown away, except the files that the job
//! collects and the caches that it keeps.
//!
//! Not here: which command to run and what its output means (`tools`), and whether a workspace is trusted (`engine`).

// The ban on starting processes elsewhere has one exception, and this crate is it.
#![allow(clippy::disallowed_methods, reason = "this crate owns processes")]

mod capture;
mod client;
mod collected;
mod container;
mod copy;
mod error;
mod guard;
mod job;
mod kubernetes;
mod level;
#[cfg(target_os = "linux")]
mod linux;
mod moved;
mod owner;
#[cfg(not(target_os = "linux"))]
mod portable;
mod rest;
mod sandbox;
mod scratch;
mod secrets;
mod session;
mod view;
mod which;

use std::{ffi::OsString, path::PathBuf};

pub use crate::{
    error::Error,
    job::{Cache, End, Job, Limits, Network, Outcome, View},
    level::{Container, Engine, Kubernetes, Level, Missing, Report, Setting},
    owner::name as owner,
    rest::{Rest, Resting},
    sandbox::Sandbox,
    session::{Session, Streams},
    which::{Programs, version, which},
};

/// The argument that marks a re-executed helper: `<exe> __sandbox ..`.
pub const HELPER: &str = "__sandbox";

/// Runs one half of the sandbox in a process of its own; never returns.
///
/// `args`: the process's arguments after its name; a leading [`HELPER`] is skipped. To be called before any thread
/// is started: namespaces can only be left by a process with one thread.
pub fn helper_main(args: impl Iterator<Item = OsString>) -> ! {
    let mut args = args.peekable();
    if args.peek().is_some_and(|arg| arg == HELPER) {
        args.next();
    }
    if args.next_if(|arg| arg == guard::ROLE).is_some() {
        guard::main(&args.next().map(PathBuf::from).unwrap_or_default());
    }
    #[cfg(target_os = "linux")]
    linux::helper(args);
    #[cfg(not(target_os = "linux"))]
    portable::helper(args);
}
