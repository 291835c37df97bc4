//! A proposal as a read-only document: its evidence as comments, then the diff; `git apply` takes it as it is.
//!
//! Shown as a virtual document where the client fetches those, else as a file in Baton's own data directory.

use std::path::{Path, PathBuf};

use base::{AbsPathBuf, Verdict, unified};
use engine::{Proposal, Run};
use tower_lsp::gen_lsp_types::{ShowDocumentParams, Uri};

use crate::session::{Opened, Session};
use lsp::convert::uri;

#[cfg(test)]
mod tests;

/// The scheme of virtual documents.
pub(crate) const SCHEME: &str = "baton";

const URI_START: &str = "baton:/runs/";
const URI_END: &str = "/proposal.diff";

/// Where the user finds a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// In front of them.
    Document,
    /// In a file that they can open.
    File(PathBuf),
    /// Nowhere: the file could not be written.
    Nowhere,
}

/// The id of the run whose proposal is the document at `uri`.
pub(crate) fn run_of(uri: &Uri) -> Option<&str> {
    let id = uri.0.strip_prefix(URI_START)?.strip_suffix(URI_END)?;
    // Ids are hexadecimal; nothing else gets to the database.
    id.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(id)
}

/// The document's text. `request` is what was asked for, in the user's words.
pub(crate) fn text(run: &str, request: &str, proposal: &Proposal) -> String {
    let mut lines = vec![format!("Baton, run {run}")];
    if let Some(line) = request.lines().next().filter(|line| !line.trim().is_empty()) {
        lines.push(format!("Request: {}", line.trim()));
    }
    let evidence = proposal.evidence();
    lines.extend(evidence.checks.iter().map(|check| {
        let found = match &check.after {
            Verdict::Clean => "clean".to_owned(),
            Verdict::Findings(found) => format!("{} findings: {}", found.len(), found.join("; ")),
            Verdict::NoAnswer(why) => format!("no answer: {why}"),
        };
        format!("{}: {found}", check.name)
    }));
    if !evidence.fixed.is_empty() {
        lines.push(format!("Fixed: {}", evidence.fixed.join(", ")));
    }
    if !evidence.sandbox.is_empty() {
        lines.push(format!("Sandbox: {}", evidence.sandbox));
    }
    let mut text = String::new();
    for line in lines {
        text.push_str("# ");
        text.push_str(&line.replace(['\n', '\r'], " "));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&unified(proposal.patch()));
    text
}

/// Shows the proposal of `run` in the client, as far as it can.
pub(crate) async fn show(
    session: &Session,
    opened: &Opened,
    run: &Run,
    proposal: &Proposal,
) -> Shown {
    let features = session.features();
    if features.show_document && features.document_content {
        let uri = Uri(format!("{URI_START}{}{URI_END}", run.id()));
        // A client that still shows an older proposal of this run fetches the text again; others do not mind.
        let _ = session.client.text_document_content_refresh(uri.clone()).await;
        if show_document(session, uri).await {
            return Shown::Document;
        }
    }
    let text = text(&run.id().0, &run.request().text, proposal);
    let file = file_of(opened, run);
    let target = file.clone();
    let written = tokio::task::spawn_blocking(move || write(&target, &text)).await;
    match written {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(file = %file.display(), %error, "cannot write the preview");
            return Shown::Nowhere;
        }
        Err(_) => return Shown::Nowhere,
    }
    if features.show_document
        && let Ok(path) = AbsPathBuf::try_from(file.clone())
        && show_document(session, uri::of_path(&path)).await
    {
        return Shown::Document;
    }
    Shown::File(file)
}

/// Removes the preview file of a run that has ended.
pub(crate) async fn remove(opened: &Opened, run: &Run) {
    let file = file_of(opened, run);
    // Most runs never had one.
    let _ = tokio::task::spawn_blocking(move || remove_file(&file)).await;
}

fn file_of(opened: &Opened, run: &Run) -> PathBuf {
    opened.workspace.config().data_dir.join("previews").join(format!("{}.diff", run.id()))
}

async fn show_document(session: &Session, uri: Uri) -> bool {
    let params =
        ShowDocumentParams { uri, external: Some(false), take_focus: Some(false), selection: None };
    session.client.show_document(params).await.unwrap_or(false)
}

#[allow(clippy::disallowed_methods, reason = "a file of Baton's own, not of the workspace")]
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(dir) = file.parent() {
        std::fs::create_dir_all(dir)?;
    }
    // An earlier preview is read-only: it is replaced, not written to.
    let new = file.with_extension("new");
    remove_file(&new)?;
    std::fs::write(&new, text)?;
    let mut permissions = std::fs::metadata(&new)?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(&new, permissions)?;
    std::fs::rename(&new, file)
}

#[allow(clippy::disallowed_methods, reason = "a file of Baton's own, not of the workspace")]
fn remove_file(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
