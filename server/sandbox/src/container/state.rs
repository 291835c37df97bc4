//! Reads how a container ended from what the engine knows of it; what the command said is nobody's word for anything but a program that is
//! not there.

use serde::Deserialize;

use crate::End;

#[cfg(test)]
mod tests;

/// What an engine keeps of a container: the same words in Docker and Podman.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    pub(super) running: bool,
    #[serde(rename = "OOMKilled", default)]
    oom_killed: bool,
    exit_code: i32,
    #[serde(default)]
    error: String,
    started_at: String,
}

/// Why there is no end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failed {
    NotFound,
    /// The engine's words, if it had any.
    NotStarted(String),
    Engine(String),
}

/// The time at which what never started was started.
const NEVER: &str = "0001-01-01";
/// The largest number of a signal.
const SIGNALS: i32 = 64;

impl State {
    /// Of `inspect`.
    ///
    /// # Errors
    /// In words.
    pub(super) fn read(text: &str) -> Result<State, String> {
        serde_json::from_str(text).map_err(|error| format!("the engine's `inspect`: {error}"))
    }

    /// How the command ended. `stderr`: what it, or the init before it, said.
    pub(super) fn end(&self, stderr: &[u8]) -> Result<End, Failed> {
        if self.started_at.starts_with(NEVER) {
            return Err(Failed::NotStarted(self.error.clone()));
        }
        if self.oom_killed {
            return Ok(End::Memory);
        }
        if self.exit_code != 0 && has_no_command(stderr) {
            return Err(Failed::NotFound);
        }
        Ok(match self.exit_code {
            // The init says a signal this way, as shells do.
            code if 128 < code && code <= 128 + SIGNALS => End::Signal(code - 128),
            code => End::Exit(code),
        })
    }
}

/// Whether the init that engines put before a command could not start it. A command that says so itself is believed: it did not answer.
fn has_no_command(stderr: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&stderr[stderr.len().saturating_sub(1000)..]);
    let last = text.trim_end().lines().next_back().unwrap_or_default();
    let is_init = last.starts_with("[FATAL tini (") || last.starts_with("ERROR (catatonit:");
    is_init && last.ends_with("No such file or directory")
}

/// Whether an engine's words mean that the program is not in the image.
pub(super) fn is_not_found(said: &str) -> bool {
    let said = said.to_lowercase();
    said.contains("executable file") && said.contains("not found in $path")
        || said.contains("exec: ") && said.contains("no such file or directory")
        || said.contains("invoke a command that was not found")
}
