//! What a language server has said by itself so far: diagnostics, progress, its state. It answers what the server asks of
//! its client. It waits for nothing; `turn` decides when that is all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base::{AbsPathBuf, RelPath};
use gen_lsp_types::{Diagnostic, Uri};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::convert::uri;
use crate::peer::{Ear, Said};

#[cfg(test)]
mod tests;

/// A server that has more to say than this of one workspace is not listened to any longer: it runs code of the project, and what
/// it says is kept in our memory.
const MAX_FILES: usize = 20_000;
const MAX_ITEMS: usize = 5_000;
const MAX_WORK: usize = 1_000;
const MAX_ASKED: usize = 1_000;
const MAX_EDITS: usize = 16;
/// So long work may take to begin that was announced. A server that has ended it meanwhile never begins it.
pub(crate) const ANNOUNCED: Duration = Duration::from_secs(2);
const TOO_MUCH: &str = "it says more than is kept";

/// What was said, for those who wait for more.
#[derive(Debug)]
pub(crate) struct Seen {
    root: AbsPathBuf,
    folder: AbsPathBuf,
    /// Answers to `workspace/configuration`.
    sections: Value,
    state: Mutex<State>,
    /// The state has changed.
    news: Notify,
}

/// What is known.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// By file; those outside of the workspace are dropped.
    pub(crate) published: BTreeMap<RelPath, Published>,
    /// Tokens of work that has begun and not ended.
    pub(crate) working: BTreeSet<String>,
    /// Tokens of work that was announced and has neither begun nor ended, with the time of that.
    pub(crate) announced: BTreeMap<String, Instant>,
    /// By `experimental/serverStatus`: it has nothing left to load.
    pub(crate) is_quiescent: bool,
    /// What can change answers: the end of some work, a request to ask again. It only grows.
    pub(crate) turns: u64,
    /// When the server last said something of that kind.
    pub(crate) spoke: Option<Instant>,
    /// Edits that the server wants made, while somebody collects them.
    pub(crate) edits: Option<Vec<Value>>,
    /// Why nothing more will come, and since when.
    pub(crate) gone: Option<(String, Instant)>,
}

/// The last that was published for a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    pub(crate) version: Option<i32>,
    /// `None`: what was said cannot be read, and is no answer.
    pub(crate) items: Option<Vec<Diagnostic>>,
    /// How often something was.
    pub(crate) times: u64,
}

impl Seen {
    pub(crate) fn new(root: AbsPathBuf, folder: AbsPathBuf, sections: Value) -> Arc<Seen> {
        let (state, news) = Default::default();
        Arc::new(Seen { root, folder, sections, state, news })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until something is said that was not when this was called, `until` at the latest.
    pub(crate) async fn news(&self, is_old: impl Fn(&State) -> bool, until: Instant) {
        let waited = async {
            loop {
                let news = self.news.notified();
                if !is_old(&self.state()) {
                    return;
                }
                news.await;
            }
        };
        // Late is an answer too: whoever waits looks at the state again.
        let _ = tokio::time::timeout_at(until.into(), waited).await;
    }

    /// The file of this workspace that a server means.
    pub(crate) fn file(&self, uri: &Uri) -> Option<RelPath> {
        uri::to_path(uri).ok()?.strip(&self.root)
    }

    /// What it is told of its settings.
    pub(crate) fn settings(&self) -> &Value {
        &self.sections
    }

    /// Begins or ends to collect the edits that the server wants made; those collected before.
    pub(crate) fn collect(&self, is_wanted: bool) -> Vec<Value> {
        let begun = is_wanted.then(Vec::new);
        std::mem::replace(&mut self.state().edits, begun).unwrap_or_default()
    }

    fn apply(&self, params: &Value) -> Value {
        match &mut self.state().edits {
            Some(edits) if edits.len() < MAX_EDITS => {
                edits.push(params["edit"].clone());
                json!({ "applied": true })
            }
            _ => {
                let why = "edits are shown before they are made";
                json!({ "applied": false, "failureReason": why })
            }
        }
    }

    fn publish(&self, params: &Value) -> Result<(), &'static str> {
        let Some(path) = params["uri"].as_str().and_then(|uri| self.file(&Uri(uri.to_owned())))
        else {
            return Ok(());
        };
        let version = params["version"].as_i64().and_then(|version| i32::try_from(version).ok());
        let items = items(&params["diagnostics"]);
        let mut state = self.state();
        let is_known = state.published.contains_key(&path);
        if !is_known && MAX_FILES <= state.published.len() {
            return Err(TOO_MUCH);
        }
        let times = state.published.get(&path).map_or(0, |before| before.times) + 1;
        state.published.insert(path, Published { version, items, times });
        state.spoke = Some(Instant::now());
        Ok(())
    }

