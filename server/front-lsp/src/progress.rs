//! One work-done progress in the client, for a run; where the client has none, its log of this server.
//!
//! What a run's events mean is not known here.

use std::time::Duration;

use serde_json::{Value, json};
use tower_lsp::Client;
use tower_lsp::gen_lsp_types::{
    MessageType, ProgressNotification, ProgressParams, ProgressToken, WorkDoneProgressCreateParams,
    WorkDoneProgressCreateRequest,
};

use engine::RunId;

/// How our tokens begin; what follows is the run's id.
const TOKEN_START: &str = "baton/";

/// How long the client may take to agree to a progress.
const CREATING: Duration = Duration::from_secs(5);

/// Longest message, in characters: it goes into a status line.
const MESSAGE_CHARS: usize = 120;

/// A progress that has begun.
pub(crate) struct Progress {
    client: Client,
    /// `None` if the client does not show progress.
    token: Option<String>,
    title: String,
    last: String,
}

/// The id of the run whose progress has `token`; `None` if it is none of ours.
pub(crate) fn run_of(token: &str) -> Option<&str> {
    token.strip_prefix(TOKEN_START)
}

impl Progress {
    /// Begins one, with a button to cancel it.
    pub(crate) async fn begin(
        client: &Client,
        is_declared: bool,
        run: &RunId,
        title: String,
    ) -> Progress {
        let token = format!("{TOKEN_START}{run}");
        let agreed = is_declared && create(client, &token).await;
        let progress = Progress {
            client: client.clone(),
            token: agreed.then_some(token),
            title,
            last: String::new(),
        };
        let begin = json!({"kind": "begin", "title": progress.title, "cancellable": true});
        if !progress.send(begin).await {
            let message = format!("{}: started, run {}", progress.title, run.short());
            client.log_message(MessageType::Info, message).await;
        }
        progress
    }

    /// Says what is being done, unless that was the last thing said.
    pub(crate) async fn report(&mut self, message: &str) {
        let message = one_line(message);
        if message.is_empty() || message == self.last {
            return;
        }
        if !self.send(json!({"kind": "report", "message": message, "cancellable": true})).await {
            let line = format!("{}: {message}", self.title);
            self.client.log_message(MessageType::Info, line).await;
        }
        self.last = message;
    }

    /// As [`Self::report`], for what happens too often for a log.
    pub(crate) async fn tick(&mut self, message: &str) {
        if self.token.is_some() {
            self.report(message).await;
        }
    }

    /// Ends it.
    pub(crate) async fn end(self, message: &str) {
        let message = one_line(message);
        if !self.send(json!({"kind": "end", "message": message})).await {
            let line = format!("{}: {message}", self.title);
            self.client.log_message(MessageType::Info, line).await;
        }
    }

    /// Whether there was a progress to send it to.
    async fn send(&self, value: Value) -> bool {
        let Some(token) = &self.token else { return false };
        let token = ProgressToken::String(token.clone());
        self.client
            .send_notification::<ProgressNotification>(ProgressParams { token, value })
            .await;
        true
    }
}

async fn create(client: &Client, token: &str) -> bool {
    let params = WorkDoneProgressCreateParams { token: ProgressToken::String(token.to_owned()) };
    let created = client.send_request::<WorkDoneProgressCreateRequest>(params);
    matches!(tokio::time::timeout(CREATING, created).await, Ok(Ok(())))
}

fn one_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    if line.chars().count() <= MESSAGE_CHARS {
        return line.to_owned();
    }
    let start: String = line.chars().take(MESSAGE_CHARS - 1).collect();
    format!("{start}…")
}
