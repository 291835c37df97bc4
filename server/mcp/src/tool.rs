//! What a server says of its tools, bounded; whether they may be called is decided in `policy`.

use rmcp::model;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    names::is_tool_name,
    words::{Redactor, cut, plain},
};

#[cfg(test)]
mod tests;

/// Tools of one server beyond this are left out.
pub(crate) const MAX_TOOLS: usize = 128;
const MAX_TITLE: usize = 200;
const MAX_DESCRIPTION: usize = 4_000;
/// As JSON. A tool with a longer one is taken without it.
const MAX_SCHEMA: usize = 32 << 10;

/// One tool of a server. All of it is a stranger's word.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tool {
    /// Its server, by the name in the configuration.
    pub server: String,
    /// By what it is called.
    pub name: String,
    /// For people.
    pub title: Option<String>,
    /// What it is for.
    pub description: String,
    /// The JSON Schema of its arguments.
    pub schema: Value,
    /// What it says of itself.
    pub hints: Hints,
}

/// What a tool says of itself; nothing where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hints {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy something.
    pub destructive: Option<bool>,
    /// Calling it again changes nothing more.
    pub idempotent: Option<bool>,
    /// It deals with the world outside.
    pub open_world: Option<bool>,
}

impl Hints {
    /// Whether it says that it only reads, and does not say the contrary too.
    pub(crate) fn is_read_only(&self) -> bool {
        self.read_only == Some(true) && self.destructive != Some(true)
    }
}

impl Tool {
    /// Shown to people: `server/tool`.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }

    /// `None` for a name that cannot be shown, typed or passed on; else the tool, and what was left out of it.
    pub(crate) fn from_proto(
        server: &str,
        tool: model::Tool,
        redactor: &Redactor,
    ) -> Option<(Tool, Option<String>)> {
        if !is_tool_name(&tool.name) {
            return None;
        }
        let annotations = tool.annotations.unwrap_or_default();
        let hints = Hints {
            read_only: annotations.read_only_hint,
            destructive: annotations.destructive_hint,
            idempotent: annotations.idempotent_hint,
            open_world: annotations.open_world_hint,
        };
        let title = tool.title.or(annotations.title).map(|it| redactor.line(&it, MAX_TITLE));
        let title = title.filter(|it| !it.is_empty());
        let description = tool.description.as_deref().unwrap_or_default();
        let description = cut(redactor.redact_answer(&plain(description)).trim(), MAX_DESCRIPTION);
        let schema = Value::Object((*tool.input_schema).clone());
        let size = schema.to_string().len();
        let (schema, note) = if size <= MAX_SCHEMA {
            (readable(schema, redactor), None)
        } else {
            let note = format!("the schema of `{}` is left out: it has {size} bytes", tool.name);
            (serde_json::json!({ "type": "object" }), Some(note))
        };
        let name = tool.name.into_owned();
        Some((Tool { server: server.to_owned(), name, title, description, schema, hints }, note))
    }
}

/// A schema whose texts for readers are plain; what it demands stays as it is.
fn readable(schema: Value, redactor: &Redactor) -> Value {
    match schema {
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|it| readable(it, redactor)).collect())
        }
        Value::Object(members) => {
            let member = |(key, value): (String, Value)| {
                let value = match value {
                    Value::String(text) if matches!(key.as_str(), "description" | "title") => {
                        Value::String(redactor.redact_answer(&plain(&text)))
                    }
                    value => readable(value, redactor),
                };
                (key, value)
            };
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
        value => value,
    }
}
