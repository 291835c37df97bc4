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

/// How our tokens begin; what follows is the run's id, a slash and a number.
const TOKEN_START: &str = "baton/";

/// How long the client may take to agree to a progress.
const CREATING: Duration = Duration::from_secs(5);

/// Longest message, in characters: it goes into a status line.
const MESSAGE_CHARS: usize = 120;

/// What a run's progress looks like; it may begin and end several times.
pub(crate) struct Progress {
    client: Client,
    run: RunId,
    title: String,
    /// Whether the client shows progress.
    is_declared: bool,
    /// How often it has begun.
    n_begun: u32,
    state: State,
}

enum State {
    Ended,
    /// In the client, under this token.
    Shown(String),
    /// In the client's log.
    Logged,
}

/// The id of the run whose progress has `token`; `None` if it is none of ours.
pub(crate) fn run_of(token: &str) -> Option<&str> {
    Some(token.strip_prefix(TOKEN_START)?.split_once('/')?.0)
}

impl Progress {
    /// One that has not begun.
    pub(crate) fn new(client: &Client, is_declared: bool, run: &RunId, title: String) -> Progress {
        let (client, run) = (client.clone(), run.clone());
        Progress { client, run, title, is_declared, n_begun: 0, state: State::Ended }
    }

    /// Begins it, with a button to cancel, unless it is under way.
    pub(crate) async fn begin(&mut self) {
        if !matches!(self.state, State::Ended) {
            return;
        }
        self.n_begun += 1;
        // A token is used once: clients forget it with the end.
        let token = format!("{TOKEN_START}{}/{}", self.run, self.n_begun);
        if self.is_declared && create(&self.client, &token).await {
            self.state = State::Shown(token);
            self.send(json!({"kind": "begin", "title": self.title, "cancellable": true})).await;
        } else {
            self.state = State::Logged;
            self.log(&format!("started, run {}", self.run.short())).await;
        }
    }

    /// Says what is being done.
    pub(crate) async fn report(&mut self, message: &str) {
        self.begin().await;
        let message = one_line(message);
        self.send(json!({"kind": "report", "message": message, "cancellable": true})).await;
        self.log(&message).await;
    }

    /// As [`Self::report`], for what happens too often for a log.
    pub(crate) async fn tick(&mut self, message: &str) {
        self.send(json!({"kind": "report", "message": message, "cancellable": true})).await;
    }

    /// Ends it, if it is under way.
    pub(crate) async fn end(&mut self, message: &str) {
        let message = one_line(message);
        self.send(json!({"kind": "end", "message": message})).await;
        self.log(&message).await;
        self.state = State::Ended;
    }

    async fn send(&self, value: Value) {
        let State::Shown(token) = &self.state else { return };
        let token = ProgressToken::String(token.clone());
        let params = ProgressParams { token, value };
        self.client.send_notification::<ProgressNotification>(params).await;
    }

    async fn log(&self, message: &str) {
        if let State::Logged = self.state {
            let line = format!("{}: {message}", self.title);
            self.client.log_message(MessageType::Info, line).await;
        }
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
