//! Which messages are document notifications, and what the inner service still sees; with a connection, see `transport`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use expect_test::expect;
use futures::FutureExt;
use serde_json::{Value, json};
use tower::Service;
use tower_lsp::gen_lsp_types::{
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams,
};
use tower_lsp::jsonrpc::{Request, Response};

use super::{DocumentSync, Ordered};

/// Who saw what, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn add(&self, line: &str) {
        *self.0.lock().unwrap() += &format!("{line}\n");
    }
}

impl DocumentSync for Log {
    fn opened(&self, params: DidOpenTextDocumentParams) {
        self.add(&format!("opened {}", params.text_document.text));
    }

    fn changed(&self, params: DidChangeTextDocumentParams) {
        self.add(&format!("changed to version {}", params.text_document.version));
    }

    fn closed(&self, _: DidCloseTextDocumentParams) {
        self.add("closed");
    }

    fn saved(&self, params: DidSaveTextDocumentParams) {
        self.add(&format!("saved {:?}", params.text));
    }
}

#[test]
fn document_notifications_end_here_and_everything_else_goes_on() {
    let log = Log::default();
    let inner = log.clone();
    let service = tower::service_fn(move |request: Request| {
        inner.add(&format!("inner: {}", request.method()));
        std::future::ready(Ok::<Option<Response>, Infallible>(None))
    });
    let mut ordered = Ordered::new(service, Arc::new(log.clone()));
    let mut send = |method: &'static str, params: Value| {
        let call = ordered.call(Request::build(method).params(params).finish());
        // The document is up to date when `call` returns, not when the future is run.
        log.add("called");
        assert_eq!(call.now_or_never(), Some(Ok(None)));
    };

    let document = json!({"uri": "file:///a", "languageId": "x", "version": 1, "text": "t"});
    send("textDocument/didOpen", json!({"textDocument": document}));
    send(
        "textDocument/didChange",
        json!({"textDocument": {"uri": "file:///a", "version": 2}, "contentChanges": []}),
    );
    send("textDocument/didSave", json!({"textDocument": {"uri": "file:///a"}, "text": "t"}));
    send("textDocument/didClose", json!({"textDocument": {"uri": "file:///a"}}));
    send(
        "textDocument/didChange",
        json!({"textDocument": {"uri": "file:///a"}, "contentChanges": []}),
    );
    send("textDocument/didClose", json!("nonsense"));
    send("textDocument/willSave", json!({}));
    send("initialized", json!({}));
    let as_request =
        Request::build("textDocument/didSave").id(1).params(json!({"textDocument": {"uri": "u"}}));
    drop(ordered.call(as_request.finish()));
    expect![[r#"
        opened t
        called
        changed to version 2
        called
        saved Some("t")
        called
        closed
        called
        called
        called
        inner: textDocument/willSave
        called
        inner: initialized
        called
        inner: textDocument/didSave
    "#]]
    .assert_eq(&log.0.lock().unwrap());
}