    fn progress(&self, params: &Value) -> Result<(), &'static str> {
        let token = params["token"].to_string();
        let mut state = self.state();
        state.announced.remove(&token);
        match params["value"]["kind"].as_str() {
            Some("begin") if MAX_WORK <= state.working.len() || MAX_WORK < token.len() => {
                return Err(TOO_MUCH);
            }
            Some("begin") => {
                state.working.insert(token);
            }
            Some("end") => {
                state.working.remove(&token);
                state.turns += 1;
            }
            _ => return Ok(()),
        }
        state.spoke = Some(Instant::now());
        Ok(())
    }

    /// Work is about to begin, and what was said before may be half of it.
    fn announce(&self, params: &Value) -> Result<(), &'static str> {
        let token = params["token"].to_string();
        let mut state = self.state();
        state.announced.retain(|_, at| at.elapsed() < ANNOUNCED);
        if MAX_WORK <= state.announced.len() || MAX_WORK < token.len() {
            return Err(TOO_MUCH);
        }
        state.announced.insert(token, Instant::now());
        state.spoke = Some(Instant::now());
        Ok(())
    }

    fn turn(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        state.turns += 1;
        state.spoke = Some(Instant::now());
    }

    fn configuration(&self, params: &Value) -> Result<Value, &'static str> {
        let section = |item: &Value| {
            let name = item["section"].as_str().unwrap_or_default();
            let parts = name.split('.').filter(|part| !part.is_empty());
            let found = parts.fold(&self.sections, |at, part| at.get(part).unwrap_or(&Value::Null));
            found.clone()
        };
        let items = params["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        if MAX_ASKED < items.len() {
            return Err(TOO_MUCH);
        }
        Ok(items.iter().map(section).collect())
    }

    fn folders(&self) -> Value {
        json!([{ "uri": uri::of_path(&self.folder).0, "name": "workspace" }])
    }
}

/// Diagnostics as they are on the wire; `None` where there is no list of them, or one of them cannot be read. The first ones of
/// very many stand for all.
pub(crate) fn items(list: &Value) -> Option<Vec<Diagnostic>> {
    let items = list.as_array()?.iter().take(MAX_ITEMS);
    items.map(|item| serde_json::from_value(item.clone()).ok()).collect()
}

impl Ear for Arc<Seen> {
    fn hear(&mut self, said: Said) -> Result<Option<Value>, &'static str> {
        let Said { method, params, is_request } = said;
        let answer = match method.as_str() {
            "textDocument/publishDiagnostics" => {
                self.publish(&params)?;
                None
            }
            "$/progress" => {
                self.progress(&params)?;
                None
            }
            "experimental/serverStatus" => {
                let is_quiescent = params["quiescent"].as_bool().unwrap_or(true);
                self.turn(|state| state.is_quiescent = is_quiescent);
                None
            }
            "workspace/diagnostic/refresh" => {
                self.turn(|_| ());
                Some(Value::Null)
            }
            "workspace/configuration" => Some(self.configuration(&params)?),
            "workspace/workspaceFolders" => Some(self.folders()),
            "window/workDoneProgress/create" => {
                self.announce(&params)?;
                Some(Value::Null)
            }
            "client/registerCapability"
            | "client/unregisterCapability"
            // A question of a server to a person: none is there.
            | "window/showMessageRequest" => Some(Value::Null),
            "window/showDocument" => Some(json!({ "success": false })),
            "workspace/applyEdit" => Some(self.apply(&params)),
            "window/logMessage" | "window/showMessage" => {
                tracing::trace!(message = params["message"].as_str(), "a language server says");
                None
            }
            _ if method.ends_with("/refresh") && is_request => Some(Value::Null),
            _ => None,
        };
        self.news.notify_waiters();
        Ok(answer.filter(|_| is_request))
    }

    fn gone(&mut self, why: &str) {
        self.state().gone = Some((why.to_owned(), Instant::now()));
        self.news.notify_waiters();
    }
}
