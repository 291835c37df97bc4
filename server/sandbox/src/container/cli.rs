//! The client of Docker or Podman, and the words that it understands; what is asked of it, and why, is elsewhere.

use super::state::State;
use crate::client::{ASK_TIMEOUT, ask};

/// An engine's client.
#[derive(Debug, Clone)]
pub(super) struct Cli {
    /// Where it is.
    pub(super) program: String,
}

impl Cli {
    pub(super) fn argv(&self, args: &[&str]) -> Vec<String> {
        std::iter::once(self.program.as_str()).chain(args.iter().copied()).map(Into::into).collect()
    }

    /// Starts a container that was made, and carries its streams until it ends.
    pub(super) fn start(&self, name: &str) -> Vec<String> {
        self.argv(&["start", "--attach", "--interactive", name])
    }

    /// The engine's answer.
    ///
    /// # Errors
    /// The engine's words where it refuses.
    pub(super) async fn ask(&self, args: &[&str]) -> Result<String, String> {
        let answer = ask(&self.argv(args), &[], ASK_TIMEOUT).await?;
        if answer.is_success { Ok(answer.text()) } else { Err(answer.said()) }
    }

    /// What the engine knows of a container.
    ///
    /// # Errors
    /// In words.
    pub(super) async fn state(&self, name: &str) -> Result<State, String> {
        let args = ["inspect", "--type", "container", "--format", "{{json .State}}", name];
        State::read(&self.ask(&args).await?)
    }
}
