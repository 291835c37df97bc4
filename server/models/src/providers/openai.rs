//! Chat completions as OpenAI defined them and most servers speak them.
//!
//! Several choices and the Responses API are left out: Baton asks for none.

use std::sync::Arc;

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use serde_json::{Value, json};

use super::{Parts, Provider};
use crate::{
    Delta, Error, Finish, Message, Request, Role, Site,
    classify::Refusal,
    json::in_words,
    presets::Shapes,
    reply::{self, Counted, Fault, Piece},
    wire::{Answer, Body, Wire},
};

/// How many fields of a request may be given up before the server's refusal stands.
const MAX_DROPPED: usize = 5;

pub(super) fn make(parts: Parts<'_>) -> Arc<dyn Provider> {
    let wire = parts.wire();
    let (limit_field, stream_options) = (parts.settings.limit_field, parts.settings.stream_options);
    let shapes = parts.settings.shapes;
    Arc::new(OpenAi { wire, limit_field, stream_options, shapes })
}

struct OpenAi {
    wire: Arc<Wire>,
    limit_field: &'static str,
    stream_options: bool,
    shapes: Shapes,
}

impl Provider for OpenAi {
    fn name(&self) -> &str {
        self.wire.provider()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let body = self.body(model, request);
        let (wire, site, request) =
            (Arc::clone(&self.wire), self.wire.site(model), Arc::new(request.clone()));
        let opened = async move {
            let answer = open(&wire, body, &site, &request).await?;
            Ok::<_, Error>(reply::deltas(answer.frames(), read, wire, site, request))
        };
        opened.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let models = self.wire.list(&["models"], "data").await?;
            Ok(models.iter().filter_map(|it| it["id"].as_str()).map(str::to_owned).collect())
        }
        .boxed()
    }

    fn redact(&self, text: &str) -> String {
        self.wire.redactor().redact(text)
    }
}

impl OpenAi {
    fn body(&self, model: &str, request: &Request) -> Value {
        let mut body = json!({"model": model, "messages": messages(request), "stream": true});
        if self.stream_options {
            body["stream_options"] = json!({"include_usage": true});
        }
        if let Some(max_tokens) = request.limit() {
            body[self.limit_field] = json!(max_tokens);
        }
        if let Some(temperature) = request.temperature {
            body["temperature"] = json!(temperature);
        }
        if !request.stop.is_empty() {
            body["stop"] = json!(request.stop);
        }
        if !request.tools.is_empty() {
            let tool = |it| json!({"type": "function", "function": it});
            body["tools"] = request.tools.iter().map(tool).collect();
        }
        if request.must_call {
            body["tool_choice"] = json!("required");
        }
        if let Some(schema) = &request.schema {
            match self.shapes {
                Shapes::Schema => {
                    let mut shape = json!(schema);
                    shape["strict"] = json!(can_be_strict(&schema.schema));
                    body["response_format"] = json!({"type": "json_schema", "json_schema": shape});
                }
                Shapes::Object => {
                    body["response_format"] = json!({"type": "json_object"});
                    ask_in_words(&mut body, request);
                }
            }
        }
        body
    }
}

/// Whether the server can hold an answer to this schema letter by letter: that takes objects whose members are all known and all
/// required. Others are only a guide to it, and what comes is checked here.
fn can_be_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => {
            let is_choice = map.contains_key("oneOf") || map.contains_key("allOf");
            let is_object = map.get("type").is_some_and(|it| it == "object");
            let properties = map.get("properties").and_then(Value::as_object);
            let n_required = map.get("required").and_then(Value::as_array).map_or(0, Vec::len);
            let is_closed = map.get("additionalProperties") == Some(&Value::Bool(false))
                && properties.map_or(0, serde_json::Map::len) == n_required;
            !is_choice && (!is_object || is_closed) && map.values().all(can_be_strict)
        }
        Value::Array(items) => items.iter().all(can_be_strict),
        _ => true,
    }
}

fn messages(request: &Request) -> Vec<Value> {
    let message = |Message { role, content, calls, answers }: &Message| {
        let mut res = json!({"role": role, "content": content});
        if !calls.is_empty() {
            let call = |it: &crate::ToolCall| {
                let function = json!({"name": it.name, "arguments": it.arguments});
                json!({"id": it.id, "type": "function", "function": function})
            };
            res["tool_calls"] = calls.iter().map(call).collect();
        }
        if let (Role::Tool, Some(id)) = (role, answers) {
            res["tool_call_id"] = json!(id);
        }
        res
    };
    request.messages.iter().map(message).collect()
}

/// Says in the conversation what shape the answer must have, for a server that cannot see to it.
fn ask_in_words(body: &mut Value, request: &Request) {
    if let (Some(schema), Some(messages)) = (&request.schema, body["messages"].as_array_mut()) {
        messages.push(json!({"role": "user", "content": in_words(schema)}));
    }
}

