//! Starts the scripts of the recipe in their own environment. It knows none of their arguments.

use std::process::Command;

use anyhow::Result;

use super::{Places, environment};
use crate::command;

/// Runs `training/embedding/<script>` with what `arguments` adds.
///
/// # Errors
/// The environment cannot be made, or the script fails.
pub(super) fn run(
    places: &Places,
    script: &str,
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<()> {
    let mut python = Command::new(environment(places)?.join("python"));
    python.arg(places.recipe.join(script)).env("PYTHONUNBUFFERED", "1");
    command::run(arguments(&mut python))
}
