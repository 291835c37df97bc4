//! Ollama's own chat: newline-delimited JSON, and a say in how long a model stays loaded and how much context it gets.
//!
//! It pulls no models: that is the person's to decide.

use std::sync::Arc;

use futures::{FutureExt, StreamExt, TryStreamExt, future::BoxFuture, stream::BoxStream};
use serde_json::{Value, json};

use super::{Parts, Provider};
use crate::{
    Delta, Error, Finish, Request,
    classify::Refusal,
    reply::{self, Fault, Piece},
    tokens::count_tokens,
    wire::{Answer, Wire},
};

/// How long a model stays loaded if nothing is configured: a person reads and thinks between two requests.
const KEEP_ALIVE: &str = "30m";

/// The context that a server gives if it is not told. What is longer it cuts off without a word.
const USUAL_CONTEXT: usize = 4096;

/// Room for the answer where the request sets no limit.
const USUAL_ANSWER: usize = 2048;

pub(super) fn make(parts: Parts<'_>) -> Result<Arc<dyn Provider>, Error> {
    let wire = parts.wire()?;
    let keep_alive = parts.settings.keep_alive.as_deref().unwrap_or(KEEP_ALIVE);
    // A number is seconds, and negative for ever; a string has a unit.
    let keep_alive =
        keep_alive.parse::<i64>().map_or_else(|_| json!(keep_alive), |seconds| json!(seconds));
    Ok(Arc::new(Ollama { wire, keep_alive, context_tokens: parts.settings.context_tokens }))
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
            match wire.post(&["api", "chat"], &body, &site).await? {
                Answer::Refused(refusal) => Err(wire.refused(refusal, &site)),
                Answer::Body(answer) => {
                    Ok(reply::deltas(answer.lines(), read, wire, site, request))
                }
            }
        };
        opened.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let site = self.wire.site("");
            let list = self.wire.get(&["api", "tags"], &site).await?;
            let Some(models) = list["models"].as_array() else {
                return Err(Error::Malformed {
                    site,
                    reason: "no list of models at /api/tags".to_owned(),
                });
            };
            Ok(models.iter().filter_map(|it| it["name"].as_str()).map(str::to_owned).collect())
        }
        .boxed()
    }

    fn redact(&self, text: &str) -> String {
        self.wire.redactor().redact(text)
    }
}

fn body(model: &str, request: &Request, keep_alive: Value, context_tokens: Option<u32>) -> Value {
    let mut options = json!({});
    if let Some(max_tokens) = request.max_tokens {
        options["num_predict"] = json!(max_tokens);
    }
    if let Some(temperature) = request.temperature {
        options["temperature"] = json!(temperature);
    }
    if !request.stop.is_empty() {
        options["stop"] = json!(request.stop);
    }
    if let Some(context) = context_tokens.map(|it| it as usize).or_else(|| needed_context(request))
    {
        options["num_ctx"] = json!(context);
    }
    json!({
        "model": model, "messages": request.messages, "stream": true, "keep_alive": keep_alive, "options": options,
    })
}

/// The context to ask for, if the usual one is too small: in powers of two, because each change reloads the model.
fn needed_context(request: &Request) -> Option<usize> {
    let prompt: usize = request.messages.iter().map(|it| count_tokens(&it.content).0 + 8).sum();
    let answer = request.max_tokens.map_or(USUAL_ANSWER, |it| it as usize);
    // Other vocabularies need some more tokens for the same text.
    let needed = prompt + prompt / 4 + answer;
    (USUAL_CONTEXT < needed).then(|| needed.next_power_of_two())
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
    if value["done"] == true {
        pieces.push(Piece::Finish(match value["done_reason"].as_str() {
            None | Some("stop") => Finish::Stop,
            Some("length") => Finish::Length,
            Some(other) => Finish::Other(other.to_owned()),
        }));
        // A prompt that was in the cache as a whole has no count.
        if let Some(output) = value["eval_count"].as_u64() {
            let input = value["prompt_eval_count"].as_u64().unwrap_or(0);
            pieces.push(Piece::Usage { input, output, cached: 0 });
        }
        pieces.push(Piece::End);
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests;
