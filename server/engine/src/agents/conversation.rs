//! A conversation as a model is sent it: whole as long as it is short, its middle in a line a turn when it has grown. What
//! was said is kept as it was; only what is sent is shortened.

use base::Tokens;
use models::{Message, Request, Role, Tier, count_tokens};
use serde::Serialize;

use crate::agents::prompt::Prompt;
use crate::error::Error;

/// What was said so far to an agent and by it. It only grows: what was said is never rewritten.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    /// What was last said to the agent.
    pub(crate) prompt: Prompt,
    pub(crate) messages: Vec<Message>,
    /// The class of models that is asked, unless the request names a model.
    pub(crate) tier: Tier,
}

impl Conversation {
    /// Begins with a prompt that has a system part.
    ///
    /// # Errors
    /// Those of [`Prompt::render`].
    pub(crate) fn begin(
        prompt: Prompt,
        tier: Tier,
        values: &impl Serialize,
    ) -> Result<Conversation, Error> {
        let rendered = prompt.render(values)?;
        let messages = vec![Message::system(rendered.system), Message::user(rendered.user)];
        Ok(Conversation { prompt, messages, tier })
    }

    /// What the agent has said.
    pub(crate) fn replied(&mut self, text: impl Into<String>) {
        self.messages.push(Message::assistant(text));
    }

    /// Goes on with a prompt that has a user part alone.
    ///
    /// # Errors
    /// Those of [`Prompt::render`].
    pub(crate) fn tell(&mut self, prompt: Prompt, values: &impl Serialize) -> Result<(), Error> {
        self.messages.push(Message::user(prompt.render(values)?.user));
        self.prompt = prompt;
        Ok(())
    }
}

/// A conversation with more tokens is shortened, so that a request does not grow with the number of attempts.
const LONG: Tokens = Tokens(24_000);

/// Of the turns at the end so many stay as they are: the last reply, and why it was refused.
const KEPT: usize = 2;

/// A line of a turn that is shortened.
const LINE_CHARS: usize = 200;

/// The conversation, shortened if it is long.
///
/// What it begins with stays the same, message by message, so that a server finds it in its cache.
pub(crate) fn compact(messages: &[Message]) -> Vec<Message> {
    let tokens: usize = messages.iter().map(|it| count_tokens(&it.content).0).sum();
    if tokens <= LONG.0 { messages.to_vec() } else { shortened(messages) }
}

/// A request that no model has room for, shortened; `None` if nothing can be left out.
pub(crate) fn shrink(request: &Request, _most: u64) -> Option<Request> {
    let messages = shortened(&request.messages);
    (messages.len() < request.messages.len()).then(|| Request { messages, ..request.clone() })
}

fn shortened(messages: &[Message]) -> Vec<Message> {
    // The rules and the task.
    let n_first = messages.iter().take_while(|it| it.role != Role::Assistant).count();
    let last = messages.len().saturating_sub(KEPT);
    let Some(middle) = messages.get(n_first..last).filter(|it| 1 < it.len()) else {
        return messages.to_vec();
    };
    let lines: Vec<String> = middle
        .iter()
        .map(|it| {
            let who = if it.role == Role::Assistant { "You replied" } else { "You were told" };
            format!("- {who}: {}", first_line(&it.content))
        })
        .collect();
    let summary = format!(
        "What was said in between, a line for each message; no earlier edit is in the files:\n{}",
        lines.join("\n")
    );
    let mut res = messages[..n_first].to_vec();
    res.push(Message::user(summary));
    res.extend_from_slice(&messages[last..]);
    res
}

/// The first line that says something.
fn first_line(text: &str) -> String {
    let line = text.lines().map(str::trim).find(|it| it.chars().any(char::is_alphanumeric));
    line.unwrap_or("(nothing)").chars().take(LINE_CHARS).collect()
}

#[cfg(test)]
mod tests;
