//! Go: modules as the `go` command fetches them, tests with `go test`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{Place, Prepared, words};
use crate::command;

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let folder = place.once(|into| {
        let package = place.package;
        let module = format!("{}@{}", package.name, package.version);
        let said = command::output(
            Command::new("go").args(["mod", "download", "-json", &module]).current_dir(into),
        );
        let said: serde_json::Value =
            serde_json::from_str(&said.context("`go mod download` failed")?)?;
        let found = said["Sum"].as_str().unwrap_or_default();
        ensure!(found == package.sha256, "the module has the sum {found}, not {}", package.sha256);
        let source = said["Dir"].as_str().context("`go mod download` named no folder")?;
        let folder = into.join(package.name.rsplit('/').next().unwrap_or("module"));
        command::quiet(Command::new("cp").arg("-R").arg(Path::new(source)).arg(&folder))?;
        // The module cache is read-only.
        command::quiet(Command::new("chmod").args(["-R", "u+w"]).arg(&folder))?;
        command::quiet(Command::new("go").args(["mod", "download"]).current_dir(&folder))?;
        Ok(folder)
    })?;
    Ok(Prepared { folder, path: Vec::new(), tests: vec![words("go test ./...")], env: Vec::new() })
}
