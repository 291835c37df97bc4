//! One prompt file, read: what its front matter says, and the two templates. Strict: what a template names has to be there.

use base::{ContentHash, Tokens};
use minijinja::{Environment, UndefinedBehavior};
use models::Tier;
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Between the system part and the user part.
const DIVIDER: &str = "--- user ---\n";

/// A prompt file that can be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prompt {
    pub(crate) name: &'static str,
    pub(crate) front: FrontMatter,
    /// Empty where the agent goes on with a conversation.
    system: String,
    user: String,
    /// Of the whole file; recorded with each use.
    pub(crate) hash: ContentHash,
}

/// What the front matter says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrontMatter {
    /// Which part the agent plays.
    pub(crate) role: String,
    /// Which class of models it wants: `fast`, `balanced`, `quality`, or `by complexity` of the task.
    pub(crate) tier: String,
    /// What Baton does for it beside asking, sorted: of [`TOOLS`].
    pub(crate) tools: Vec<String>,
    /// How the reply is read: `edits`, `text`, or the name of a type in `replies`.
    pub(crate) reply: String,
    /// The most that it is told, code from the workspace apart.
    pub(crate) context: Tokens,
}

/// A rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The system message; empty where the agent goes on with a conversation.
    pub(crate) system: String,
    /// The user message.
    pub(crate) user: String,
}

/// What front matter may name as a tool.
const TOOLS: &[&str] = &["checks", "search", "shell"];
const TIERS: &[&str] = &["balanced", "by complexity", "fast", "quality"];

/// Steps that a template may take; the longest of Baton's own takes some hundreds. A workspace's own may go round for ever.
const FUEL: u64 = 100_000;

impl Prompt {
    /// Reads a file.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn parse(name: &'static str, source: &str) -> Result<Prompt, String> {
        // As an editor on another system saves it.
        let source = source.strip_prefix('\u{feff}').unwrap_or(source).replace("\r\n", "\n");
        let body = source.strip_prefix("---\n").ok_or("it does not begin with a line `---`")?;
        let (front, body) =
            body.split_once("\n---\n").ok_or("the front matter does not end with a line `---`")?;
        // An agent that only goes on with a conversation has no system part: its body begins with the divider.
        let (system, user) = match body.strip_prefix(DIVIDER) {
            Some(user) => ("", user),
            None => body.split_once(&format!("\n{DIVIDER}")).ok_or("no line `--- user ---`")?,
        };
        Ok(Prompt {
            name,
            front: FrontMatter::parse(front)?,
            system: system.to_owned(),
            user: user.to_owned(),
            hash: ContentHash::of(source.as_bytes()),
        })
    }

    /// Whether it can take the place of `own`: it may say something else, and play no other part.
    ///
    /// # Errors
    /// In words.
    pub(super) fn stands_for(&self, own: &Prompt) -> Result<(), String> {
        let (mine, theirs) = (&self.front, &own.front);
        let fault = |what: &str, mine: &str, theirs: &str| {
            (mine != theirs).then(|| format!("its `{what}` is `{mine}` and has to be `{theirs}`"))
        };
        let faults = [
            fault("role", &mine.role, &theirs.role),
            fault("reply", &mine.reply, &theirs.reply),
            fault("tools", &mine.tools.join(", "), &theirs.tools.join(", ")),
        ];
        let faults: Vec<String> = faults.into_iter().flatten().collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
    }

    /// The class of models that it wants; `None`: the task decides.
    pub(crate) fn tier(&self) -> Option<Tier> {
        // The other words of `TIERS` are those of classes.
        self.front.tier.parse().ok()
    }

    /// Fills the templates.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if a template names a value that `values` does not have.
    pub(crate) fn render(&self, values: &impl Serialize) -> Result<Rendered, Error> {
        let broken = |why: String| Error::BadRequest(format!("prompt file `{}`: {why}", self.name));
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        let values = serde_json::to_value(values)
            .and_then(minijinja::Value::deserialize)
            .map_err(|e| broken(e.to_string()))?;
        let render = |text: &str| {
            environment
                .render_str(text, values.clone())
                .map(|text| text.trim().to_owned())
                .map_err(|e| broken(format!("{e:#}")))
        };
        Ok(Rendered { system: render(&self.system)?, user: render(&self.user)? })
    }
}

impl FrontMatter {
    fn parse(front: &str) -> Result<FrontMatter, String> {
        let optional = |name: &str| {
            let mut fields = front.lines().filter_map(|line| line.split_once(':'));
            fields.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
        };
        let field = |name: &str| {
            let value = optional(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("no `{name}` in the front matter"))
        };
        let tier = field("tier")?;
        if !TIERS.contains(&tier.as_str()) {
            return Err(format!("`tier` is `{tier}` and has to be one of: {}", TIERS.join(", ")));
        }
        let tools = optional("tools").unwrap_or_default();
        let mut tools: Vec<String> =
            tools.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
        tools.sort_unstable();
        if let Some(stray) = tools.iter().find(|it| !TOOLS.contains(&it.as_str())) {
            return Err(format!("there is no tool `{stray}`; there are: {}", TOOLS.join(", ")));
        }
        let context = field("context_tokens")?;
        let n_tokens =
            context.parse().map_err(|e| format!("`context_tokens` is `{context}`: {e}"))?;
        Ok(FrontMatter {
            role: field("role")?,
            tier,
            tools,
            reply: field("reply")?,
            context: Tokens(n_tokens),
        })
    }
}

#[cfg(test)]
mod tests;
