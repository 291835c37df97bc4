//! The engine's way into the client's buffers: `workspace/applyEdit`, one at a time, for the text that is there now.
//!
//! Whether the client did it is not decided here: the engine reads what the client reports.

mod edit;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base::{BaseText, FileChange, Patch, RelPath, Text, rebase};
use engine::{Editor, EditorChange, Proposal, RunId};
use tokio::sync::RwLock;
use tower_lsp::Client;
use tower_lsp::gen_lsp_types::{
    ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ApplyWorkspaceEditResult,
};
use tower_lsp::jsonrpc;
use vfs::Vfs;

use crate::documents::Documents;
use crate::features::Features;
use crate::transport;

use edit::OpenFile;

/// How often an edit is made anew for a text that changed while it was on its way.
const TRIES: usize = 3;

/// How long the end of a connection takes to park the runs, after requests have begun to fail for it.
const ENDING: Duration = Duration::from_secs(5);

/// The client as an editor of open files.
pub(crate) struct ClientEditor {
    client: Client,
    features: Features,
    documents: Arc<Documents>,
    vfs: Vfs,
    /// Held while an edit is at the client: several clients mix up two edits, or drop the first one's preview.
    in_flight: tokio::sync::Mutex<()>,
    /// See [`crate::session::Session`].
    commands: Arc<RwLock<()>>,
    /// Proposals that the user has not seen yet and is to confirm in the client. Filled and emptied by `follow`.
    unconfirmed: Mutex<BTreeMap<RunId, Unconfirmed>>,
}

struct Unconfirmed {
    files: Vec<RelPath>,
    /// What the user should know when deciding.
    evidence: String,
}

impl ClientEditor {
    pub(crate) fn new(
        client: Client,
        features: Features,
        documents: Arc<Documents>,
        vfs: Vfs,
        commands: Arc<RwLock<()>>,
    ) -> ClientEditor {
        ClientEditor {
            client,
            features,
            documents,
            vfs,
            in_flight: tokio::sync::Mutex::default(),
            commands,
            unconfirmed: Mutex::default(),
        }
    }

    /// Whether the client itself can ask its user about every change of the patch, so that nobody else has to.
    pub(crate) fn can_confirm(&self, patch: &Patch) -> bool {
        self.features.confirms_edits()
            && patch.changes().iter().all(|change| match change {
                FileChange::Edit { path, .. } => self.has_open(path),
                FileChange::Create { .. }
                | FileChange::Delete { .. }
                | FileChange::Rename { .. } => false,
            })
    }

    /// From now on edits of the proposal's files ask for confirmation, until [`Self::confirmed`].
    pub(crate) fn confirm(&self, run: &RunId, proposal: &Proposal) {
        let (files, evidence) = (proposal.patch().files(), proposal.evidence_line());
        self.unconfirmed().insert(run.clone(), Unconfirmed { files, evidence });
    }

    /// The run's edits have been made, or will not be made.
    pub(crate) fn confirmed(&self, run: &RunId) {
        self.unconfirmed().remove(run);
    }

    /// The evidence to show, if some run waits for the client's user to confirm an edit of one of the files. Where two
    /// runs change one file at a time, that is one question too many rather than one too few.
    fn to_confirm(&self, files: &[EditorChange]) -> Option<String> {
        let unconfirmed = self.unconfirmed();
        let concerns = |it: &&Unconfirmed| files.iter().any(|file| it.files.contains(&file.path));
        unconfirmed.values().find(concerns).map(|it| it.evidence.clone())
    }

    fn unconfirmed(&self) -> MutexGuard<'_, BTreeMap<RunId, Unconfirmed>> {
        self.unconfirmed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes for the buffers as they are now, and what of them still fits.
    fn up_to_date(&self, files: &[EditorChange]) -> Result<Vec<OpenFile>, String> {
        let buffers: BTreeMap<&RelPath, (i32, Text, Arc<str>)> = files
            .iter()
            .filter_map(|file| {
                let buffer = self.vfs.buffer(&file.path)?;
                let text = Arc::from(buffer.text.to_string());
                Some((&file.path, (buffer.version, buffer.text, text)))
            })
            .collect();
        let changes = files.iter().map(|file| FileChange::Edit {
            path: file.path.clone(),
            base: BaseText::of(file.old.clone()),
            edits: file.edits.clone(),
        });
        let patch = Patch::new(changes.collect()).map_err(|error| error.to_string())?;
        let rebased = rebase(&patch, &|path| Some(buffers.get(path)?.2.clone()));
        let open = rebased.patch.changes().iter().filter_map(|change| {
            let FileChange::Edit { path, edits, .. } = change else { return None };
            let (version, text, _) = buffers.get(path)?;
            Some(OpenFile {
                path: path.clone(),
                // Closed in this moment: then the text on disk is the truth, and the engine sees that nothing came.
                uri: self.documents.uri_of(path)?,
                version: *version,
                text: text.clone(),
                edits: edits.clone(),
            })
        });
        Ok(open.collect())
    }

    /// Whether the client has reported other text since the edit was made.
    fn has_moved(&self, files: &[OpenFile]) -> bool {
        files.iter().any(|file| {
            self.vfs.buffer(&file.path).is_none_or(|buffer| buffer.version != file.version)
        })
    }

    async fn make(&self, label: &str, files: Vec<EditorChange>) -> Result<(), String> {
        let _one_at_a_time = self.in_flight.lock().await;
        // Clients expect the answer to their command before the edit that it leads to.
        drop(self.commands.write().await);
        let confirm = self.to_confirm(&files);
        let mut refusal = String::from("the editor refused the change");
        for _ in 0..TRIES {
            let open = self.up_to_date(&files)?;
            if open.is_empty() {
                return Ok(());
            }
            let params = edit::params(&self.features, label, &open, confirm.as_deref());
            match self.send(params).await {
                Ok(result) if result.applied => return Ok(()),
                Ok(ApplyWorkspaceEditResult { failure_reason: Some(reason), .. }) => {
                    refusal = format!("the editor refused the change: {reason}");
                }
                Ok(_) if confirm.is_some() => {
                    refusal = "the change was not confirmed in the editor".into();
                }
                Ok(_) => {}
                Err(error) => refusal = format!("the editor refused the change: {}", error.message),
            }
            // A text that moved on is a reason to try again, a user who said no is not.
            if confirm.is_some() || !self.has_moved(&open) {
                break;
            }
        }
        Err(refusal)
    }

    /// The client's answer.
    async fn send(
        &self,
        params: ApplyWorkspaceEditParams,
    ) -> jsonrpc::Result<ApplyWorkspaceEditResult> {
        let answer = self.client.send_request::<ApplyWorkspaceEditRequest>(params).await;
        if let Err(error) = &answer
            && (error.message == transport::CLIENT_GONE
                || *error == jsonrpc::Error::internal_error())
        {
            // Leaves the end of the connection its time to park the run: taken up again, an edit that was accepted is
            // made, and one that was to be confirmed is asked about.
            tokio::time::sleep(ENDING).await;
        }
        answer
    }
}

impl Editor for ClientEditor {
    fn has_open(&self, path: &RelPath) -> bool {
        self.features.apply_edit && self.documents.uri_of(path).is_some()
    }

    fn apply<'a>(
        &'a self,
        label: &'a str,
        files: Vec<EditorChange>,
    ) -> engine::BoxFuture<'a, Result<(), String>> {
        Box::pin(self.make(label, files))
    }
}
