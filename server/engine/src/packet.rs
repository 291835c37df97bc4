//! What who builds hands to whoever looks at it next: the coherence check, the memory, a person's own command.

use std::collections::BTreeMap;

use base::{ContentHash, Patch, RelPath};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A summary is at most so many characters.
const SUMMARY_CHARS: usize = 400;
/// So many hints are taken, each of so many characters at most.
const HINTS: usize = 8;
const HINT_CHARS: usize = 200;
/// How a line of a reply begins that says how to check it.
const HINT: &str = "CHECK:";

/// A turn of a builder, as it is handed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatonPacket {
    /// All that was said.
    pub response: String,
    /// What of it is no edit, in short.
    pub summary: String,
    /// What it makes of files.
    pub files_changed: BTreeMap<RelPath, FileHashes>,
    /// How the builder thinks that it can be checked; not believed, only looked at.
    pub verification_hints: Vec<String>,
    /// Whose it is.
    pub metadata: PacketMetadata,
}

/// A file before and after a turn; `None` where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileHashes {
    /// The text that was changed.
    pub before: Option<ContentHash>,
    /// What it has become.
    pub after: Option<ContentHash>,
}

/// Where a turn stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PacketMetadata {
    /// Name of the agent.
    pub agent: String,
    /// The run.
    pub run: String,
    /// The part of the run, such as an item of a roadmap; empty for all of it.
    pub part: String,
    /// The task of that part's plan; empty where there is none.
    pub task: String,
    /// Counts from 1 within the task.
    pub turn: u32,
    /// What was to be done.
    pub subject: String,
}

impl BatonPacket {
    /// `prose`: the lines of the response that are no edits. `patch`: what the edits come to, if they could be read.
    pub(crate) fn new(
        response: &str,
        prose: &str,
        patch: Option<&Patch>,
        metadata: PacketMetadata,
    ) -> BatonPacket {
        BatonPacket {
            response: response.to_owned(),
            summary: summary(prose, patch),
            files_changed: patch.map(hashes).unwrap_or_default(),
            verification_hints: hints(prose),
            metadata,
        }
    }
}

/// What is said around the edits, on one line; where nothing is, what they change.
fn summary(prose: &str, patch: Option<&Patch>) -> String {
    let lines = prose.lines().map(str::trim);
    let says = |line: &&str| {
        line.chars().any(char::is_alphanumeric)
            && !line.starts_with(HINT)
            && !line.trim_matches('`').starts_with("COMMIT:")
    };
    let text = lines.filter(says).collect::<Vec<_>>().join(" ");
    if !text.is_empty() {
        return shortened(&text, SUMMARY_CHARS);
    }
    let files = patch.map(Patch::files).unwrap_or_default();
    let names: Vec<&str> = files.iter().map(RelPath::as_str).collect();
    match names.as_slice() {
        [] => "No edit that could be read.".to_owned(),
        names => shortened(&format!("Changes {}.", names.join(", ")), SUMMARY_CHARS),
    }
}

fn hints(prose: &str) -> Vec<String> {
    let hints = prose.lines().filter_map(|line| line.trim().strip_prefix(HINT));
    let hints = hints.map(str::trim).filter(|hint| !hint.is_empty());
    hints.take(HINTS).map(|hint| shortened(hint, HINT_CHARS)).collect()
}

fn hashes(patch: &Patch) -> BTreeMap<RelPath, FileHashes> {
    let mut res = BTreeMap::new();
    for change in patch.changes() {
        let before = change.base().map(|base| ContentHash::of(base.text.as_bytes()));
        let after = change.new_text().map(|text| ContentHash::of(text.as_bytes()));
        match change.old_path().filter(|old| *old != change.path()) {
            Some(old) => {
                res.insert(old.clone(), FileHashes { before, after: None });
                res.insert(change.path().clone(), FileHashes { before: None, after });
            }
            None => {
                res.insert(change.path().clone(), FileHashes { before, after });
            }
        }
    }
    res
}

/// The beginning of a text, whole words.
pub(crate) fn shortened(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let cut: String = text.chars().take(chars).collect();
    let end = cut.rfind(char::is_whitespace).filter(|at| chars / 2 < *at).unwrap_or(cut.len());
    format!("{} …", cut[..end].trim_end())
}

#[cfg(test)]
mod tests;
