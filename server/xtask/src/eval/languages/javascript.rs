//! JavaScript: packages as `npm pack` fetches them, tests with Node's own runner.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Place, Prepared, check_hash, unpack, words};
use crate::command;

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let folder = place.once(|into| {
        let package = place.package;
        let said = command::output(
            Command::new("npm")
                .args(["pack", "--silent", &format!("{}@{}", package.name, package.version)])
                .current_dir(&place.archives),
        );
        let name = said.context("`npm pack` failed")?;
        let archive = place.archives.join(name.lines().last().unwrap_or_default().trim());
        check_hash(&archive, &package.sha256)?;
        let folder = unpack(&archive, into)?;
        install(&folder, &package.requires)?;
        Ok(folder)
    })?;
    Ok(Prepared { folder, path: Vec::new(), tests: vec![words("node --test")], env: Vec::new() })
}

/// What the package and its tests need, not what its authors develop with: npm would look all of that up too.
fn install(folder: &Path, requires: &[String]) -> Result<()> {
    let manifest = std::fs::read_to_string(folder.join("package.json"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let dependencies = manifest.get("dependencies").cloned().unwrap_or_else(|| json!({}));
    if requires.is_empty() && dependencies.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(());
    }
    let scratch = tempfile::tempdir()?;
    let manifest = json!({"private": true, "dependencies": dependencies});
    std::fs::write(scratch.path().join("package.json"), manifest.to_string())?;
    command::quiet(
        Command::new("npm")
            .args(["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"])
            .args(requires)
            .current_dir(&scratch),
    )?;
    let modules = scratch.path().join("node_modules");
    command::quiet(Command::new("cp").arg("-R").arg(modules).arg(folder))
}
