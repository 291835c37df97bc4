//! Anthropic's messages: named server-sent events with blocks of text, thinking and calls.
//!
//! What a conversation begins with is marked for the server's cache. Thinking is shown and never asked for.

use std::sync::Arc;

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use serde_json::{Value, json};

use super::{Parts, Provider};
use crate::{
    Delta, Error, Finish, Message, Request, Role,
    classify::Refusal,
    json,
    reply::{self, Counted, Fault, Piece},
    wire::Wire,
};

/// The wire format wants a limit; where nothing is known of a model, every one since 2024 takes this.
const USUAL_LIMIT: u32 = 8_192;

pub(super) fn make(parts: Parts<'_>) -> Arc<dyn Provider> {
    Arc::new(Anthropic { wire: parts.wire() })
}

struct Anthropic {
    wire: Arc<Wire>,
}

impl Provider for Anthropic {
    fn name(&self) -> &str {
        self.wire.provider()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let body = body(model, request);
        let (wire, site, request) =
            (Arc::clone(&self.wire), self.wire.site(model), Arc::new(request.clone()));
        let opened = async move {
            let answer = wire.accepted(&["v1", "messages"], &body, &site).await?;
            let read: reply::Read = match (answer.is_json(), request.schema.is_some()) {
                (true, false) => read_whole,
                (true, true) => read_whole_shaped,
                (false, false) => read,
                (false, true) => read_shaped,
            };
            Ok::<_, Error>(reply::deltas(answer.frames(), read, wire, site, request))
        };
        opened.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let models = self.wire.list(&["v1", "models"], "data").await?;
            Ok(models.iter().filter_map(|it| it["id"].as_str()).map(str::to_owned).collect())
        }
        .boxed()
    }

    fn redact(&self, text: &str) -> String {
        self.wire.redactor().redact(text)
    }
}

/// Source: Anthropic API reference, "Create a message"; "Prompt caching" for the marks.
fn body(model: &str, request: &Request) -> Value {
    let mut body = json!({
        "model": model, "max_tokens": request.limit().unwrap_or(USUAL_LIMIT), "stream": true,
        "messages": messages(request),
    });
    if let Some(system) = request.system_text() {
        body["system"] = json!([marked(json!({"type": "text", "text": system}))]);
    }
    if let Some(temperature) = request.temperature {
        body["temperature"] = json!(temperature);
    }
    if !request.stop.is_empty() {
        body["stop_sequences"] = json!(request.stop);
    }
    let tool = |it: &crate::Tool| json!({"name": it.name, "description": it.description, "input_schema": it.parameters});
    if !request.tools.is_empty() {
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    if request.must_call {
        body["tool_choice"] = json!({"type": "any"});
    }
    // Every model takes a tool whose arguments have the shape; the newer field for it only some do.
    if let Some(schema) = &request.schema {
        let description = "Gives the answer.";
        body["tools"] = json!([{
            "name": schema.name, "description": description, "input_schema": schema.schema,
        }]);
        body["tool_choice"] =
            json!({"type": "tool", "name": schema.name, "disable_parallel_tool_use": true});
    }
    body
}

/// What is before this block, and the block, may be kept by the server.
fn marked(mut block: Value) -> Value {
    block["cache_control"] = json!({"type": "ephemeral"});
    block
}

/// Turns of one side that follow each other are one turn, and answers of tools are the user's.
fn messages(request: &Request) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in request.messages.iter().filter(|it| it.role != Role::System) {
        let role = if message.role == Role::Assistant { "assistant" } else { "user" };
        let blocks = blocks(message);
        match turns.last_mut() {
            Some((last, all)) if *last == role => all.extend(blocks),
            _ => turns.push((role, blocks)),
        }
    }
    let last = turns.iter_mut().rev().find(|(role, _)| *role == "user");
    if let Some(block) = last.and_then(|(_, blocks)| blocks.last_mut()) {
        *block = marked(block.take());
    }
    turns.into_iter().map(|(role, content)| json!({"role": role, "content": content})).collect()
}

fn blocks(message: &Message) -> Vec<Value> {
    let Message { role, content, calls, answers } = message;
    if let (Role::Tool, Some(id)) = (role, answers) {
        return vec![json!({"type": "tool_result", "tool_use_id": id, "content": content})];
    }
    let text = (!content.is_empty()).then(|| json!({"type": "text", "text": content}));
    let call = |it: &crate::ToolCall| {
        let input = json::parse(&it.arguments).unwrap_or_else(|_| json!({}));
        json!({"type": "tool_use", "id": it.id, "name": it.name, "input": input})
    };
    text.into_iter().chain(calls.iter().map(call)).collect()
}

