//! The documents that this client has open, kept in step with the workspace's buffers in the order of the wire.
//!
//! What arrives before the workspace is open is kept and replayed. Files outside of the workspace are none of ours: they
//! are ignored. Nothing here parses, reads a file or waits.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base::{AbsPathBuf, PositionEncoding, RelPath};
use futures::FutureExt;
use futures::future::BoxFuture;
use tower_lsp::gen_lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, Uri,
};
use vfs::{BufferChange, Snapshot, Vfs};

use crate::order::DocumentSync;
use lsp::convert;
use lsp::convert::uri::{self, UriError};

#[cfg(test)]
mod tests;

tokio::task_local! {
    /// The files as they were when the message that is being handled was read; `None` before the workspace was open.
    static AT_DISPATCH: Option<Snapshot>;
}

/// The open documents of one connection.
#[derive(Default)]
pub(crate) struct Documents {
    /// Held for moments, never across IO or an await.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    stage: Stage,
    /// The workspace's root as the client spells it, and its real path once that is known.
    roots: Vec<AbsPathBuf>,
    /// What is open, with the client's own spelling. Filled by `didOpen`, emptied by `didClose` and the end.
    open: BTreeMap<RelPath, Uri>,
}

#[derive(Default)]
enum Stage {
    /// The folder is not known yet, or cannot be opened: notifications are dropped.
    #[default]
    Shut,
    /// The workspace is being opened: notifications are kept.
    Opening { encoding: PositionEncoding, kept: Vec<Notice> },
    /// Notifications reach the buffers.
    Open { encoding: PositionEncoding, vfs: Vfs },
}

/// A document notification, in our words.
enum Notice {
    Opened { uri: Uri, version: i32, text: String },
    Changed { uri: Uri, version: i32, changes: Vec<BufferChange> },
    Closed { uri: Uri },
}

impl Documents {
    /// From now on notifications are kept for the workspace at `root`.
    pub(crate) fn expect(&self, root: AbsPathBuf, encoding: PositionEncoding) {
        let mut state = self.lock();
        state.roots = vec![root];
        state.stage = Stage::Opening { encoding, kept: Vec::new() };
    }

    /// The workspace is open: replays what was kept, in order.
    pub(crate) fn attach(&self, vfs: Vfs) {
        let mut state = self.lock();
        let Stage::Opening { encoding, kept } = std::mem::take(&mut state.stage) else { return };
        if !state.roots.contains(vfs.root()) {
            state.roots.push(vfs.root().clone());
        }
        for notice in kept {
            state.apply(&vfs, notice);
        }
        state.stage = Stage::Open { encoding, vfs };
    }

    /// There is no workspace, or no client any more: what is open is closed and nothing more is taken.
    pub(crate) fn shut(&self) {
        let mut state = self.lock();
        let open = std::mem::take(&mut state.open);
        if let Stage::Open { vfs, .. } = std::mem::take(&mut state.stage) {
            for path in open.keys() {
                vfs.close_buffer(path);
            }
        }
    }

    /// The workspace path of a file that the client names.
    ///
    /// # Errors
    /// Any [`UriError`]: it is not a file of this workspace.
    pub(crate) fn path_of(&self, uri: &Uri) -> Result<RelPath, UriError> {
        self.lock().path_of(uri)
    }

    /// The client's own spelling of an open document; `None` if it is not open.
    pub(crate) fn uri_of(&self, path: &RelPath) -> Option<Uri> {
        self.lock().open.get(path).cloned()
    }

    /// The client's own spelling of an open document, else one below the root as the client spells that; `None` before there
    /// is a root.
    pub(crate) fn uri_for(&self, path: &RelPath) -> Option<Uri> {
        let state = self.lock();
        let open = state.open.get(path).cloned();
        open.or_else(|| Some(uri::of_path(&state.roots.first()?.join(path))))
    }

    /// The files as the handler's message found them. `None` outside of a handler or before the workspace was open.
    pub(crate) fn snapshot_at_dispatch() -> Option<Snapshot> {
        AT_DISPATCH.try_with(Clone::clone).ok().flatten()
    }

    fn take(&self, notice: impl FnOnce(PositionEncoding) -> Notice) {
        let mut state = self.lock();
        match &mut state.stage {
            Stage::Shut => {}
            Stage::Opening { encoding, kept } => kept.push(notice(*encoding)),
            Stage::Open { encoding, vfs } => {
                let (encoding, vfs) = (*encoding, vfs.clone());
                state.apply(&vfs, notice(encoding));
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each section leaves the state usable at every point.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn path_of(&self, uri: &Uri) -> Result<RelPath, UriError> {
        let path = uri::to_path(uri)?;
        let root = self.roots.first().ok_or(UriError::NoWorkspace)?;
        let outside = || UriError::Outside { uri: uri.0.clone(), root: root.to_string() };
        self.roots.iter().find_map(|root| path.strip(root)).ok_or_else(outside)
    }

    fn apply(&mut self, vfs: &Vfs, notice: Notice) {
        let uri = match &notice {
            Notice::Opened { uri, .. } | Notice::Changed { uri, .. } | Notice::Closed { uri } => {
                uri
            }
        };
        let path = match self.path_of(uri) {
            Ok(path) => path,
            Err(why) => {
                tracing::debug!(%why, "document ignored");
                return;
            }
        };
        match notice {
            Notice::Opened { uri, version, text } => {
                vfs.open_buffer(path.clone(), version, &text);
                self.open.insert(path, uri);
            }
            Notice::Changed { version, changes, .. } => {
                if let Err(error) = vfs.change_buffer(&path, version, &changes) {
                    tracing::warn!(%path, %error, "change ignored");
                }
            }
            Notice::Closed { .. } => {
                if self.open.remove(&path).is_some() {
                    vfs.close_buffer(&path);
                }
            }
        }
    }
}

impl DocumentSync for Documents {
    fn opened(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        self.take(|_| Notice::Opened {
            uri: document.uri,
            version: document.version,
            text: document.text,
        });
    }

    fn changed(&self, params: DidChangeTextDocumentParams) {
        let document = params.text_document;
        self.take(|encoding| Notice::Changed {
            uri: document.text_document_identifier.uri,
            version: document.version,
            changes: convert::changes_from_proto(params.content_changes, encoding),
        });
    }

    fn closed(&self, params: DidCloseTextDocumentParams) {
        self.take(|_| Notice::Closed { uri: params.text_document.uri });
    }

    fn saved(&self, _params: DidSaveTextDocumentParams) {
        // The buffer is the truth while it is open, and the workspace watches its files.
    }

    fn at_dispatch<T: Send + 'static>(
        &self,
        handler: BoxFuture<'static, T>,
    ) -> BoxFuture<'static, T> {
        let snapshot = match &self.lock().stage {
            Stage::Open { vfs, .. } => Some(vfs.snapshot()),
            Stage::Shut | Stage::Opening { .. } => None,
        };
        AT_DISPATCH.scope(snapshot, handler).boxed()
    }
}
