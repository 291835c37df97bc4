//! Ollama's own chat: newline-delimited JSON, and a say in how long a model stays loaded and how much context it gets.
//!
//! It pulls no models: that is the person's to decide.

use std::sync::Arc;

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use serde_json::{Value, json};

use super::{Parts, Provider};
use crate::{
    Delta, Error, Finish, Message, Request, Resident, Role,
    classify::Refusal,
    json,
    reply::{self, Counted, Fault, Piece},
    tokens::count_tokens,
    wire::Wire,
};

/// How long a model stays loaded if nothing is configured: until the server ends, or another needs the room.
const KEEP_ALIVE: &str = "-1";

/// The least context to ask for. A server that is not told gives 4,096 tokens or so, and cuts off what is longer without a
/// word; always the same where that is enough, as another size means that the model is loaded again.
const LEAST_CONTEXT: usize = 8_192;

/// Room for the answer where the request sets no limit.
const USUAL_ANSWER: usize = 2048;

pub(super) fn make(parts: Parts<'_>) -> Arc<dyn Provider> {
    let wire = parts.wire();
    let keep_alive = parts.settings.keep_alive.as_deref().unwrap_or(KEEP_ALIVE);
    // A number is seconds, and negative for ever; a string has a unit.
    let keep_alive =
        keep_alive.parse::<i64>().map_or_else(|_| json!(keep_alive), |seconds| json!(seconds));
    Arc::new(Ollama { wire, keep_alive, context_tokens: parts.settings.context_tokens })
}

struct Ollama {
    wire: Arc<Wire>,
    keep_alive: Value,
    context_tokens: Option<u32>,
}

impl Provider for Ollama {
    fn name(&self) -> &str {
        self.wire.provider()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let (keep_alive, context_tokens) = (self.keep_alive.clone(), self.context_tokens);
        let (wire, site) = (Arc::clone(&self.wire), self.wire.site(model));
        let (model, request) = (model.to_owned(), Arc::new(request.clone()));
        let opened = async move {
            let body = body(&model, &request, keep_alive, context_tokens);
            let answer = wire.accepted(&["api", "chat"], &body, &site).await?;
            Ok::<_, Error>(reply::deltas(answer.lines(), read, wire, site, request))
        };
        opened.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let models = self.wire.list(&["api", "tags"], "models").await?;
            Ok(models.iter().filter_map(|it| it["name"].as_str()).map(str::to_owned).collect())
        }
        .boxed()
    }

    fn redact(&self, text: &str) -> String {
        self.wire.redactor().redact(text)
    }

    /// Source: Ollama, `docs/api.md`, "List Running Models".
    fn residents(&self) -> BoxFuture<'_, Result<Vec<Resident>, Error>> {
        async move {
            let models = self.wire.list(&["api", "ps"], "models").await?;
            let resident = |it: &Value| {
                let number = |key: &str| it[key].as_u64().unwrap_or(0);
                let name = it["name"].as_str()?.to_owned();
                Some(Resident { name, bytes: number("size"), vram_bytes: number("size_vram") })
            };
            Ok(models.iter().filter_map(resident).collect())
        }
        .boxed()
    }

    /// Source: Ollama, `docs/api.md`, "Load a model". With the options of the request: others would load it again.
    fn prepare<'a>(
        &'a self,
        model: &'a str,
        request: &'a Request,
    ) -> BoxFuture<'a, Result<(), Error>> {
        async move {
            let site = self.wire.site(model);
            let mut body = body(model, request, self.keep_alive.clone(), self.context_tokens);
            body["messages"] = json!([]);
            body["stream"] = json!(false);
            let answer = self.wire.accepted(&["api", "chat"], &body, &site).await?;
            answer.whole().await.map(drop)
        }
        .boxed()
    }
}

fn body(model: &str, request: &Request, keep_alive: Value, context_tokens: Option<u32>) -> Value {
    let mut options = json!({});
    if let Some(max_tokens) = request.limit() {
        options["num_predict"] = json!(max_tokens);
    }
    if let Some(temperature) = request.temperature {
        options["temperature"] = json!(temperature);
    }
    if !request.stop.is_empty() {
        options["stop"] = json!(request.stop);
    }
    let context = context_tokens.map_or_else(|| needed_context(request), |it| it as usize);
    options["num_ctx"] = json!(context);
    let mut body = json!({
        "model": model, "messages": messages(request), "stream": true, "keep_alive": keep_alive, "options": options,
    });
    if !request.tools.is_empty() {
        let tool = |it| json!({"type": "function", "function": it});
        body["tools"] = request.tools.iter().map(tool).collect();
    }
    if let Some(schema) = &request.schema {
        body["format"] = schema.schema.clone();
    }
    body
}

/// Calls have no ids here: a tool's answer names the tool.
fn messages(request: &Request) -> Vec<Value> {
    let called = |id: &str| {
        let calls = request.messages.iter().flat_map(|it| &it.calls);
        calls.rev().find(|it| it.id == id).map(|it| it.name.as_str())
    };
    let message = |Message { role, content, calls, answers }: &Message| {
        let mut res = json!({"role": role, "content": content});
        if !calls.is_empty() {
            let call = |it: &crate::ToolCall| {
                let arguments = json::parse(&it.arguments).unwrap_or_else(|_| json!({}));
                json!({"function": {"name": it.name, "arguments": arguments}})
            };
            res["tool_calls"] = calls.iter().map(call).collect();
        }
        if let (Role::Tool, Some(name)) = (role, answers.as_deref().and_then(called)) {
            res["tool_name"] = json!(name);
        }
        res
    };
    request.messages.iter().map(message).collect()
}

/// The context to ask for: in powers of two, because each change reloads the model.
fn needed_context(request: &Request) -> usize {
    let prompt: usize = request.messages.iter().map(|it| count_tokens(&it.content).0 + 8).sum();
    let answer = request.limit().map_or(USUAL_ANSWER, |it| it as usize);
    // Other vocabularies need some more tokens for the same text.
    (prompt + prompt / 4 + answer).next_power_of_two().max(LEAST_CONTEXT)
}

/// Source: Ollama, `docs/api.md`, "Generate a chat completion".
fn read(frame: &str) -> Result<Vec<Piece>, Fault> {
    let value: Value = serde_json::from_str(frame).map_err(|_| Fault::Malformed)?;
    if !value["error"].is_null() {
        return Err(Fault::Refused(Refusal::in_stream(&value["error"])));
    }
    if !value.is_object() {
        return Err(Fault::Malformed);
    }
    let mut pieces = Vec::new();
    let message = &value["message"];
    if let Some(text) = message["thinking"].as_str() {
        pieces.push(Piece::Thinking(text.to_owned()));
    }
    if let Some(text) = message["content"].as_str() {
        pieces.push(Piece::Text(text.to_owned()));
    }
    for call in message["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        pieces.push(Piece::WholeCall {
            id: text(&call["id"]),
            name: text(&function["name"]).unwrap_or_default(),
            arguments: function["arguments"].to_string(),
        });
    }
    if value["done"] == true {
        pieces.push(Piece::Finish(match value["done_reason"].as_str() {
            None | Some("stop") => Finish::Stop,
            Some("length") => Finish::Length,
            Some("content_filter") => Finish::Refused,
            Some(other) => Finish::Other(other.to_owned()),
        }));
        let output = value["eval_count"].as_u64();
        pieces.push(Piece::Usage(Counted {
            // A prompt that was in the cache as a whole has no count.
            input: value["prompt_eval_count"].as_u64().or(output.map(|_| 0)),
            output,
            ..Counted::default()
        }));
        pieces.push(Piece::End);
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests;
