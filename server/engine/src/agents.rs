//! Agents are prompt files: front matter that says what they are for, and two strict templates. No prompt lives in code.

pub(crate) mod conversation;
pub(crate) mod fragment;
pub(crate) mod prompt;

use base::RelPath;

use crate::cx::Cx;
use crate::error::Error;
use prompt::Prompt;

/// An agent by its prompt file, `prompts/NAME.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) name: &'static str,
    source: &'static str,
}

/// The prompt files, each with a constant.
macro_rules! agents {
    ($($(#[$doc:meta])+ $constant:ident = $file:literal;)+) => {
        $($(#[$doc])+ pub(crate) const $constant: Agent = Agent {
            name: $file,
            source: include_str!(concat!("../prompts/", $file, ".md")),
        };)+
        /// Every prompt file, sorted by name.
        #[cfg(test)]
        pub(crate) const ALL: &[&Agent] = &[$(&$constant),+];
    };
}

agents! {
    /// Makes a plan.
    ARCHITECT = "architect";
    /// Says which commands make the files of a task.
    CLI = "cli";
    /// Writes edits for a task.
    CODER = "coder";
    /// Says what is wrong with a plan.
    CRITIC = "critic";
    /// Explains code.
    EXPLAINER = "explainer";
    /// Has the architect answer what the others have against a plan.
    MITIGATION = "mitigation";
    /// Makes a roadmap of a goal.
    ORCHESTRATOR = "orchestrator";
    /// Tells the architect why a plan cannot be built.
    REPLAN = "replan";
    /// Tells the cli why its commands were refused.
    RERUN = "rerun";
    /// Tells the coder why an edit was refused.
    RETRY = "retry";
    /// Says what is unsafe in a plan.
    SECURITY = "security";
    /// Says what of a plan cannot be tested.
    TESTABILITY = "testability";
    /// Writes tests.
    TESTER = "tester";
    /// Looks for what is wrong in code.
    VALIDATOR = "validator";
    /// Says whether a change does what was asked.
    VERIFIER = "verifier";
    /// Has a judge of a plan vote.
    VOTE = "vote";
}

impl Agent {
    /// Baton's own prompt.
    ///
    /// # Errors
    /// [`Error::Internal`] for a file that is none; a test reads all of them.
    pub(crate) fn own(self) -> Result<Prompt, Error> {
        Prompt::parse(self.name, self.source)
            .map_err(|why| Error::Internal(format!("prompt file `{}`: {why}", self.name)))
    }
}

/// Where a trusted workspace may have prompt files of its own.
const OVERRIDES: &str = ".baton/prompts";

impl Cx {
    /// The prompt of an agent: the workspace's own where it is trusted and has one, else Baton's.
    ///
    /// # Errors
    /// [`Error::BadRequest`] where the workspace's own is none, or is one of another agent.
    pub(crate) fn prompt(&self, agent: Agent) -> Result<Prompt, Error> {
        let own = agent.own()?;
        let root = self.workspace.root();
        if !self.workspace.store().is_trusted(root.as_str())? {
            return Ok(own);
        }
        let path = format!("{OVERRIDES}/{}.md", agent.name);
        let path = RelPath::parse(&path).map_err(|e| Error::Internal(e.to_string()))?;
        let Some(text) = self.workspace.vfs().read_disk(&path)? else { return Ok(own) };
        let refused = |why: String| Error::BadRequest(format!("the prompt file {path}: {why}"));
        let prompt = Prompt::parse(agent.name, &text).map_err(refused)?;
        prompt.stands_for(&own).map_err(refused)?;
        Ok(prompt)
    }
}

#[cfg(test)]
mod tests;
