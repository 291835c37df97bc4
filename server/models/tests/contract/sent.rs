//! What is sent: the conversation, limits, tools, shapes, keys; and the lists of models.

use fixture::{Scripted, ScriptedModel};
use models::{Kind, Message, Models, Request, Schema, Tool, ToolCall};
use serde_json::{Value, json};

use crate::setup::{KEY, KINDS, ask, config, name};

async fn sent(kind: Kind, request: Request, reply: Scripted) -> (Value, crate::setup::Answer) {
    let server = ScriptedModel::start(vec![reply]).await;
    let answer = ask(&Models::from_config(&config(kind, &server)).unwrap(), request).await;
    (server.requests().remove(0), answer)
}

fn text(text: &str) -> Scripted {
    Scripted::Text(text.to_owned())
}

fn tool() -> Tool {
    Tool {
        name: "read".to_owned(),
        description: "Reads a file.".to_owned(),
        parameters: json!({"type": "object", "properties": {"path": {"type": "string"}}}),
    }
}

/// A conversation in which a tool was called.
fn talk() -> Request {
    let call = ToolCall {
        id: "call_7".to_owned(),
        name: "read".to_owned(),
        arguments: r#"{"path": "a.rs"}"#.to_owned(),
    };
    let called = Message { calls: vec![call], ..Message::assistant("I look.") };
    Request {
        max_tokens: Some(100),
        temperature: Some(0.5),
        stop: vec!["END".to_owned()],
        tools: vec![tool()],
        must_call: true,
        ..Request::of(vec![
            Message::system("be brief"),
            Message::user("what is in a.rs?"),
            called,
            Message::tool("call_7", "fn a() {}"),
        ])
    }
}

#[tokio::test]
async fn openai() {
    let (body, _) = sent(Kind::OpenAi, talk(), text("ok")).await;
    let function = json!({"name": "read", "arguments": r#"{"path": "a.rs"}"#});
    let call = json!({"id": "call_7", "type": "function", "function": function});
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 100, "temperature": 0.5,
            "stop": ["END"], "tools": [{"type": "function", "function": tool()}], "tool_choice": "required",
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": "what is in a.rs?"},
                {"role": "assistant", "content": "I look.", "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "call_7", "content": "fn a() {}"},
            ],
        })
    );
}

#[tokio::test]
async fn anthropic() {
    let (body, _) = sent(Kind::Anthropic, talk(), text("ok")).await;
    let kept = json!({"type": "ephemeral"});
    let result = json!({"type": "tool_result", "tool_use_id": "call_7", "content": "fn a() {}", "cache_control": kept});
    let call =
        json!({"type": "tool_use", "id": "call_7", "name": "read", "input": {"path": "a.rs"}});
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "max_tokens": 100, "temperature": 0.5, "stop_sequences": ["END"],
            "system": [{"type": "text", "text": "be brief", "cache_control": kept}],
            "tools": [{"name": "read", "description": "Reads a file.", "input_schema": tool().parameters}],
            "tool_choice": {"type": "any"},
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "what is in a.rs?"}]},
                {"role": "assistant", "content": [{"type": "text", "text": "I look."}, call]},
                {"role": "user", "content": [result]},
            ],
        })
    );
}

#[tokio::test]
async fn gemini() {
    let (body, _) = sent(Kind::Gemini, talk(), text("ok")).await;
    let declaration = json!({"name": "read", "description": "Reads a file.", "parametersJsonSchema": tool().parameters});
    assert_eq!(
        body,
        json!({
            // These two stand in the path.
            "model": "m", "stream": true,
            "generationConfig": {"maxOutputTokens": 100, "temperature": 0.5, "stopSequences": ["END"]},
            "systemInstruction": {"parts": [{"text": "be brief"}]},
            "tools": [{"functionDeclarations": [declaration]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
            "contents": [
                {"role": "user", "parts": [{"text": "what is in a.rs?"}]},
                {"role": "model", "parts": [{"text": "I look."}, {"functionCall": {"name": "read", "args": {"path": "a.rs"}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "read", "response": {"result": "fn a() {}"}}}]},
            ],
        })
    );
}

#[tokio::test]
async fn ollama() {
    let (body, _) = sent(Kind::Ollama, talk(), text("ok")).await;
    assert_eq!(
        body,
        json!({
            "model": "m", "stream": true, "keep_alive": -1,
            "options": {"num_predict": 100, "temperature": 0.5, "stop": ["END"], "num_ctx": 8192},
            "tools": [{"type": "function", "function": tool()}],
            "messages": [
                {"role": "system", "content": "be brief"},
                {"role": "user", "content": "what is in a.rs?"},
                {"role": "assistant", "content": "I look.", "tool_calls": [{"function": {"name": "read", "arguments": {"path": "a.rs"}}}]},
                {"role": "tool", "content": "fn a() {}", "tool_name": "read"},
            ],
        })
    );
}

#[tokio::test]
async fn a_shape_is_asked_for_in_each_server_s_way() {
    let shape =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let request = || Request {
        schema: Some(Schema { name: "answer".to_owned(), schema: shape.clone() }),
        ..Request::of(vec![Message::user("how many?")])
    };
    for kind in KINDS {
        let reply = match kind {
            // Its answer is the arguments of a call.
            Kind::Anthropic => {
                let calls = vec![("answer".to_owned(), json!({"n": 3}))];
                Scripted::Calls { text: String::new(), calls }
            }
            _ => text(r#"{"n":3}"#),
        };
        let (body, answer) = sent(kind, request(), reply).await;
        let found = match kind {
            Kind::OpenAi => &body["response_format"]["json_schema"]["schema"],
            Kind::Anthropic => &body["tools"][0]["input_schema"],
            Kind::Gemini => &body["generationConfig"]["responseJsonSchema"],
            _ => &body["format"],
        };
        assert_eq!(*found, shape, "{kind:?}");
        assert_eq!(answer.text, r#"{"n":3}"#, "{kind:?} {answer:?}");
        assert_eq!(answer.done().finish, models::Finish::Stop, "{kind:?}");
        assert!(answer.calls.is_empty(), "{kind:?}");
    }
}

#[tokio::test]
async fn keys_go_into_the_header_of_each_format() {
    for kind in KINDS {
        let server = ScriptedModel::start(vec![text("ok")]).await.requiring_key(KEY);
        let models = Models::from_config(&config(kind, &server)).unwrap();
        let answer = ask(&models, Request::of(vec![Message::user("hi")])).await;
        assert_eq!(answer.text, "ok", "{kind:?} {answer:?}");
        let is_bearer = server.calls()[0].authorization.is_some();
        assert_eq!(is_bearer, matches!(kind, Kind::OpenAi | Kind::Ollama), "{kind:?}");
    }
}

#[tokio::test]
async fn servers_list_their_models() {
    for kind in KINDS {
        let server = ScriptedModel::start(vec![]).await.serving(&["m", "other"]);
        let models = Models::from_config(&config(kind, &server)).unwrap();
        let there = models.list("p").await.unwrap();
        assert_eq!((models.missing(&name(), &there), there.len()), (None, 2), "{kind:?}");
        assert!(models.missing(&"p/none".parse().unwrap(), &there).is_some(), "{kind:?}");
    }
}
