//! Agents are prompt files: front matter that says what they are for, and two strict templates. No prompt lives in code.

pub(crate) mod conversation;
pub(crate) mod fragment;

use base::{ContentHash, Tokens};
use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A prompt file. Its name is its id; all of them are in `ALL`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Agent {
    pub(crate) name: &'static str,
    source: &'static str,
}

/// Writes edits for a task.
pub(crate) const CODER: Agent =
    Agent { name: "coder", source: include_str!("../prompts/coder.md") };
/// Tells the coder why an edit was refused.
pub(crate) const RETRY: Agent =
    Agent { name: "retry", source: include_str!("../prompts/retry.md") };

/// Writes tests.
pub(crate) const TESTER: Agent =
    Agent { name: "tester", source: include_str!("../prompts/tester.md") };

/// Every prompt file.
#[cfg(test)]
pub(crate) const ALL: &[&Agent] = &[&CODER, &RETRY, &TESTER];

/// What the front matter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrontMatter {
    /// Which part the agent plays.
    pub(crate) role: String,
    /// Which class of models it wants: `fast`, `balanced`, `quality`, or `by complexity` of the task.
    pub(crate) tier: String,
    /// How the reply is read: `edits`, `text`.
    pub(crate) reply: String,
    /// Cap of the task fragment.
    pub(crate) task_tokens: Tokens,
}

/// A rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The system message; empty where the agent goes on with a conversation.
    pub(crate) system: String,
    /// The user message.
    pub(crate) user: String,
}

impl Agent {
    /// The hash of the file, recorded with each use.
    pub(crate) fn hash(&self) -> ContentHash {
        ContentHash::of(self.source.as_bytes())
    }

    /// # Errors
    /// [`Error::Internal`] for a file without valid front matter; a test reads all of them.
    pub(crate) fn front_matter(&self) -> Result<FrontMatter, Error> {
        Ok(self.split()?.0)
    }

    /// Fills the templates.
    ///
    /// # Errors
    /// [`Error::Internal`] if a template names a value that `values` does not have.
    pub(crate) fn render(&self, values: &impl Serialize) -> Result<Rendered, Error> {
        let (_, system, user) = self.split()?;
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let values = serde_json::to_value(values)
            .and_then(minijinja::Value::deserialize)
            .map_err(|e| self.broken(&e.to_string()))?;
        let render = |text: &str| {
            environment
                .render_str(text, values.clone())
                .map(|text| text.trim().to_owned())
                .map_err(|e| self.broken(&format!("{e:#}")))
        };
        Ok(Rendered { system: render(system)?, user: render(user)? })
    }

    fn split(&self) -> Result<(FrontMatter, &'static str, &'static str), Error> {
        let body =
            self.source.strip_prefix("---\n").ok_or_else(|| self.broken("no front matter"))?;
        let (front, body) =
            body.split_once("\n---\n").ok_or_else(|| self.broken("front matter without an end"))?;
        // An agent that only goes on with a conversation has no system part: its body begins with the divider.
        let (system, user) = match body.strip_prefix("--- user ---\n") {
            Some(user) => ("", user),
            None => body
                .split_once("\n--- user ---\n")
                .ok_or_else(|| self.broken("no line `--- user ---`"))?,
        };
        Ok((self.parse_front(front)?, system, user))
    }

    fn parse_front(&self, front: &str) -> Result<FrontMatter, Error> {
        let field = |name: &str| {
            front
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().to_owned())
                .ok_or_else(|| self.broken(&format!("no `{name}` in the front matter")))
        };
        let task_tokens = field("task_tokens")?;
        let task_tokens = task_tokens
            .parse()
            .map_err(|e| self.broken(&format!("task_tokens `{task_tokens}`: {e}")))?;
        Ok(FrontMatter {
            role: field("role")?,
            tier: field("tier")?,
            reply: field("reply")?,
            task_tokens: Tokens(task_tokens),
        })
    }

    fn broken(&self, why: &str) -> Error {
        Error::Internal(format!("prompt file `{}`: {why}", self.name))
    }
}

#[cfg(test)]
mod tests;
