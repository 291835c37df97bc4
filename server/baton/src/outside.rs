//! What the process was given: environment, working directory, its own file, the streams it talks on. Read once, here.
//!
//! It interprets nothing; nobody else in the program asks the system for any of this.
#![allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment and the current directory"
)]

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Context;
use base::AbsPathBuf;

/// The process's surroundings, as they were when it started.
#[derive(Debug, Clone)]
pub(crate) struct Outside {
    /// Environment variables; those that are not UTF-8 are left out.
    pub(crate) vars: BTreeMap<String, String>,
    /// The current directory.
    pub(crate) cwd: AbsPathBuf,
    /// The program's own file, which the sandbox starts again as its helper.
    pub(crate) exe: PathBuf,
    /// Whether each stream is a terminal.
    pub(crate) stdin_is_terminal: bool,
    pub(crate) stdout_is_terminal: bool,
    pub(crate) stderr_is_terminal: bool,
}

impl Outside {
    /// # Errors
    /// The current directory is gone or not UTF-8; the program's own file cannot be named.
    pub(crate) fn read() -> anyhow::Result<Outside> {
        let vars = std::env::vars_os()
            .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        let cwd = std::env::current_dir().context("the current directory cannot be read")?;
        Ok(Outside {
            vars: vars.collect(),
            cwd: AbsPathBuf::try_from(cwd)?,
            exe: std::env::current_exe().context("the program cannot find its own file")?,
            stdin_is_terminal: std::io::stdin().is_terminal(),
            stdout_is_terminal: std::io::stdout().is_terminal(),
            stderr_is_terminal: std::io::stderr().is_terminal(),
        })
    }

    /// A variable that is set to something.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// An XDG base directory: the variable if it is absolute, else `fallback` below the home directory.
    ///
    /// Source: XDG Base Directory Specification 0.8; used on macOS too, so that one description fits both systems.
    fn base_dir(&self, name: &str, fallback: &str) -> anyhow::Result<PathBuf> {
        if let Some(dir) = self.var(name).map(PathBuf::from).filter(|dir| dir.is_absolute()) {
            return Ok(dir);
        }
        let home = self.var("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let home = home.with_context(|| format!("neither HOME nor {name} is set"))?;
        Ok(home.join(fallback))
    }

    /// The user's own settings file, whether or not it exists.
    pub(crate) fn user_config(&self) -> anyhow::Result<PathBuf> {
        Ok(self.base_dir("XDG_CONFIG_HOME", ".config")?.join("baton/config.toml"))
    }

    /// Where what Baton keeps of all workspaces lives.
    pub(crate) fn data_home(&self) -> anyhow::Result<PathBuf> {
        Ok(self.base_dir("XDG_DATA_HOME", ".local/share")?.join("baton"))
    }

    /// Where what Baton keeps of the workspace at `root` lives.
    pub(crate) fn data_dir(&self, root: &AbsPathBuf) -> anyhow::Result<PathBuf> {
        Ok(self.data_home()?.join(data_name(root)))
    }
}

/// `<name>-<hash>`: readable, and one for each root.
pub(crate) fn data_name(root: &AbsPathBuf) -> String {
    let name: String = root
        .as_path()
        .file_name()
        .unwrap_or("root")
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' })
        .take(40)
        .collect();
    let hash = base::ContentHash::of(root.as_str().as_bytes()).hex();
    format!("{}-{}", name.trim_start_matches('.'), &hash[..16])
}

#[cfg(test)]
mod tests;
