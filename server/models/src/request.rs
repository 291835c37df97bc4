//! What is asked of a model and what comes back: plain values.
//!
//! No wire format (see `providers`) and no prompts.

use serde::{Deserialize, Serialize};

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
}

/// One turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// A whole question to a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The conversation so far, oldest first.
    pub messages: Vec<Message>,
    /// Most tokens to answer with; the server's own limit if absent.
    pub max_tokens: Option<u32>,
    /// 0 is the most predictable; the server's own if absent.
    pub temperature: Option<f32>,
    /// Texts at which the answer ends; OpenAI takes four at most.
    pub stop: Vec<String>,
}

impl Request {
    /// Identifies what was asked of `model`: 16 hex digits, the same in every process and on every machine.
    pub(crate) fn hash(&self, model: &str) -> String {
        // Written field by field, so that the order of keys cannot change with a feature of serde_json.
        let text =
            serde_json::to_string(&(model, self)).expect("strings and numbers always serialise");
        base::ContentHash::of(text.as_bytes()).hex()[..16].to_owned()
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
    /// The end.
    Done(Done),
}

/// How an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Why it ended.
    pub finish: Finish,
    /// What it took.
    pub usage: Usage,
}

/// Why an answer ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The model had said all, or met a stop text.
    Stop,
    /// The limit of tokens was reached: the answer is not whole.
    Length,
    /// The model or a filter of the server would not answer.
    Refused,
    /// The server's own word.
    Other(String),
}

/// Tokens of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request, those from a cache too.
    pub input: u64,
    /// Tokens of the answer and of the thinking.
    pub output: u64,
    /// Tokens of the request that the server had in its cache.
    pub cached: u64,
    /// The server did not count: these numbers are [`count_tokens`](crate::count_tokens)'s.
    pub estimated: bool,
}

#[cfg(test)]
mod tests;
