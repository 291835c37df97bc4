//! The providers, and how they are asked.

use std::time::Duration;

use fixture::{Scripted, ScriptedModel};
use futures::StreamExt;
use models::{
    Config, Delta, Done, Error, Kind, Message, ModelName, Models, ProviderConfig, Request, ToolCall,
};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(crate) const KEY: &str = "sk-very-secret-123456";

/// Longer than anything here takes.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Every wire format that chats.
pub(crate) const KINDS: [Kind; 4] = [Kind::Anthropic, Kind::Gemini, Kind::Ollama, Kind::OpenAi];

/// Whatever one answer consisted of.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) done: Option<Done>,
    pub(crate) error: Option<Error>,
}

impl Answer {
    pub(crate) fn kind(&self) -> &'static str {
        self.error.as_ref().map_or("", Error::kind)
    }

    pub(crate) fn done(&self) -> &Done {
        self.done.as_ref().unwrap_or_else(|| panic!("it has not ended well: {self:?}"))
    }
}

/// One provider `p` at the server, with a key.
pub(crate) fn config(kind: Kind, server: &ScriptedModel) -> Config {
    let mut config = Config::new(|name| (name == "P_KEY").then(|| KEY.to_owned()));
    config.keyring = false;
    // Longer than a busy machine takes for anything here.
    (config.timeouts.first_byte_ms, config.timeouts.idle_ms) = (20_000, 20_000);
    let provider = match kind {
        Kind::Anthropic => ProviderConfig::anthropic("p", &server.ollama_url()),
        Kind::Gemini => ProviderConfig::gemini("p", &server.gemini_url()),
        Kind::Ollama => ProviderConfig::ollama("p", &server.ollama_url()),
        _ => ProviderConfig::open_ai("p", &server.base_url()),
    };
    config.providers = vec![ProviderConfig { api_key_env: Some("P_KEY".to_owned()), ..provider }];
    config
}

pub(crate) fn name() -> ModelName {
    "p/m".parse().unwrap()
}

pub(crate) fn question() -> Request {
    Request::of(vec![Message::system("be brief"), Message::user("12345678")])
}

/// The answer to one question, where the server says `reply`.
pub(crate) async fn answer(kind: Kind, reply: Scripted) -> Answer {
    let stalls = matches!(reply, Scripted::Stall | Scripted::StallAfter { .. });
    let server = ScriptedModel::start(vec![reply]).await;
    let mut config = config(kind, &server);
    if stalls {
        (config.timeouts.first_byte_ms, config.timeouts.idle_ms) = (400, 400);
    }
    ask(&Models::from_config(&config).unwrap(), question()).await
}

pub(crate) async fn ask(models: &Models, request: Request) -> Answer {
    let stream = models.stream(&name(), request, &CancellationToken::new());
    let items: Vec<_> = timeout(LONG, stream.collect()).await.unwrap();
    let mut answer = Answer::default();
    for item in items {
        assert!(answer.done.is_none() && answer.error.is_none(), "something follows the end");
        match item {
            Ok(Delta::Text(text)) => {
                assert!(!text.is_empty());
                answer.text += &text;
            }
            Ok(Delta::Thinking(text)) => answer.thinking += &text,
            Ok(Delta::Call(call)) => answer.calls.push(call),
            Ok(Delta::Done(done)) => answer.done = Some(done),
            Err(error) => answer.error = Some(error),
        }
    }
    assert!(answer.done.is_some() || answer.error.is_some(), "it has no end: {answer:?}");
    answer
}
