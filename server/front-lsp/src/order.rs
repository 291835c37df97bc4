//! Document notifications in the order of the wire, each applied before any later message is looked at.
//!
//! Handlers are concurrent, so a document must not be changed in one: whatever awaits first would reorder the changes.
//! Here they are applied inside `call`, which the transport invokes message by message. What a document is, and how a
//! change is applied, is up to the [`DocumentSync`]; it must not wait.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use tower::Service;
use tower_lsp::gen_lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams,
};
use tower_lsp::jsonrpc::{Request, Response};

#[cfg(test)]
mod tests;

/// Where the open documents are kept.
///
/// Each method is called in the order of the wire and must return at once: no parsing of the text, no IO, no waiting.
pub trait DocumentSync: Send + Sync + 'static {
    /// The client shows a document; from now on its text is the client's.
    fn opened(&self, params: DidOpenTextDocumentParams);
    /// The client changed the text of an open document.
    fn changed(&self, params: DidChangeTextDocumentParams);
    /// The client closed a document; its text is again that of the file.
    fn closed(&self, params: DidCloseTextDocumentParams);
    /// The client wrote a document to its file.
    fn saved(&self, params: DidSaveTextDocumentParams);

    /// Ties a handler to the documents as they are now, at its message's place on the wire.
    ///
    /// `handler` may first run much later, when newer changes have arrived. An implementation can wrap it in a task
    /// local scope that holds a snapshot. The default leaves it as it is.
    fn at_dispatch<T: Send + 'static>(
        &self,
        handler: BoxFuture<'static, T>,
    ) -> BoxFuture<'static, T> {
        handler
    }
}

/// A service that keeps documents in step, in front of one that handles everything else.
///
/// Document notifications end here: the inner service does not see them.
pub struct Ordered<S, D> {
    inner: S,
    documents: Arc<D>,
}

impl<S, D: DocumentSync> Ordered<S, D> {
    /// Puts `documents` in front of `inner`.
    pub fn new(inner: S, documents: Arc<D>) -> Self {
        Self { inner, documents }
    }

    /// Applies `message` if it is a document notification; says whether it was one.
    fn sync(&self, message: &Request) -> bool {
        // With an id it is a request, which the protocol does not have under these names: the router refuses it.
        if message.id().is_some() {
            return false;
        }
        let documents = &self.documents;
        match message.method() {
            "textDocument/didOpen" => apply(message, |params| documents.opened(params)),
            "textDocument/didChange" => apply(message, |params| documents.changed(params)),
            "textDocument/didClose" => apply(message, |params| documents.closed(params)),
            "textDocument/didSave" => apply(message, |params| documents.saved(params)),
            _ => return false,
        }
        true
    }
}

/// Hands the parameters of `message` on; bad ones are reported and the message is dropped.
fn apply<P: DeserializeOwned>(message: &Request, to: impl FnOnce(P)) {
    let params = message.params().unwrap_or(&serde_json::Value::Null);
    match P::deserialize(params) {
        Ok(params) => to(params),
        Err(error) => {
            tracing::warn!(method = message.method(), %error, "notification ignored: bad parameters")
        }
    }
}

impl<S, D> Service<Request> for Ordered<S, D>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    D: DocumentSync,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, message: Request) -> Self::Future {
        if self.sync(&message) {
            return std::future::ready(Ok(None)).boxed();
        }
        let handler = self.inner.call(message).boxed();
        self.documents.at_dispatch(handler)
    }
}
