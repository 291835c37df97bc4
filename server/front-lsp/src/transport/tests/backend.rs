//! A small language server whose handlers are slow, ask, panic and report, to try the transport with.

use std::cell::Cell;
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use tower_lsp::gen_lsp_types::{
    AnnotatedTextEdit, ApplyWorkspaceEditParams, ApplyWorkspaceEditRequest, ChangeAnnotation,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    DidSaveTextDocumentParams, DocumentChange, InitializeParams, InitializeResult,
    OptionalVersionedTextDocumentIdentifier, Position, ProgressToken, Range,
    TextDocumentContentChangeEvent, TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri,
    WorkspaceEdit, WorkspaceEditMetadata,
};
use tower_lsp::jsonrpc::Result;
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

use crate::order::{DocumentSync, Ordered};

tokio::task_local! {
    /// Version of the document when the handler's message was dispatched.
    static DISPATCHED_AT: i32;
}

/// One document of one line of ASCII, and whether its changes came in order.
#[derive(Default)]
pub(super) struct Documents {
    document: Mutex<Document>,
}

#[derive(Default)]
struct Document {
    version: i32,
    text: String,
    n_changes: usize,
    n_saves: usize,
    /// Changes whose version does not follow the one before.
    n_regressions: usize,
}

impl DocumentSync for Documents {
    fn opened(&self, params: DidOpenTextDocumentParams) {
        let mut document = self.document.lock().unwrap();
        *document = Document {
            version: params.text_document.version,
            text: params.text_document.text,
            ..Document::default()
        };
    }

    fn changed(&self, params: DidChangeTextDocumentParams) {
        let mut document = self.document.lock().unwrap();
        let version = params.text_document.version;
        document.n_changes += 1;
        document.n_regressions += usize::from(version != document.version + 1);
        document.version = version;
        for change in params.content_changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(change) => {
                    let (start, end) = (
                        change.range.start.character as usize,
                        change.range.end.character as usize,
                    );
                    document.text.replace_range(start..end, &change.text);
                }
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(change) => {
                    document.text = change.text;
                }
            }
        }
    }

    fn closed(&self, _: DidCloseTextDocumentParams) {
        *self.document.lock().unwrap() = Document::default();
    }

    fn saved(&self, _: DidSaveTextDocumentParams) {
        self.document.lock().unwrap().n_saves += 1;
    }

    fn at_dispatch<T: Send + 'static>(
        &self,
        handler: BoxFuture<'static, T>,
    ) -> BoxFuture<'static, T> {
        let version = self.document.lock().unwrap().version;
        Box::pin(DISPATCHED_AT.scope(version, handler))
    }
}

pub(super) struct Backend {
    client: Client,
    documents: Arc<Documents>,
    /// Lets `test/versions` go on.
    gate: Arc<Notify>,
    /// What was heard outside of handlers.
    heard: mpsc::UnboundedSender<String>,
}

/// The service with the test's methods, and its socket.
pub(super) fn build(
    heard: mpsc::UnboundedSender<String>,
) -> (Ordered<LspService<Backend>, Documents>, ClientSocket) {
    let documents = Arc::new(Documents::default());
    let of_backend = Arc::clone(&documents);
    let (service, socket) = LspService::build(|client| Backend {
        client,
        documents: of_backend,
        gate: Arc::default(),
        heard,
    })
    .custom_method("test/stats", Backend::stats)
    .custom_method("test/slow", Backend::slow)
    .custom_method("test/ask", Backend::ask)
    .custom_method("test/askLater", Backend::ask_later)
    .custom_method("test/panic", Backend::panic)
    .custom_method("test/progress", Backend::progress)
    .custom_method("test/versions", Backend::versions)
    .custom_method("test/open", Backend::open)
    .custom_method("test/apply", Backend::apply)
    .finish();
    (Ordered::new(service, documents), socket)
}

