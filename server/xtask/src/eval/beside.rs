//! Language servers, formatters and linters, as somebody who writes these languages has them beside Baton.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::languages::Prepared;
use crate::packages;
use crate::servers;

/// Lists of what is installed.
const PINS: [&str; 5] = [
    "tests/requirements.txt",
    "tests/package-lock.json",
    "tests/servers/requirements.txt",
    "tests/servers/package-lock.json",
    "tests/servers/go.txt",
];

/// What was installed.
#[derive(Debug)]
pub(super) struct Beside {
    /// Folders of programs.
    folders: Vec<PathBuf>,
    /// Which versions these are, in no special form.
    pub(super) pins: Vec<u8>,
}

impl Beside {
    /// Installs them, as for the tests.
    ///
    /// # Errors
    /// A package index fails.
    pub(super) fn ensure(root: &Path) -> Result<Beside> {
        let servers = servers::ensure(root)?;
        let own = [packages::python(root)?, packages::node(root)?];
        let folders =
            std::env::split_paths(&servers.folders).chain(own).chain(servers.go).collect();
        let mut pins = servers::GOPLS.as_bytes().to_vec();
        for list in PINS {
            pins.extend(std::fs::read(root.join(list)).with_context(|| list.to_owned())?);
        }
        Ok(Beside { folders, pins })
    }

    /// The developer's `PATH` behind them, and what the package needs before all.
    pub(super) fn path(&self, prepared: &Prepared) -> Result<OsString> {
        let before = std::env::var_os("PATH").unwrap_or_default();
        let own = prepared.path.iter().chain(&self.folders).cloned();
        Ok(std::env::join_paths(own.chain(std::env::split_paths(&before)))?)
    }
}
