//! What a JSON value is to JSON-RPC: a request, a response, or nothing that can be handled.
//!
//! Pure: it sends nothing and looks up no method.

use serde::Deserialize;
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Id, Request, Response};

#[cfg(test)]
mod tests;

/// One message of the client.
#[derive(Debug)]
pub(super) enum Message {
    /// A request, or without an id a notification.
    Request(Request),
    /// An answer to a request of ours.
    Response(Response),
    /// Not JSON-RPC; `id` is the sender's if it can be read, for the error that it gets.
    Refused { id: Id, reason: String },
}

/// Says what `value` is. `params: null` counts as no `params`, and so does anything in `shutdown` and `exit`, which
/// have none: clients differ in how they leave them out.
pub(super) fn classify(value: Value) -> Message {
    let mut fields = match value {
        Value::Object(fields) => fields,
        Value::Array(_) => {
            return refused(
                Id::Null,
                "batches are not part of LSP: send each message in its own frame",
            );
        }
        _ => return refused(Id::Null, "a message is a JSON object"),
    };
    let id = fields.get("id").and_then(|id| Id::deserialize(id).ok()).unwrap_or_default();
    if let Some(method) = fields.get("method") {
        let takes_none = matches!(method.as_str(), Some("shutdown" | "exit"));
        if takes_none || fields.get("params").is_some_and(Value::is_null) {
            fields.remove("params");
        }
        return match serde_json::from_value(Value::Object(fields)) {
            Ok(request) => Message::Request(request),
            Err(error) => refused(id, &format!("not a request: {error}")),
        };
    }
    let is_answer = fields.contains_key("result") || fields.contains_key("error");
    if id == Id::Null || !is_answer {
        return refused(
            id,
            "neither a request (`method`) nor a response (`id` with `result` or `error`)",
        );
    }
    // Whoever waits for this answer must not wait for ever because it is malformed.
    let response = serde_json::from_value(Value::Object(fields)).unwrap_or_else(|error| {
        let message = format!("the client's answer is malformed: {error}").into();
        Response::from_error(id, Error { message, ..Error::internal_error() })
    });
    Message::Response(response)
}

/// Whether `value` is the `exit` notification.
pub(super) fn is_exit(value: &Value) -> bool {
    value.get("method").is_some_and(|method| method == "exit")
}

fn refused(id: Id, reason: &str) -> Message {
    Message::Refused { id, reason: reason.to_owned() }
}
