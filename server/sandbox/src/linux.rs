//! The Linux backends: overlay, bubblewrap, Landlock, seccomp and limits, in three processes; policy is in `sandbox`.
//!
//! The *supervisor* (in the server) starts a *keeper* for each job and talks with it over a socket. The keeper lays out
//! the files and starts the *inner helper*, at the full level through bubblewrap. The inner helper confines itself
//! and starts the command. Each layer ends when the one above it does.

mod beneath;
mod bwrap;
mod disk;
mod fds;
mod filter;
mod host;
mod inner;
mod keeper;
mod mounts;
mod pids;
pub(crate) mod preflight;
mod rules;
pub(crate) mod session;
mod sockets;
pub(crate) mod supervisor;
mod toolchains;
mod tree;
mod wire;

use std::ffi::OsString;

/// Runs the helper that the first argument names.
pub(crate) fn helper(mut args: impl Iterator<Item = OsString>) -> ! {
    match args.next().as_ref().and_then(|role| role.to_str()) {
        Some("keeper") => keeper::main(),
        Some("inner") => inner::main(args),
        _ => std::process::exit(2),
    }
}
