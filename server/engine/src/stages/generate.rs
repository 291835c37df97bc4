//! Asks the model for an edit and reads it while it streams. What the reply claims is not looked at, only its edits.

use base::{Defect, Patch};
use models::{Delta, Message};
use serde::{Deserialize, Serialize};
use tools::edits;

use crate::cx::Cx;
use crate::error::Error;
use crate::event::{Event, Stage, StageState};
use crate::run::plural;

/// Streamed text is shown in pieces of about so many deltas: fewer flood the log, more look stuck.
const DELTAS_PER_EVENT: usize = 5;

/// What came back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Draft {
    /// The whole reply.
    pub(crate) reply: String,
    /// The edits, resolved against the workspace, or why they cannot be.
    pub(crate) patch: Result<Patch, Defect>,
    /// The commit message that the model wrote, not yet checked.
    pub(crate) message: Option<String>,
}

/// One reply of the coder.
pub(crate) async fn generate(cx: &Cx, messages: &[Message], attempt: u32) -> Result<Draft, Error> {
    cx.stage(Stage::Generate, StageState::Running, attempt, cx.model.to_string())?;
    let mut parser = edits::Parser::new();
    let mut text = Batch::default();
    let result = cx
        .ask_model(messages.to_vec(), |delta| match delta {
            Delta::Text(piece) => {
                parser.feed(piece);
                text.add(piece, |text| cx.emit(Event::Text { text }))
            }
            Delta::Thinking(piece) => cx.emit(Event::Thinking { text: piece.clone() }),
            Delta::Done(_) => Ok(()),
        })
        .await;
    text.flush(|text| cx.emit(Event::Text { text }))?;
    cx.emit_usage()?;
    let reply = match result {
        Ok(reply) => reply,
        Err(error) => {
            cx.stage(Stage::Generate, StageState::Failed, attempt, error.to_string())?;
            return Err(error);
        }
    };
    let message = commit_message(&reply);
    let snapshot = cx.workspace.vfs().snapshot();
    let (_, edits) = parser.finish();
    // A run may touch any file of the workspace; what lies outside of it, or in `.git`, is refused by `resolve`.
    let patch = edits.and_then(|edits| edits::resolve(&edits, &snapshot, &|_| true));
    let note = match &patch {
        Ok(patch) => format!("edits {}", plural(patch.files().len(), "file")),
        Err(defect) => defect.summary.clone(),
    };
    cx.stage(Stage::Generate, StageState::Done, attempt, note)?;
    Ok(Draft { reply, patch, message })
}

/// The last `COMMIT:` line of the reply.
fn commit_message(reply: &str) -> Option<String> {
    let line =
        reply.lines().rev().find_map(|line| line.trim().trim_matches('`').strip_prefix("COMMIT:"));
    line.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// Collects small pieces into larger ones.
#[derive(Default)]
struct Batch {
    text: String,
    deltas: usize,
}

impl Batch {
    fn add(
        &mut self,
        piece: &str,
        emit: impl FnOnce(String) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.text.push_str(piece);
        self.deltas += 1;
        if self.deltas < DELTAS_PER_EVENT { Ok(()) } else { self.flush(emit) }
    }

    fn flush(&mut self, emit: impl FnOnce(String) -> Result<(), Error>) -> Result<(), Error> {
        self.deltas = 0;
        let text = std::mem::take(&mut self.text);
        if text.is_empty() { Ok(()) } else { emit(text) }
    }
}

#[cfg(test)]
mod tests;
