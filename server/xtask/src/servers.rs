//! Language servers that the slow tests drive, in folders of the cache and not on the `PATH`: tests that are not about them
//! must not find them by chance.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::command;
use crate::packages;
use crate::stamp;

/// The variable by which tests find them: folders, as in `PATH`.
pub(crate) const FOLDERS: &str = "LANGUAGE_SERVERS";

/// Built from source: Go publishes no programs. Pinned here, and by the checksums that Go keeps of all modules.
const GOPLS: &str = "golang.org/x/tools/gopls@v0.23.0";

/// Installs those for Python, TypeScript, C++ and Go; the one for Rust comes with the toolchain.
///
/// # Errors
/// A package index fails, or `go` does.
pub(crate) fn ensure(root: &Path) -> Result<OsString> {
    let node = packages::node_in(root, "servers/package.json", "servers/node")?;
    let python =
        packages::environment(root, "servers/venv", &[("tests/servers/requirements.txt", &[])])?;
    let go = gopls(root)?;
    Ok(std::env::join_paths([node, python, go])?)
}

fn gopls(root: &Path) -> Result<PathBuf> {
    let folder = root.join(".cache/servers/go");
    let version = command::output(Command::new("go").arg("version")).context("go does not run")?;
    stamp::unless_fresh(&folder, &[GOPLS, &version], || {
        // Where it wants a newer Go than there is, Go fetches that.
        let mut install = Command::new("go");
        install.args(["install", GOPLS]).env("GOBIN", &folder).env("GOTOOLCHAIN", "auto");
        command::run(&mut install)
    })?;
    Ok(folder)
}