fn read(frame: &str) -> Result<Vec<Piece>, Fault> {
    read_event(&object(frame)?, false)
}

/// The arguments of the only tool are the answer.
fn read_shaped(frame: &str) -> Result<Vec<Piece>, Fault> {
    read_event(&object(frame)?, true)
}

fn read_whole(frame: &str) -> Result<Vec<Piece>, Fault> {
    read_message(&object(frame)?, false)
}

fn read_whole_shaped(frame: &str) -> Result<Vec<Piece>, Fault> {
    read_message(&object(frame)?, true)
}

fn object(frame: &str) -> Result<Value, Fault> {
    let value: Value = serde_json::from_str(frame).map_err(|_| Fault::Malformed)?;
    match value["type"].as_str() {
        Some("error") => Err(Fault::Refused(Refusal::in_stream(&value["error"]))),
        Some(_) => Ok(value),
        None => Err(Fault::Malformed),
    }
}

/// Source: Anthropic API reference, "Streaming messages".
fn read_event(event: &Value, is_shaped: bool) -> Result<Vec<Piece>, Fault> {
    let number = || event["index"].as_u64().and_then(|it| usize::try_from(it).ok()).unwrap_or(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(match event["type"].as_str().unwrap_or_default() {
        "message_start" => {
            // The count of the answer's tokens is a beginning here.
            let counted = Counted { output: None, ..counted(&event["message"]["usage"]) };
            vec![Piece::Usage(counted)]
        }
        "content_block_start" => begin_block(&event["content_block"], number(), is_shaped),
        "content_block_delta" => {
            let delta = &event["delta"];
            vec![match delta["type"].as_str().unwrap_or_default() {
                "text_delta" => Piece::Text(text(&delta["text"])),
                "thinking_delta" => Piece::Thinking(text(&delta["thinking"])),
                "input_json_delta" if is_shaped => Piece::Text(text(&delta["partial_json"])),
                "input_json_delta" => {
                    Piece::Arguments { number: number(), json: text(&delta["partial_json"]) }
                }
                // A signature, a citation, and what comes later.
                _ => return Ok(Vec::new()),
            }]
        }
        "message_delta" => {
            let mut pieces = vec![Piece::Usage(counted(&event["usage"]))];
            if let Some(reason) = event["delta"]["stop_reason"].as_str() {
                pieces.push(Piece::Finish(finish(reason, is_shaped)));
            }
            pieces
        }
        "message_stop" => vec![Piece::End],
        // `ping`, the end of a block; the documentation says that others may come.
        _ => Vec::new(),
    })
}

fn begin_block(block: &Value, number: usize, is_shaped: bool) -> Vec<Piece> {
    let text = |key: &str| block[key].as_str().unwrap_or_default().to_owned();
    match block["type"].as_str().unwrap_or_default() {
        "text" => vec![Piece::Text(text("text"))],
        "thinking" => vec![Piece::Thinking(text("thinking"))],
        "tool_use" if !is_shaped => {
            let id = Some(text("id")).filter(|it| !it.is_empty());
            vec![Piece::Call { number, id, name: text("name") }]
        }
        _ => Vec::new(),
    }
}

/// A whole message, as some proxies send it although a stream was asked for.
fn read_message(message: &Value, is_shaped: bool) -> Result<Vec<Piece>, Fault> {
    let Some(blocks) = message["content"].as_array() else { return Err(Fault::Malformed) };
    let mut pieces = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        pieces.extend(begin_block(block, number, is_shaped));
        if block["type"] == "tool_use" {
            let json = block["input"].to_string();
            pieces.push(match is_shaped {
                true => Piece::Text(json),
                false => Piece::Arguments { number, json },
            });
        }
    }
    pieces.push(Piece::Usage(counted(&message["usage"])));
    if let Some(reason) = message["stop_reason"].as_str() {
        pieces.push(Piece::Finish(finish(reason, is_shaped)));
    }
    pieces.push(Piece::End);
    Ok(pieces)
}

/// Tokens that were in the cache, or that went there, are counted apart from the others.
fn counted(usage: &Value) -> Counted {
    let number = |key: &str| usage[key].as_u64();
    let (cached, written) =
        (number("cache_read_input_tokens"), number("cache_creation_input_tokens"));
    let input = number("input_tokens")
        .map(|it| it.saturating_add(cached.unwrap_or(0)).saturating_add(written.unwrap_or(0)));
    Counted { input, output: number("output_tokens"), cached, written }
}

fn finish(reason: &str, is_shaped: bool) -> Finish {
    match reason {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "tool_use" if is_shaped => Finish::Stop,
        "tool_use" => Finish::Calls,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "refusal" => Finish::Refused,
        other => Finish::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
