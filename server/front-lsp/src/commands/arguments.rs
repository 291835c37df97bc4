//! The shapes of the commands' arguments: plain JSON, also written by editor plugins. See `docs/protocol.md`.
//!
//! Whether what they name exists is checked elsewhere.

use std::collections::BTreeSet;

use base::HunkId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tower_lsp::gen_lsp_types::{Diagnostic, LspAny, Range, Uri};
use tower_lsp::jsonrpc::{Error, Result};

#[cfg(test)]
mod tests;

/// `baton.run.start`. Positions are in the connection's encoding.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// Name of a workflow.
    pub(super) workflow: String,
    /// What is wanted, in words.
    #[serde(default)]
    pub(super) text: String,
    /// The file that `range` and `diagnostic` are in; alone, all of it.
    pub(super) uri: Option<Uri>,
    /// The version of the document that positions are counted in; checked if given and the document is open.
    pub(super) version: Option<i32>,
    /// The part of the file that the request is about.
    pub(super) range: Option<Range>,
    /// The diagnostic to repair.
    pub(super) diagnostic: Option<Diagnostic>,
    /// Failing tests to repair.
    #[serde(default)]
    pub(super) tests: Vec<String>,
    /// Whether the change comes with a test of its own; as the settings say if absent.
    pub(super) with_tests: Option<bool>,
    /// `provider/model`, in place of the configured one.
    pub(super) model: Option<String>,
    /// Whether accepted hunks are committed.
    #[serde(default)]
    pub(super) commit: bool,
}

/// `baton.run.cancel`, `baton.run.resume`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfRun {
    /// An id, or a part of one that no other run has.
    pub(super) run: String,
}

/// `baton.proposal.accept`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accept {
    /// As in [`OfRun`].
    pub(super) run: String,
    /// These hunks only; all if absent.
    pub(super) hunks: Option<BTreeSet<HunkId>>,
    /// Whether to commit; as the run was started if absent.
    pub(super) commit: Option<bool>,
}

/// `baton.proposal.reject`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reject {
    /// As in [`OfRun`].
    pub(super) run: String,
    /// Why.
    pub(super) reason: Option<String>,
}

/// `baton.question.answer`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choose {
    /// As in [`OfRun`].
    pub(super) run: String,
    /// One of the question's choices.
    pub(super) choice: String,
}

/// `baton.proposal.revise`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Revise {
    /// As in [`OfRun`].
    pub(super) run: String,
    /// What should be different.
    pub(super) feedback: String,
}

/// Reads the one argument of the command `name`.
///
/// # Errors
/// `InvalidParams`, saying what is wrong with it.
pub(super) fn read<T: DeserializeOwned>(name: &str, arguments: Vec<LspAny>) -> Result<T> {
    let n_arguments = arguments.len();
    let [argument] = <[LspAny; 1]>::try_from(arguments).map_err(|_| {
        Error::invalid_params(format!("`{name}` takes one object as argument, got {n_arguments}"))
    })?;
    serde_json::from_value(argument)
        .map_err(|error| Error::invalid_params(format!("the argument of `{name}`: {error}")))
}
