//! Asks the model for an edit and reads it while it streams. What the reply claims is not looked at, only its edits.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{Defect, DefectKind, Patch};
use serde::{Deserialize, Serialize};
use tools::edits;

use crate::agents::conversation::Conversation;
use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Stage, StageState};
use crate::run::plural;

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// The whole reply.
    pub(crate) reply: String,
    /// Its lines that are no edits.
    #[serde(default)]
    pub(crate) prose: String,
    /// The edits, resolved against the workspace, or why they cannot be.
    pub(crate) patch: Result<Patch, Defect>,
    /// The commit message that the model wrote, not yet checked.
    pub(crate) message: Option<String>,
}

/// One reply. `kept`: what stays of earlier replies; the edits are made over it, and the patch has both.
pub(crate) async fn generate(
    cx: &Cx,
    talk: &Conversation,
    attempt: u32,
    kept: &Patch,
) -> Result<Draft, Error> {
    let reading = Mutex::new(Reading::default());
    // Another model begins anew, and so does the stage's text.
    let restart = |model: &str| {
        *locked(&reading) = Reading::default();
        cx.stage(Stage::Generate, StageState::Running, attempt, model)
    };
    let feed = |text: &str| locked(&reading).feed(text);
    let result = cx.ask_model(talk, restart, feed).await;
    let reply = match result {
        Ok(reply) => reply,
        Err(error) => {
            cx.stage(Stage::Generate, StageState::Failed, attempt, error.to_string())?;
            return Err(error);
        }
    };
    let message = commit_message(&reply.text);
    let texts =
        kept.changes().iter().filter_map(|it| Some((it.path().clone(), it.new_text()?.into())));
    let snapshot = cx.snapshot().over(texts);
    let reading = reading.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (prose, edits) = reading.finish();
    // A run may touch any file of the workspace; what lies outside of it, or in `.git`, is refused by `resolve`.
    let patch = match reply.cut_at {
        // The edits that are whole may be half of the change.
        Some(n_tokens) => Err(cut_off(n_tokens)),
        None => edits.and_then(|edits| edits::resolve(&edits, &snapshot, &|_| true)),
    };
    let patch = match patch {
        // What was kept is said again, and may be all that was asked for.
        Err(defect) if defect.kind == DefectKind::EmptyPatch && !kept.is_empty() => {
            Ok(kept.clone())
        }
        patch => patch.map(|patch| if kept.is_empty() { patch } else { kept.then(&patch) }),
    };
    let note = match &patch {
        Ok(patch) => format!("edits {}", plural(patch.files().len(), "file")),
        Err(defect) => defect.summary.clone(),
    };
    cx.stage(Stage::Generate, StageState::Done, attempt, note)?;
    Ok(Draft { reply: reply.text, prose, patch, message })
}

fn cut_off(n_tokens: u64) -> Defect {
    Defect {
        kind: DefectKind::MalformedReply,
        summary: format!("the answer was cut off at its limit of {n_tokens} tokens"),
        detail: String::new(),
        paths: Vec::new(),
        tests: Vec::new(),
        suggestion: "answer with the edits alone, and show no more lines than they need".into(),
    }
}

/// The last `COMMIT:` line of the reply.
fn commit_message(reply: &str) -> Option<String> {
    let line =
        reply.lines().rev().find_map(|line| line.trim().trim_matches('`').strip_prefix("COMMIT:"));
    line.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// A reply as far as it has come.
#[derive(Default)]
struct Reading {
    parser: edits::Parser,
    prose: String,
}

impl Reading {
    fn feed(&mut self, text: &str) {
        let events = self.parser.feed(text);
        self.take(events);
    }

    fn take(&mut self, events: Vec<edits::Event>) {
        for event in events {
            if let edits::Event::Prose(line) = event {
                self.prose.push_str(&line);
                self.prose.push('\n');
            }
        }
    }

    fn finish(mut self) -> (String, Result<Vec<edits::ModelEdit>, Defect>) {
        let (events, edits) = std::mem::take(&mut self.parser).finish();
        self.take(events);
        (self.prose, edits)
    }
}

/// A panic elsewhere leaves a whole one behind.
fn locked(reading: &Mutex<Reading>) -> MutexGuard<'_, Reading> {
    reading.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
