//! The dependency tree against `deny.toml`, with cargo-deny, which is built once into the cache.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command;

const VERSION: &str = "0.20.2";

/// # Errors
/// cargo-deny cannot be built, or finds something.
pub(crate) fn run(root: &Path) -> Result<()> {
    let home = root.join(".cache/cargo-deny");
    let program = home.join("bin/cargo-deny");
    let version = command::output(Command::new(&program).arg("--version"));
    if version.as_deref() != Some(&format!("cargo-deny {VERSION}")) {
        // Unoptimised: it builds in two minutes of processor time, and its checks take seconds either way.
        command::run(
            Command::new("cargo")
                .args([
                    "install",
                    "cargo-deny",
                    "--version",
                    VERSION,
                    "--locked",
                    "--debug",
                    "--root",
                ])
                .arg(&home)
                .current_dir(root),
        )?;
    }
    let deny = |args: &[&str]| {
        let mut deny = Command::new(&program);
        deny.args(args).current_dir(root);
        deny
    };
    command::run(&mut deny(&["--log-level=error", "check", "bans", "licenses", "sources"]))?;
    if command::run(&mut deny(&["fetch", "db"])).is_err() {
        eprintln!("advisories: not checked, their database cannot be reached");
        return Ok(());
    }
    command::run(&mut deny(&["--log-level=error", "check", "advisories"]))
}
