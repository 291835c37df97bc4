//! What Baton is to a server: it names the workspace's root, and lends neither its models nor its user.

#![allow(deprecated, reason = "servers of older revisions ask for roots and samples, and log")]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use rmcp::{
    ClientHandler, RoleClient,
    model::{
        ClientCapabilities, ClientConfig, CreateMessageRequestParams, CreateMessageResult,
        ElicitRequestParams, ElicitResult, ErrorCode, ErrorData, Implementation, ListRootsResult,
        LoggingMessageNotificationParam, ProgressNotificationParam, ProgressToken, Root,
    },
    service::{NotificationContext, RequestContext},
};
use tokio::sync::broadcast;

use crate::words::line;

/// Progress that nobody has taken yet; older is dropped.
const PROGRESS: usize = 64;
const MAX_MESSAGE: usize = 4_096;

/// How far a call is, in its server's words.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Grows.
    pub done: f64,
    /// Where it ends, if that is known.
    pub total: Option<f64>,
    /// What is being done.
    pub message: String,
}

/// Our side of one connection.
#[derive(Debug)]
pub(crate) struct Client {
    /// As a URI.
    root: String,
    /// Whether the list of tools has changed since it was asked for.
    pub(crate) is_changed: AtomicBool,
    pub(crate) progress: broadcast::Sender<(ProgressToken, Progress)>,
}

impl Client {
    pub(crate) fn new(root: String) -> Client {
        Client {
            root,
            is_changed: AtomicBool::new(false),
            progress: broadcast::channel(PROGRESS).0,
        }
    }
}

fn refused(why: &'static str) -> ErrorData {
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, why, None)
}

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        let capabilities = ClientCapabilities::builder().enable_roots().build();
        ClientConfig::new(capabilities, Implementation::new("baton", env!("CARGO_PKG_VERSION")))
    }

    async fn list_roots(
        &self,
        _: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        Ok(ListRootsResult::new(vec![Root::new(self.root.clone())]))
    }

    async fn create_message(
        &self,
        _: CreateMessageRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        Err(refused("Baton does not lend its models to servers"))
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        Err(refused("Baton does not pass a server's questions on to its user"))
    }

    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let message = line(&progress.message.unwrap_or_default(), MAX_MESSAGE);
        let told = Progress { done: progress.progress, total: progress.total, message };
        // Nobody may be listening.
        let _ = self.progress.send((progress.progress_token, told));
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.is_changed.store(true, Relaxed);
    }

    async fn on_logging_message(
        &self,
        said: LoggingMessageNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        // Not what: it may have a key in it.
        tracing::debug!(level = ?said.level, bytes = said.data.to_string().len(), "a server of tools logs");
    }
}
