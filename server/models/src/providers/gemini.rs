//! Google Gemini's `generateContent`, streamed as server-sent events.

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

pub(super) fn make(parts: Parts<'_>) -> Arc<dyn Provider> {
    Arc::new(Gemini { wire: parts.wire() })
}

struct Gemini {
    wire: Arc<Wire>,
}

impl Provider for Gemini {
    fn name(&self) -> &str {
        self.wire.provider()
    }

    fn stream(&self, model: &str, request: &Request) -> BoxStream<'static, Result<Delta, Error>> {
        let body = body(request);
        let call = format!("{model}:streamGenerateContent");
        let (wire, site, request) =
            (Arc::clone(&self.wire), self.wire.site(model), Arc::new(request.clone()));
        let opened = async move {
            let answer = wire.accepted(&["models", &call], &body, &site).await?;
            Ok::<_, Error>(reply::deltas(answer.frames(), read, wire, site, request))
        };
        opened.into_stream().try_flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<String>, Error>> {
        async move {
            let models = self.wire.list(&["models"], "models").await?;
            let name = |it: &Value| it["name"].as_str()?.strip_prefix("models/").map(str::to_owned);
            Ok(models.iter().filter_map(name).collect())
        }
        .boxed()
    }

    fn redact(&self, text: &str) -> String {
        self.wire.redactor().redact(text)
    }
}

/// Source: Gemini API reference, "Generating content", `GenerateContentRequest`.
fn body(request: &Request) -> Value {
    let mut config = json!({});
    if let Some(max_tokens) = request.limit() {
        config["maxOutputTokens"] = json!(max_tokens);
    }
    if let Some(temperature) = request.temperature {
        config["temperature"] = json!(temperature);
    }
    if !request.stop.is_empty() {
        config["stopSequences"] = json!(request.stop);
    }
    if let Some(schema) = &request.schema {
        config["responseMimeType"] = json!("application/json");
        config["responseJsonSchema"] = schema.schema.clone();
    }
    let mut body = json!({"contents": contents(request), "generationConfig": config});
    if let Some(system) = request.system_text() {
        body["systemInstruction"] = json!({"parts": [{"text": system}]});
    }
    if !request.tools.is_empty() {
        let tool = |it: &crate::Tool| {
            json!({
                "name": it.name, "description": it.description, "parametersJsonSchema": it.parameters,
            })
        };
        let declarations: Vec<Value> = request.tools.iter().map(tool).collect();
        body["tools"] = json!([{"functionDeclarations": declarations}]);
    }
    if request.must_call {
        body["toolConfig"] = json!({"functionCallingConfig": {"mode": "ANY"}});
    }
    body
}

/// Turns of one side that follow each other are one turn, and answers of tools are the user's; they name the tool.
fn contents(request: &Request) -> Vec<Value> {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in request.messages.iter().filter(|it| it.role != Role::System) {
        let role = if message.role == Role::Assistant { "model" } else { "user" };
        let parts = parts(message, request);
        match turns.last_mut() {
            Some((last, all)) if *last == role => all.extend(parts),
            _ => turns.push((role, parts)),
        }
    }
    turns.into_iter().map(|(role, parts)| json!({"role": role, "parts": parts})).collect()
}

fn parts(message: &Message, request: &Request) -> Vec<Value> {
    let Message { role, content, calls, answers } = message;
    if let (Role::Tool, Some(id)) = (role, answers) {
        let called = request.messages.iter().flat_map(|it| &it.calls).rev().find(|it| it.id == *id);
        let name = called.map_or(id.as_str(), |it| it.name.as_str());
        let response = json!({"result": content});
        return vec![json!({"functionResponse": {"name": name, "response": response}})];
    }
    let text = (!content.is_empty()).then(|| json!({"text": content}));
    let call = |it: &crate::ToolCall| {
        let args = json::parse(&it.arguments).unwrap_or_else(|_| json!({}));
        json!({"functionCall": {"name": it.name, "args": args}})
    };
    text.into_iter().chain(calls.iter().map(call)).collect()
}

/// Source: Gemini API reference, "Generating content", `GenerateContentResponse`.
fn read(frame: &str) -> Result<Vec<Piece>, Fault> {
    let value: Value = serde_json::from_str(frame).map_err(|_| Fault::Malformed)?;
    if !value["error"].is_null() {
        return Err(Fault::Refused(Refusal::in_stream(&value["error"])));
    }
    if !value.is_object() {
        return Err(Fault::Malformed);
    }
    let mut pieces = Vec::new();
    let candidate = &value["candidates"][0];
    for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
        let text = part["text"].as_str().unwrap_or_default().to_owned();
        pieces.push(match part["thought"] == true {
            true => Piece::Thinking(text),
            false => Piece::Text(text),
        });
        let call = &part["functionCall"];
        if let Some(name) = call["name"].as_str() {
            pieces.push(Piece::WholeCall {
                id: call["id"].as_str().map(str::to_owned),
                name: name.to_owned(),
                arguments: if call["args"].is_null() {
                    "{}".to_owned()
                } else {
                    call["args"].to_string()
                },
            });
        }
    }
    let usage = &value["usageMetadata"];
    let number = |key: &str| usage[key].as_u64();
    if let Some(input) = number("promptTokenCount") {
        // An answer that ends within its thinking has no candidates to count.
        let both = [number("candidatesTokenCount"), number("thoughtsTokenCount")];
        let output = both.into_iter().flatten().reduce(u64::saturating_add);
        let cached = number("cachedContentTokenCount");
        pieces.push(Piece::Usage(Counted { input: Some(input), output, cached, written: None }));
    }
    if let Some(reason) = candidate["finishReason"].as_str() {
        pieces.push(Piece::Finish(finish(reason)));
    } else if value["promptFeedback"]["blockReason"].is_string() {
        pieces.push(Piece::Finish(Finish::Refused));
    }
    Ok(pieces)
}

fn finish(reason: &str) -> Finish {
    match reason {
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => Finish::Refused,
        other => Finish::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
