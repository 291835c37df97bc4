//! Runs a command of the developer's machine and shows which. It captures nothing and hides nothing.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Runs `command` in front of the developer.
///
/// # Errors
/// It cannot be started, or says that it failed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    quiet(command)
}

/// Runs `command` in front of the developer, without saying so.
///
/// # Errors
/// It cannot be started, or says that it failed.
pub(crate) fn quiet(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed: {status}");
    Ok(())
}

/// What `command` prints to its standard output, without white space around it; `None` if it does not run or fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// `command` as it would be typed.
fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
