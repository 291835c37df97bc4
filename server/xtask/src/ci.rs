//! `cargo xtask ci`: everything that has to pass before a change is merged, cheapest first.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::command;
use crate::deny;
use crate::steps::Steps;
use crate::test;

/// # Errors
/// The first step that fails.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut steps = Steps::default();
    let cargo = |args: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(args).current_dir(root);
        cargo
    };
    steps.step("format", || command::run(&mut cargo(&["fmt", "--all", "--check"])))?;
    steps.step("lints", || {
        let args = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
        command::run(&mut cargo(&args))
    })?;
    test::run_all(&mut steps, root)?;
    steps.step("documentation", || {
        let args = ["doc", "--workspace", "--no-deps", "--document-private-items"];
        command::run(cargo(&args).env("RUSTDOCFLAGS", "-Dwarnings"))
    })?;
    steps.step("dependencies", || deny::run(root))
}
