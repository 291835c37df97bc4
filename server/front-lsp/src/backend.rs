//! The methods of the protocol, each handed to the module that knows how.

use std::sync::Arc;

use base::Text;
use engine::RunId;
use tower_lsp::LanguageServer;
use tower_lsp::gen_lsp_types::{
    CodeActionParams, CodeActionResponse, DidChangeConfigurationParams,
    DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, ExecuteCommandParams,
    InitializeParams, InitializeResult, InitializedParams, LspAny, ProgressToken,
    TextDocumentContentParams, TextDocumentContentResult, WorkDoneProgressCancelParams,
    WorkspaceSymbolParams, WorkspaceSymbolResponse,
};
use tower_lsp::jsonrpc::{Error, Result};

use crate::actions::{self, Document};
use crate::documents::Documents;
use crate::features::Features;
use crate::session::Session;
use crate::{commands, folder, preview, progress, symbols};

/// The server as the protocol's router sees it.
pub(crate) struct Backend {
    session: Arc<Session>,
}

impl Backend {
    pub(crate) fn new(session: Arc<Session>) -> Backend {
        Backend { session }
    }

    /// `window/workDoneProgress/cancel`: ends the run behind the progress.
    pub(crate) async fn cancel_progress(&self, params: WorkDoneProgressCancelParams) {
        let ProgressToken::String(token) = params.token else { return };
        let Some(id) = progress::run_of(&token) else { return };
        let opened = self.session.workspace_now();
        match opened.and_then(|opened| opened.workspace.run(&RunId(id.to_owned()))) {
            Some(run) => run.cancel(),
            None => tracing::debug!(token, "no such run to cancel"),
        }
    }
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        let features = Features::of(&params);
        let folder = folder::choose(&params, self.session.fallback());
        self.session.begin(features, folder);
        Ok(features.initialize_result())
    }

    async fn initialized(&self, _params: InitializedParams) {
        self.session.announce();
    }

    // Sent by clients that were not asked to; without these the router would warn of each.
    async fn did_change_configuration(&self, _params: DidChangeConfigurationParams) {}
    async fn did_change_watched_files(&self, _params: DidChangeWatchedFilesParams) {}
    async fn did_change_workspace_folders(&self, _params: DidChangeWorkspaceFoldersParams) {}

    async fn shutdown(&self) -> Result<()> {
        self.session.park().await;
        Ok(())
    }

    async fn code_action(
        &self,
        params: CodeActionParams,
    ) -> Result<Option<Vec<CodeActionResponse>>> {
        // A file that is none of ours has no actions; that is no error.
        let Ok(path) = self.session.documents.path_of(&params.text_document.uri) else {
            return Ok(None);
        };
        // Without a snapshot the workspace is still being opened: an action list must not wait for that.
        let Some(snapshot) = Documents::snapshot_at_dispatch() else { return Ok(None) };
        let version = snapshot.meta(&path).and_then(|meta| meta.buffer_version);
        let read = tokio::task::spawn_blocking(move || snapshot.read(&path));
        let Ok(Ok(text)) = read.await else { return Ok(None) };
        let document = Document { version, text: Text::new(&text) };
        let features = self.session.features();
        Ok(Some(actions::offer(&params, &document, &features)))
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<LspAny>> {
        commands::execute(&self.session, params).await.map(Some)
    }

    async fn symbol(
        &self,
        params: WorkspaceSymbolParams,
    ) -> Result<Option<WorkspaceSymbolResponse>> {
        Ok(Some(symbols::find(&self.session, params).await?.into()))
    }

    async fn text_document_content(
        &self,
        params: TextDocumentContentParams,
    ) -> Result<TextDocumentContentResult> {
        let opened = self.session.workspace().await.map_err(commands::failed)?;
        let id = preview::run_of(&params.uri)
            .ok_or_else(|| Error::invalid_params(format!("there is no `{}`", params.uri.0)))?;
        let record = opened.workspace.record(&RunId(id.to_owned()));
        let record = record.map_err(|error| commands::refused(&error))?;
        let Some(proposal) = record.proposal else {
            return Err(commands::failed(format!("run {id} has no proposal")));
        };
        Ok(TextDocumentContentResult { text: preview::text(id, &record.summary.text, &proposal) })
    }
}
