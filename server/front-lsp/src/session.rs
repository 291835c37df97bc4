//! What one connection knows: its client, its documents, its workspace once that is open, the runs that it follows.
//!
//! It decides nothing about a run; see `follow`.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use base::AbsPathBuf;
use engine::{Attached, Run, RunId, Workspace};
use futures::future::BoxFuture;
use tokio::sync::{RwLock, watch};
use tower_lsp::Client;
use tower_lsp::gen_lsp_types::MessageType;

use crate::documents::Documents;
use crate::editor::ClientEditor;
use crate::features::Features;
use crate::folder::Folder;
use crate::follow;
use crate::tasks::Tasks;

/// How long a request waits for the workspace to be open.
const OPENING: Duration = Duration::from_secs(30);

/// How long the end waits for the runs' processes to end.
const PARKING: Duration = Duration::from_secs(10);

/// Opens the workspace at a folder; the error is shown to the user.
pub(crate) type Open =
    Box<dyn FnOnce(AbsPathBuf) -> BoxFuture<'static, Result<Workspace, String>> + Send>;

/// One connection.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) documents: Arc<Documents>,
    pub(crate) tasks: Tasks,
    /// Held for reading while a command answers a question of a run, so that the answer to the command goes out before
    /// the edit that it leads to: `editor` waits here.
    pub(crate) commands: Arc<RwLock<()>>,
    /// The folder if the client names none.
    fallback: AbsPathBuf,
    /// Set by `initialize`.
    features: OnceLock<Features>,
    /// Taken by `initialize`.
    open: Mutex<Option<Open>>,
    /// Set when the workspace is open, or cannot be.
    opening: watch::Sender<Opening>,
    /// What to tell the user once the client is ready to hear it. Filled by `initialize`, taken by `initialized`.
    note: Mutex<Option<String>>,
    /// Runs whose events this connection shows. Filled by `follow`, left when the run ends.
    followed: Mutex<BTreeSet<RunId>>,
}

/// How far the workspace is.
#[derive(Clone)]
enum Opening {
    Pending,
    Done(Arc<Opened>),
    Failed(Arc<str>),
}

/// An open workspace and this client's part in it.
pub(crate) struct Opened {
    pub(crate) workspace: Workspace,
    pub(crate) editor: Arc<ClientEditor>,
    /// Keeps the editor attached until the connection ends.
    _attached: Attached,
}

impl Session {
    pub(crate) fn new(
        client: Client,
        documents: Arc<Documents>,
        fallback: AbsPathBuf,
        open: Open,
    ) -> Arc<Session> {
        Arc::new(Session {
            client,
            documents,
            tasks: Tasks::new(),
            commands: Arc::default(),
            fallback,
            features: OnceLock::new(),
            open: Mutex::new(Some(open)),
            opening: watch::Sender::new(Opening::Pending),
            note: Mutex::default(),
            followed: Mutex::default(),
        })
    }

    /// The folder if the client names none.
    pub(crate) fn fallback(&self) -> &AbsPathBuf {
        &self.fallback
    }

    /// The client's abilities; before `initialize` those of a client that has none.
    pub(crate) fn features(&self) -> Features {
        self.features.get().copied().unwrap_or_else(Features::none)
    }

    /// Begins to open the workspace, in the background.
    pub(crate) fn begin(self: &Arc<Session>, features: Features, folder: Folder) {
        let open = lock(&self.open).take();
        let (Ok(()), Some(open)) = (self.features.set(features), open) else { return };
        *lock(&self.note) = folder.note;
        let root = match folder.root {
            Ok(root) => root,
            Err(why) => {
                self.opening.send_replace(Opening::Failed(why.into()));
                return;
            }
        };
        self.documents.expect(root.clone(), features.encoding);
        let session = Arc::clone(self);
        self.tasks.spawn(async move {
            match open(root).await {
                Ok(workspace) => session.opened(workspace),
                Err(why) => {
                    session.documents.shut();
                    session.opening.send_replace(Opening::Failed(why.into()));
                }
            }
        });
    }

