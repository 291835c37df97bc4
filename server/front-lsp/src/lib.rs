//! Translates between the Language Server Protocol and the engine, nothing else.
//!
//! [`serve`] is one connection: `transport` carries the messages, `order` keeps documents in step, `backend` routes, and
//! `follow` brings a run's events to the client. What is supported is written down in `docs/protocol.md`.

mod actions;
mod backend;
mod commands;
mod documents;
mod editor;
mod features;
mod folder;
mod follow;
pub mod order;
mod outcome;
mod preview;
mod progress;
mod review;
mod session;
pub mod stdio;
mod symbols;
mod tasks;
pub mod transport;

use std::sync::Arc;

use base::AbsPathBuf;
use engine::Workspace;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp::LspService;

use crate::backend::Backend;
use crate::documents::Documents;
use crate::order::Ordered;
use crate::session::Session;

/// Serves the client at `input` and `output` until it leaves; returns the process's exit code.
///
/// `open` opens the workspace at the folder that the client names, or at `fallback` if it names none; its error is shown
/// to the user. When the client is gone, the workspace's runs are parked: they can be resumed.
pub async fn serve<F, R, W>(open: F, fallback: AbsPathBuf, input: R, output: W) -> i32
where
    F: FnOnce(AbsPathBuf) -> BoxFuture<'static, Result<Workspace, String>> + Send + 'static,
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let documents = Arc::new(Documents::default());
    let mut session = None;
    let (service, socket) = LspService::build(|client| {
        let made = Session::new(client, Arc::clone(&documents), fallback, Box::new(open));
        session = Some(Arc::clone(&made));
        Backend::new(made)
    })
    .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
    .finish();
    let session = Connected(session.expect("`build` makes the backend before it returns"));
    let end = transport::serve(Ordered::new(service, documents), socket, input, output).await;
    session.0.close().await;
    end.code()
}

/// Serves the client at standard input and output.
///
/// End the process with `std::process::exit` and the returned code: see [`stdio::stdio`].
pub async fn serve_stdio<F>(open: F, fallback: AbsPathBuf) -> i32
where
    F: FnOnce(AbsPathBuf) -> BoxFuture<'static, Result<Workspace, String>> + Send + 'static,
{
    let (input, output) = stdio::stdio();
    serve(open, fallback, input, output).await
}

/// Lets go of what a session holds, also when [`serve`] is dropped in the middle.
struct Connected(Arc<Session>);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.release();
    }
}
