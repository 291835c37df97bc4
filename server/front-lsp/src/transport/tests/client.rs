//! A client that speaks raw messages, waits with a limit, and fails on messages that its test did not read.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::backend;
use crate::transport::{End, serve};
use lsp::wire::{self, FrameReader};

/// No wait of a test takes this long unless something hangs.
const LIMIT: Duration = Duration::from_secs(20);

/// A client and the server that it talks to.
pub(super) struct TestClient {
    input: DuplexStream,
    output: FrameReader<DuplexStream>,
    server: JoinSet<End>,
    /// Read while waiting for something else.
    unread: VecDeque<Value>,
    next_id: i64,
    /// See `test/askLater`.
    pub(super) heard: mpsc::UnboundedReceiver<String>,
}

impl TestClient {
    /// Connects to a fresh server and initializes it.
    pub(super) async fn start() -> Self {
        let mut client = Self::connect(64 << 10);
        let answer = client.call("initialize", json!({"capabilities": {}})).await;
        assert_eq!(answer["result"], json!({"capabilities": {}}));
        client.notify("initialized", json!({})).await;
        client
    }

    /// Connects through buffers of `n_bytes`, and says nothing.
    pub(super) fn connect(n_bytes: usize) -> Self {
        let (sender, heard) = mpsc::unbounded_channel();
        let (service, socket) = backend::build(sender);
        let (input, server_input) = tokio::io::duplex(n_bytes);
        let (output, server_output) = tokio::io::duplex(n_bytes);
        let mut server = JoinSet::new();
        server.spawn(serve(service, socket, server_input, server_output));
        Self {
            input,
            output: FrameReader::new(output),
            server,
            unread: VecDeque::new(),
            next_id: 1,
            heard,
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        within("a write", self.input.write_all(bytes)).await.unwrap();
    }

    pub(super) async fn send(&mut self, message: Value) {
        self.write(&wire::encode(&message)).await;
    }

    pub(super) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    /// Sends a request and returns its id.
    pub(super) async fn request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// Sends a request and waits for its response.
    pub(super) async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        self.response(id).await
    }

    /// The response to request `id`, now or when it comes.
    pub(super) async fn response(&mut self, id: i64) -> Value {
        self.find("a response", |message| message.get("method").is_none() && message["id"] == id)
            .await
    }

    /// The next request or notification called `method`.
    pub(super) async fn asked(&mut self, method: &str) -> Value {
        self.find(method, |message| message["method"] == method).await
    }

    /// Answers the server's request `question`.
    pub(super) async fn answer(&mut self, question: &Value, result: Value) {
        self.send(json!({"jsonrpc": "2.0", "id": question["id"], "result": result})).await;
    }

    /// The next message, whatever it is.
    pub(super) async fn next(&mut self) -> Value {
        match self.unread.pop_front() {
            Some(message) => message,
            None => self.read().await.expect("the server ended"),
        }
    }

    async fn find(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        if let Some(found) = self.unread.iter().position(&is_it) {
            return self.unread.remove(found).unwrap();
        }
        loop {
            match self.read().await {
                Some(message) if is_it(&message) => return message,
                Some(message) => self.unread.push_back(message),
                None => panic!("the server ended; waited for {what}, unread: {:?}", self.unread),
            }
        }
    }

    async fn read(&mut self) -> Option<Value> {
        within("a message", self.output.next()).await.unwrap()
    }

    pub(super) async fn open(&mut self, text: &str) {
        let document =
            json!({"uri": backend::uri(), "languageId": "rust", "version": 0, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document})).await;
    }

    /// Inserts `text` at `column`, making `version`.
    pub(super) async fn insert(&mut self, version: usize, column: usize, text: &str) {
        let at = json!({"line": 0, "character": column});
        self.change(version, json!({"range": {"start": at, "end": at}, "text": text})).await;
    }

    pub(super) async fn change(&mut self, version: usize, change: Value) {
        let document = json!({"uri": backend::uri(), "version": version});
        self.notify(
            "textDocument/didChange",
            json!({"textDocument": document, "contentChanges": [change]}),
        )
        .await;
    }

    /// What the server thinks the document is.
    pub(super) async fn stats(&mut self) -> Value {
        self.call("test/stats", Value::Null).await["result"].take()
    }

    /// Waits for the server to end by itself, the input still open. Nothing may be left unread.
    pub(super) async fn ended(mut self) -> End {
        while let Some(message) = self.read().await {
            self.unread.push_back(message);
        }
        assert_eq!(self.unread, [] as [Value; 0], "not read by the test");
        within("the server's end", self.server.join_next()).await.unwrap().unwrap()
    }

    /// Closes the input, then as [`Self::ended`].
    pub(super) async fn hang_up(mut self) -> End {
        (self.input, _) = tokio::io::duplex(1);
        self.ended().await
    }

    /// Leaves as the protocol wants it.
    pub(super) async fn finish(mut self) {
        assert_eq!(self.call("shutdown", Value::Null).await["result"], Value::Null);
        self.notify("exit", Value::Null).await;
        assert_eq!(self.ended().await, End::Exit);
    }
}

/// Waits for `what`, but not for ever.
pub(super) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not come within {LIMIT:?}"),
    }
}
