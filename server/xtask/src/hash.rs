//! Hashes of files, as registries publish them. It checks nothing.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;

/// The SHA-256 of a file.
///
/// # Errors
/// `sha256sum` does not run or cannot read the file.
pub(crate) fn sha256(path: &Path) -> Result<String> {
    let line = command::output(Command::new("sha256sum").arg(path))
        .with_context(|| format!("`sha256sum {}` failed", path.display()))?;
    let hash = line.trim_start_matches('\\').split_whitespace().next();
    hash.map(str::to_owned).context("`sha256sum` printed nothing")
}