/// Asks, and asks again without a field that this model does not take: OpenAI's reasoning models refuse a temperature
/// and stop texts, older servers refuse `stream_options`.
async fn open(
    wire: &Wire,
    mut body: Value,
    site: &Arc<Site>,
    request: &Request,
) -> Result<Body, Error> {
    let mut n_dropped = 0;
    loop {
        let refusal = match wire.post(&["chat", "completions"], &body, site).await? {
            Answer::Body(answer) => return Ok(answer),
            Answer::Refused(refusal) => refusal,
        };
        let field = refusal.refused_field();
        let dropped = field.as_deref().is_some_and(|field| drop_field(&mut body, field));
        if !dropped || n_dropped == MAX_DROPPED {
            return Err(wire.refused(refusal, site));
        }
        if field.as_deref() == Some("response_format") {
            ask_in_words(&mut body, request);
        }
        n_dropped += 1;
    }
}

/// Takes an optional field out, or gives the limit the other of its two names, as a budget counts on it; false if nothing can
/// be given up.
fn drop_field(body: &mut Value, field: &str) -> bool {
    let Some(fields) = body.as_object_mut() else { return false };
    match (field, fields.remove(field)) {
        (_, None) => false,
        ("max_tokens", Some(limit)) => {
            fields.insert("max_completion_tokens".to_owned(), limit).is_none()
        }
        ("max_completion_tokens", Some(limit)) => {
            fields.insert("max_tokens".to_owned(), limit).is_none()
        }
        ("temperature" | "stop" | "stream_options" | "response_format", Some(_)) => true,
        (_, Some(_)) => false,
    }
}

/// Source: OpenAI API reference, "Streaming"; `reasoning_content` from DeepSeek, `reasoning` from OpenRouter and Groq.
fn read(frame: &str) -> Result<Vec<Piece>, Fault> {
    if frame.trim() == "[DONE]" {
        return Ok(vec![Piece::End]);
    }
    let value: Value = serde_json::from_str(frame).map_err(|_| Fault::Malformed)?;
    let error = &value["error"];
    if !error.is_null() {
        return Err(Fault::Refused(Refusal::in_stream(error)));
    }
    if value["object"] == "error" {
        return Err(Fault::Refused(Refusal::in_stream(&value)));
    }
    if !value.is_object() {
        return Err(Fault::Malformed);
    }
    let mut pieces = Vec::new();
    let choice = &value["choices"][0];
    // `message` in place of `delta` where the answer comes in one piece.
    let delta = if choice["delta"].is_object() { &choice["delta"] } else { &choice["message"] };
    for key in ["reasoning_content", "reasoning"] {
        if let Some(text) = delta[key].as_str() {
            pieces.push(Piece::Thinking(text.to_owned()));
            break;
        }
    }
    pieces.push(Piece::Text(content(&delta["content"])));
    for (at, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
        pieces.extend(call_pieces(at, call));
    }
    // Some servers fill absent fields with empty texts, in every frame.
    let text_in = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    if let Some(text) = text_in(&delta["refusal"]) {
        pieces.extend([Piece::Text(text), Piece::Finish(Finish::Refused)]);
    } else if let Some(reason) = text_in(&choice["finish_reason"]) {
        pieces.push(Piece::Finish(finish(&reason)));
    }
    if let Some(usage) = value["usage"].as_object() {
        let number = |key: &str| usage.get(key).and_then(Value::as_u64);
        let cached = value["usage"]["prompt_tokens_details"]["cached_tokens"].as_u64();
        // Some servers report a usage without numbers until the last chunk.
        pieces.push(Piece::Usage(Counted {
            input: number("prompt_tokens"),
            output: number("completion_tokens"),
            cached: cached.or_else(|| number("prompt_cache_hit_tokens")),
            written: None,
        }));
    }
    Ok(pieces)
}

/// The first piece of a call has its id and name; Mistral and some others send all of it in one, without a number.
fn call_pieces(at: usize, call: &Value) -> [Piece; 2] {
    let number = call["index"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(at);
    let text = |value: &Value| value.as_str().filter(|it| !it.is_empty()).map(str::to_owned);
    let function = &call["function"];
    let json = match &function["arguments"] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        object => object.to_string(),
    };
    let name = text(&function["name"]).unwrap_or_default();
    [Piece::Call { number, id: text(&call["id"]), name }, Piece::Arguments { number, json }]
}

/// A text, or the texts of Mistral's list of parts.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|it| it["text"].as_str()).collect(),
        _ => String::new(),
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "stop" | "eos" | "end_turn" => Finish::Stop,
        "tool_calls" | "function_call" => Finish::Calls,
        "length" | "max_tokens" | "model_length" => Finish::Length,
        "content_filter" | "refusal" => Finish::Refused,
        other => Finish::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
