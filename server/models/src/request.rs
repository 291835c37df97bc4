//! What is asked of a model and what comes back: plain values.
//!
//! No wire format (see `providers`) and no prompts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The rules of the conversation.
    System,
    /// The one who asks.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called.
    Tool,
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
    /// Of the model: the tools that it called.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Of a tool: the id of the call that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<String>,
}

impl Message {
    /// The rules.
    pub fn system(content: impl Into<String>) -> Message {
        Message::of(Role::System, content)
    }

    /// A question.
    pub fn user(content: impl Into<String>) -> Message {
        Message::of(Role::User, content)
    }

    /// What the model said.
    pub fn assistant(content: impl Into<String>) -> Message {
        Message::of(Role::Assistant, content)
    }

    /// What the tool that was called as `id` returned.
    pub fn tool(id: &str, content: impl Into<String>) -> Message {
        Message { answers: Some(id.to_owned()), ..Message::of(Role::Tool, content) }
    }

    fn of(role: Role, content: impl Into<String>) -> Message {
        Message { role, content: content.into(), calls: Vec::new(), answers: None }
    }
}

/// A tool that a model may ask to have run. Baton runs it, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// JSON Schema of an object.
    pub parameters: Value,
}

/// A model asks for a tool to be run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call in the answer to it. Made up where the server has none.
    pub id: String,
    /// The tool. It may be one that does not exist.
    pub name: String,
    /// JSON, as the model wrote it: see [`parse_json`](crate::parse_json).
    pub arguments: String,
}

/// What an answer must look like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Letters, digits, `_` and `-`; some servers want a name.
    pub name: String,
    /// JSON Schema of an object.
    pub schema: Value,
}

/// A whole question to a model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation so far, oldest first.
    pub messages: Vec<Message>,
    /// Most tokens to answer with; the server's own limit if absent.
    pub max_tokens: Option<u32>,
    /// What a budget leaves for the answer: a limit too, and no part of what is asked.
    #[serde(skip)]
    pub cap: Option<u32>,
    /// 0 is the most predictable; the server's own if absent.
    pub temperature: Option<f32>,
    /// Texts at which the answer ends; OpenAI takes four at most.
    pub stop: Vec<String>,
    /// What the model may call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<Tool>,
    /// The answer must be a call of a tool.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub must_call: bool,
    /// The answer must be JSON of this shape. The server sees to it where it can; what comes is checked by
    /// [`Router::json`](crate::Router::json).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Schema>,
}

impl Request {
    /// A conversation, with nothing else said.
    pub fn of(messages: Vec<Message>) -> Request {
        Request { messages, ..Request::default() }
    }

    /// Most tokens to answer with, whoever says so.
    pub(crate) fn limit(&self) -> Option<u32> {
        self.max_tokens.into_iter().chain(self.cap).min()
    }

    /// What the system says, for formats that have a place of its own for it.
    pub(crate) fn system_text(&self) -> Option<String> {
        let system = self.messages.iter().filter(|it| it.role == Role::System);
        let texts: Vec<&str> =
            system.map(|it| it.content.as_str()).filter(|it| !it.is_empty()).collect();
        (!texts.is_empty()).then(|| texts.join("\n\n"))
    }

    /// Identifies what was asked of `model`: 16 hex digits, the same in every process and on every machine.
    pub(crate) fn hash(&self, model: &str) -> String {
        self.key(model)[..16].to_owned()
    }

    /// The same with 64 hex digits, which no other request has.
    pub(crate) fn key(&self, model: &str) -> String {
        // Written field by field, so that the order of keys cannot change with a feature of serde_json.
        let text =
            serde_json::to_string(&(model, self)).expect("strings and numbers always serialise");
        base::ContentHash::of(text.as_bytes()).hex()
    }
}

/// A piece of an answer. `Done` is the last one of a whole answer and comes once; otherwise the stream ends with an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delta {
    /// More of the answer; not empty.
    Text(String),
    /// More of what the model thinks before it answers; not empty.
    Thinking(String),
    /// A tool is to be run. It comes whole, after the text.
    Call(ToolCall),
    /// The end.
    Done(Done),
}

impl Delta {
    /// The same, kept from before.
    pub(crate) fn kept(self) -> Delta {
        match self {
            Delta::Done(done) => Delta::Done(Done { kept: true, ..done }),
            other => other,
        }
    }
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Why it ended.
    pub finish: Finish,
    /// What it took.
    pub usage: Usage,
    /// It was kept from before: nobody was asked, and nothing is paid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model had said all, or met a stop text.
    Stop,
    /// It waits for the tools that it called.
    Calls,
    /// The limit of tokens was reached: the answer is not whole.
    Length,
    /// The model or a filter of the server would not answer.
    Refused,
    /// The server's own word.
    Other(String),
}

/// Tokens of one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request, those from a cache and those written to one too.
    pub input: u64,
    /// Tokens of the answer and of the thinking.
    pub output: u64,
    /// Of the request's tokens, those that the server had in its cache.
    pub cached: u64,
    /// Of the request's tokens, those that the server wrote to its cache.
    #[serde(default)]
    pub written: u64,
    /// The server did not count: these numbers are [`count_tokens`](crate::count_tokens)'s.
    pub estimated: bool,
}

#[cfg(test)]
mod tests;
