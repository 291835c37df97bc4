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
pub(crate) const GOPLS: &str = "golang.org/x/tools/gopls@v0.23.0";

/// What was installed.
#[derive(Debug)]
pub(crate) struct Installed {
    /// Folders of language servers, as in `PATH`.
    pub(crate) folders: OsString,
    /// The folder of a Go that belongs on the `PATH`: the system's is too old for the server of its language.
    pub(crate) go: Option<PathBuf>,
}

/// Installs those for Python, TypeScript, C++, Go and Rust.
///
/// # Errors
/// A package index fails, or `go` or `rustup` does.
pub(crate) fn ensure(root: &Path) -> Result<Installed> {
    let node = packages::node_in(root, "servers/package.json", "servers/node")?;
    let python =
        packages::environment(root, "servers/venv", &[("tests/servers/requirements.txt", &[])])?;
    let go = go(root)?;
    let gopls = gopls(root, go.as_deref())?;
    let rust = rust_analyzer(root)?;
    Ok(Installed { folders: std::env::join_paths([node, python, gopls, rust])?, go })
}

fn gopls(root: &Path, go: Option<&Path>) -> Result<PathBuf> {
    let folder = root.join(".cache/servers/go");
    let go = go.map_or_else(|| PathBuf::from("go"), |bin| bin.join("go"));
    let version = version(&go).context("go does not run")?;
    stamp::unless_fresh(&folder, &[GOPLS, &version], || {
        let mut install = Command::new(&go);
        install.args(["install", GOPLS]).env("GOBIN", &folder).env("GOTOOLCHAIN", "auto");
        command::run(&mut install)
    })?;
    Ok(folder)
}

/// Of the toolchain of this repository: in a project without one, rustup looks for it in the user's own.
fn rust_analyzer(root: &Path) -> Result<PathBuf> {
    let rustup = |args: &[&str]| {
        let mut rustup = Command::new("rustup");
        rustup.args(args).current_dir(root);
        rustup
    };
    let which = || command::output(&mut rustup(&["which", "rust-analyzer"]));
    if which().is_none() {
        command::run(&mut rustup(&["component", "add", "rust-analyzer"]))?;
    }
    let program = which().context("rustup does not know where its rust-analyzer is")?;
    Path::new(&program).parent().map(Path::to_owned).context("rust-analyzer lies in no folder")
}

/// The folder of a Go of our own, where the system's does not fetch a newer one of itself; so it is with Debian 12.
fn go(root: &Path) -> Result<Option<PathBuf>> {
    if version(Path::new("go")).is_some_and(|version| fetches_others(&version)) {
        return Ok(None);
    }
    packages::environment(root, "servers/go-itself", &[("tests/servers/go.txt", &[])]).map(Some)
}

fn version(go: &Path) -> Option<String> {
    command::output(Command::new(go).arg("version"))
}

/// Whether this is Go 1.21 or later, by what `go version` says.
fn fetches_others(version: &str) -> bool {
    let number = version.split_whitespace().find_map(|word| word.strip_prefix("go1."));
    let minor = number.and_then(|number| number.split('.').next()?.parse::<u32>().ok());
    minor.is_some_and(|minor| 21 <= minor)
}

#[cfg(test)]
mod tests;