/// Parameters of `test/progress`.
#[derive(Deserialize)]
struct Steps {
    n_reports: u32,
}

impl Backend {
    /// What the document is now.
    async fn stats(&self) -> Result<Value> {
        let document = self.documents.document.lock().unwrap();
        Ok(json!({
            "version": document.version, "text": document.text,
            "changes": document.n_changes, "saves": document.n_saves, "regressions": document.n_regressions,
        }))
    }

    /// Never answers.
    async fn slow(&self) -> Result<Value> {
        std::future::pending().await
    }

    /// Answers with what the client answered.
    async fn ask(&self) -> Result<Value> {
        Ok(json!(self.client.workspace_folders().await?))
    }

    /// Asks from a task that no handler waits for; the answer goes to `heard`.
    async fn ask_later(&self) -> Result<Value> {
        let (client, heard) = (self.client.clone(), self.heard.clone());
        tokio::spawn(async move {
            for _ in 0..2 {
                let answer = client.workspace_folders().await;
                heard.send(format!("{:?}", answer.map_err(|error| error.message))).unwrap();
            }
        });
        Ok(Value::Null)
    }

    async fn panic(&self) -> Result<Value> {
        panic!("as the test asked");
    }

    async fn progress(&self, steps: Steps) -> Result<Value> {
        let progress = self.client.progress(ProgressToken::Int(1), "steps").begin().await;
        for _ in 0..steps.n_reports {
            progress.report("step").await;
        }
        progress.finish().await;
        Ok(Value::Null)
    }

    /// The document's version at dispatch and now; waits for `test/open` first.
    async fn versions(&self) -> Result<Value> {
        self.gate.notified().await;
        let now = self.documents.document.lock().unwrap().version;
        Ok(
            json!({"dispatched_at": DISPATCHED_AT.with(|version| Cell::new(*version).get()), "now": now}),
        )
    }

    async fn open(&self) -> Result<Value> {
        self.gate.notify_one();
        Ok(Value::Null)
    }

    /// Has the client make a versioned, annotated edit.
    async fn apply(&self) -> Result<Value> {
        let position = Position::new(0, 0);
        let edit = AnnotatedTextEdit::new(
            "ok".to_owned(),
            TextEdit::new(Range::new(position, position), "x".to_owned()),
        );
        let document = OptionalVersionedTextDocumentIdentifier::new(
            Some(7),
            TextDocumentIdentifier::new(uri()),
        );
        let params = ApplyWorkspaceEditParams {
            label: Some("a label".to_owned()),
            edit: WorkspaceEdit {
                document_changes: Some(vec![DocumentChange::from(TextDocumentEdit::new(
                    document,
                    vec![edit.into()],
                ))]),
                change_annotations: Some(
                    [(
                        "ok".to_owned(),
                        ChangeAnnotation {
                            label: "why".to_owned(),
                            needs_confirmation: Some(true),
                            description: None,
                        },
                    )]
                    .into(),
                ),
                ..WorkspaceEdit::default()
            },
            metadata: Some(WorkspaceEditMetadata { is_refactoring: Some(true) }),
        };
        let answer = self.client.send_request::<ApplyWorkspaceEditRequest>(params).await?;
        Ok(json!(answer))
    }
}

/// The test's document.
pub(super) fn uri() -> Uri {
    serde_json::from_value(json!("file:///w/a.rs")).unwrap()
}

impl LanguageServer for Backend {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        match params.initialization_options {
            Some(options) if options == "never" => std::future::pending().await,
            Some(options) if options == "panic" => panic!("as the test asked"),
            Some(options) if options == "gate" => self.gate.notified().await,
            _ => {}
        }
        // So that anything that overtakes gets the chance to.
        tokio::task::yield_now().await;
        Ok(InitializeResult::default())
    }

    async fn shutdown(&self) -> Result<()> {
        tokio::task::yield_now().await;
        Ok(())
    }
}
