//! JavaScript: packages as `npm pack` fetches them, tests with Node's own runner.

use std::process::Command;

use anyhow::{Context, Result};

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
        // What the package and its tests need, not what its authors develop with.
        command::quiet(
            Command::new("npm")
                .args(["install", "--silent", "--no-save", "--omit=dev", "--ignore-scripts"])
                .args(["--no-audit", "--no-fund", "--no-package-lock"])
                .args(&package.requires)
                .current_dir(&folder),
        )?;
        Ok(folder)
    })?;
    Ok(Prepared { folder, path: Vec::new(), tests: vec![words("node --test")], env: Vec::new() })
}
