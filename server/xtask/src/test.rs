//! `cargo xtask test`: everything the tests need, then the tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::command;
use crate::llama;
use crate::maven;
use crate::packages;
use crate::servers;
use crate::steps::Steps;
use crate::system;

/// The variable by which tests find MCP servers, apart from the `PATH`, and the manifest that names these.
const MCP_SERVERS: (&str, &str) = ("MCP_SERVERS", "mcp/package.json");

/// Options of `test`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave out the tests that start real programs, and install nothing
    #[arg(long)]
    fast: bool,
    /// Also those that ask a real llama-server; the first time it is built, in 12 minutes of processor time
    #[arg(long, conflicts_with = "fast")]
    slow: bool,
    /// Further arguments for `cargo test`, in place of `--workspace`
    #[arg(last = true)]
    cargo: Vec<OsString>,
}

/// # Errors
/// Something cannot be installed, or a test fails.
pub(crate) fn run(root: &Path, options: &Options) -> Result<()> {
    run_in(&mut Steps::default(), root, options)
}

/// All tests, as steps of a longer task.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_all(steps: &mut Steps, root: &Path) -> Result<()> {
    run_in(steps, root, &Options { fast: false, slow: false, cargo: Vec::new() })
}

fn run_in(steps: &mut Steps, root: &Path, options: &Options) -> Result<()> {
    let mut test = Command::new("cargo");
    // All failures at once: a round on a build machine takes minutes.
    test.args(["test", "--no-fail-fast"]).current_dir(root);
    if options.cargo.is_empty() {
        test.arg("--workspace");
    }
    test.args(&options.cargo);
    if options.fast {
        test.env_remove("RUN_SLOW_TESTS").env_remove(llama::SERVER);
        return steps.step("cargo test", || command::run(&mut test));
    }
    steps.step("system packages", system::ensure)?;
    let python = steps.step("Python packages", || packages::python(root))?;
    let node = steps.step("Node packages", || packages::node(root))?;
    steps.step("Maven packages", || maven::warm(root))?;
    let servers = steps.step("language servers", || servers::ensure(root))?;
    let tool_servers =
        steps.step("MCP servers", || packages::node_in(root, MCP_SERVERS.1, "mcp/node"))?;
    if options.slow {
        steps.step("compiler", system::ensure_compiler)?;
        let llama = steps.step("llama-server", || llama::ensure(root, &python))?;
        test.env(llama::SERVER, llama.server).env(llama::MODEL, llama.model);
    }
    let folders = [python, node].into_iter().chain(servers.go);
    test.env("PATH", path(folders)?);
    test.env(MCP_SERVERS.0, tool_servers);
    test.env("RUN_SLOW_TESTS", "1").env(servers::FOLDERS, servers.folders);
    steps.step("cargo test", || command::run(&mut test))
}

/// `PATH` with `folders` before all others.
fn path(folders: impl Iterator<Item = PathBuf>) -> Result<OsString> {
    let before = std::env::var_os("PATH").unwrap_or_default();
    Ok(std::env::join_paths(folders.chain(std::env::split_paths(&before)))?)
}
