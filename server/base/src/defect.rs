//! Why a change was refused, in a form that the next attempt can act on; deciding so is elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RelPath;

#[cfg(test)]
mod tests;

/// Detail is cut to so many bytes: it goes into prompts.
const DETAIL_BYTES: usize = 4096;
/// A summary is one line of at most so many bytes.
const SUMMARY_BYTES: usize = 240;

/// The kinds of refusal, cheapest check first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum DefectKind {
    /// The reply is not in the taught format.
    MalformedReply,
    /// The reply changes nothing.
    EmptyPatch,
    /// A path leaves the workspace or must not be written.
    BadPath,
    /// Text to be replaced is not in the file.
    AnchorMissing,
    /// Text to be replaced is in the file more than once.
    AnchorAmbiguous,
    /// The file no longer parses.
    Syntax,
    /// An added line holds what looks like a secret.
    Secret,
    /// The formatter refuses the file.
    Format,
    /// A linter that the project configures calls something new an error.
    Lint,
    /// A language tool has a new complaint.
    Diagnostic,
    /// The test that was to be repaired still fails.
    TestStillFails,
    /// A test that passed now fails.
    TestBroke,
    /// A test that was asked for fails, shows nothing, or came with what was not asked for.
    WeakTest,
    /// A command of a model failed, or could not be run.
    Command,
    /// The edit changes what was not to be changed.
    OutOfScope,
    /// A model that has not written it says that it is not what was asked for.
    Incoherent,
    /// A check took too long.
    Timeout,
    /// The plan of it was rejected, or nothing of it could be built.
    Rejected,
    /// The person asks for something else.
    Feedback,
}

/// One refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Defect {
    /// Which kind.
    pub kind: DefectKind,
    /// What is wrong, one line.
    pub summary: String,
    /// Output or text that shows it, bounded.
    pub detail: String,
    /// Files that it is about.
    pub paths: Vec<RelPath>,
    /// Tests that it is about.
    pub tests: Vec<String>,
    /// What to do instead.
    pub suggestion: String,
}

impl Defect {
    /// A defect about no file and no test yet; `summary` is cut to one line, `detail` to its last 4 KiB.
    pub fn new(kind: DefectKind, summary: &str, detail: &str, suggestion: &str) -> Defect {
        let line = summary.trim().lines().next().unwrap_or_default();
        Defect {
            kind,
            summary: line[..floor(line, SUMMARY_BYTES)].to_owned(),
            detail: tail(detail),
            paths: Vec::new(),
            tests: Vec::new(),
            suggestion: suggestion.to_owned(),
        }
    }
}

/// The end of a tool's output is where it says what went wrong.
fn tail(text: &str) -> String {
    if text.len() <= DETAIL_BYTES {
        return text.to_owned();
    }
    let mut start = text.len() - DETAIL_BYTES;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    format!("[{start} bytes cut]\n{}", &text[start..])
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