    fn opened(&self, workspace: Workspace) {
        let editor = Arc::new(ClientEditor::new(
            self.client.clone(),
            self.features(),
            Arc::clone(&self.documents),
            workspace.vfs().clone(),
            Arc::clone(&self.commands),
        ));
        let attached = workspace.attach(editor.clone());
        // The editor is attached first: a document that is open is never taken for one that is not.
        self.documents.attach(workspace.vfs().clone());
        let opened = Opened { workspace, editor, _attached: attached };
        self.opening.send_replace(Opening::Done(Arc::new(opened)));
    }

    /// Tells the user what there is to say about the workspace, once that is known.
    pub(crate) fn announce(self: &Arc<Session>) {
        let session = Arc::clone(self);
        self.tasks.spawn(async move {
            let note = lock(&session.note).take();
            if let Some(note) = note {
                session.say(MessageType::Info, &note).await;
            }
            if let Err(why) = session.settled().await {
                session.say(MessageType::Error, &format!("Baton does not work here: {why}")).await;
            }
        });
    }

    /// The workspace, if it is open now.
    pub(crate) fn workspace_now(&self) -> Option<Arc<Opened>> {
        match &*self.opening.borrow() {
            Opening::Done(opened) => Some(Arc::clone(opened)),
            Opening::Pending | Opening::Failed(_) => None,
        }
    }

    /// The workspace; waits for it a while if it is being opened.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(crate) async fn workspace(&self) -> Result<Arc<Opened>, String> {
        let waited = tokio::time::timeout(OPENING, self.settled()).await;
        waited.unwrap_or_else(|_| Err("the workspace is still being opened; try again".into()))
    }

    async fn settled(&self) -> Result<Arc<Opened>, String> {
        let mut opening = self.opening.subscribe();
        let settled = opening.wait_for(|it| !matches!(it, Opening::Pending)).await;
        match settled.as_deref() {
            Ok(Opening::Done(opened)) => Ok(Arc::clone(opened)),
            Ok(Opening::Failed(why)) => Err(why.to_string()),
            Ok(Opening::Pending) | Err(_) => Err("the connection has ended".into()),
        }
    }

    /// Shows a run's events to the client, from event number `from` on, unless that is being done already.
    pub(crate) fn follow(self: &Arc<Session>, opened: &Arc<Opened>, run: Arc<Run>, from: u64) {
        if !lock(&self.followed).insert(run.id().clone()) {
            return;
        }
        let (session, opened) = (Arc::clone(self), Arc::clone(opened));
        self.tasks.spawn(async move {
            follow::follow(&session, &opened, &run, from).await;
            lock(&session.followed).remove(run.id());
        });
    }

    /// Shows the user a message.
    pub(crate) async fn say(&self, kind: MessageType, message: &str) {
        self.client.show_message(kind, message).await;
    }

    /// Writes to the client's log of this server.
    pub(crate) async fn log(&self, kind: MessageType, message: &str) {
        self.client.log_message(kind, message).await;
    }

    /// Parks every run, so that it can be resumed, and waits for the runs' processes to end.
    pub(crate) async fn park(&self) {
        self.tasks.stop().await;
        let Some(opened) = self.workspace_now() else { return };
        if tokio::time::timeout(PARKING, opened.workspace.shutdown()).await.is_err() {
            tracing::warn!("a run does not let itself be parked");
        }
    }

    /// The end: runs are parked, documents closed, and the workspace is let go.
    pub(crate) async fn close(&self) {
        self.park().await;
        self.release();
    }

    /// What has to happen at the end in any case and needs no waiting.
    pub(crate) fn release(&self) {
        self.tasks.abort();
        self.documents.shut();
        self.opening.send_replace(Opening::Failed("the connection has ended".into()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
