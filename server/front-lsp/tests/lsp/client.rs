//! A client that speaks raw messages, keeps documents as an editor does, and fails on messages that its test did not read.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base::{ByteRange, LineCol, PositionEncoding, Text};
use lsp::wire::{self, FrameReader};
use serde_json::{Value, json};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio::task::JoinSet;

/// No wait of a test takes this long unless something hangs.
const LIMIT: Duration = Duration::from_secs(30);

/// A client and the server that it talks to.
pub(crate) struct Client {
    input: DuplexStream,
    output: FrameReader<DuplexStream>,
    server: JoinSet<i32>,
    /// Read while waiting for something else.
    unread: VecDeque<Value>,
    next_id: i64,
    /// What progress there was, in words; read along the way.
    pub(crate) progress: Vec<String>,
    /// What the server logged; read along the way.
    pub(crate) log: Vec<String>,
    /// Version and text of what is open, by URI.
    documents: BTreeMap<String, (i32, Text)>,
    encoding: PositionEncoding,
}

impl Client {
    /// Connects to what `serve` makes of the server's two ends, and says nothing.
    pub(crate) fn connect<F: Future<Output = i32> + Send + 'static>(
        serve: impl FnOnce(DuplexStream, DuplexStream) -> F,
    ) -> Client {
        let (input, server_input) = tokio::io::duplex(64 << 10);
        let (output, server_output) = tokio::io::duplex(64 << 10);
        let mut server = JoinSet::new();
        server.spawn(serve(server_input, server_output));
        Client {
            input,
            output: FrameReader::new(output),
            server,
            unread: VecDeque::new(),
            next_id: 1,
            progress: Vec::new(),
            log: Vec::new(),
            documents: BTreeMap::new(),
            encoding: PositionEncoding::Utf16,
        }
    }

    /// `initialize` and `initialized`; returns the server's capabilities.
    pub(crate) async fn initialize(&mut self, params: Value) -> Value {
        let mut answer = self.call("initialize", params).await;
        let capabilities = answer["capabilities"].take();
        if capabilities["positionEncoding"] == "utf-8" {
            self.encoding = PositionEncoding::Utf8;
        }
        self.notify("initialized", json!({})).await;
        capabilities
    }

    async fn send(&mut self, message: Value) {
        let sent = self.input.write_all(&wire::encode(&message)).await;
        sent.unwrap();
    }

    pub(crate) async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    /// Sends a request and returns its id.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// The response to request `id`, now or when it comes.
    pub(crate) async fn response(&mut self, id: i64) -> Value {
        let is_it = |message: &Value| message.get("method").is_none() && message["id"] == id;
        self.find("a response", is_it).await
    }

    /// Sends a request and waits for its result.
    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        let mut response = self.response(id).await;
        assert_eq!(response.get("error"), None, "{method}");
        response["result"].take()
    }

    /// Executes a command and waits for its result.
    pub(crate) async fn execute(&mut self, command: &str, argument: Value) -> Value {
        let params = json!({"command": command, "arguments": [argument]});
        self.call("workspace/executeCommand", params).await
    }

    /// Executes a command that is refused; returns the code and the message.
    pub(crate) async fn refused(&mut self, command: &str, arguments: Value) -> (i64, String) {
        let params = json!({"command": command, "arguments": arguments});
        let id = self.request("workspace/executeCommand", params).await;
        let error = self.response(id).await["error"].take();
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
    }

    /// The next request or notification called `method`.
    pub(crate) async fn asked(&mut self, method: &str) -> Value {
        self.find(method, |message| message["method"] == method).await
    }

    /// The text of the next message to the user, with its type: `error: ...`.
    pub(crate) async fn shown(&mut self) -> String {
        let message = self.asked("window/showMessage").await;
        let params = &message["params"];
        let kind = match params["type"].as_i64() {
            Some(1) => "error",
            Some(2) => "warning",
            _ => "info",
        };
        format!("{kind}: {}", params["message"].as_str().unwrap())
    }

    /// Answers the server's request `question`.
    pub(crate) async fn answer(&mut self, question: &Value, result: Value) {
        self.send(json!({"jsonrpc": "2.0", "id": question["id"], "result": result})).await;
    }

    /// Answers the server's request `question` with an error.
    pub(crate) async fn answer_error(&mut self, question: &Value, code: i64, message: &str) {
        let error = json!({"code": code, "message": message});
        self.send(json!({"jsonrpc": "2.0", "id": question["id"], "error": error})).await;
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

    /// The next message that no client leaves to its user: progress and log lines are kept aside.
    async fn read(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(LIMIT, self.output.next()).await;
            let Ok(next) = next else {
                panic!("nothing comes; unread: {:?}, {:?}", self.unread, self.progress)
            };
            let message = next.unwrap()?;
            let params = &message["params"];
            match message["method"].as_str() {
                Some("window/workDoneProgress/create") => {
                    self.answer(&message, Value::Null).await;
                }
                Some("$/progress") => {
                    let value = &params["value"];
                    let text = value.get("title").or(value.get("message"));
                    let (kind, text) = (value["kind"].as_str(), text.and_then(Value::as_str));
                    self.progress.push(format!("{} {}", kind.unwrap(), text.unwrap()));
                }
                Some("window/logMessage") => {
                    self.log.push(params["message"].as_str().unwrap().to_owned());
                }
                _ => return Some(message),
            }
        }
    }

    /// Waits until the run's progress has ended; returns how.
    pub(crate) async fn progress_ended(&mut self) -> String {
        loop {
            if let Some(end) = self.progress.iter().position(|line| line.starts_with("end ")) {
                let end = self.progress.remove(end);
                return end["end ".len()..].to_owned();
            }
            self.settle().await;
        }
    }

    /// As [`Self::progress_ended`], for a run that ends without a message: nothing else has come by then.
    pub(crate) async fn progress_ended_alone(&mut self) -> String {
        let end = self.progress_ended().await;
        self.assert_all_read();
        end
    }

    /// Opens a document.
    pub(crate) async fn open(&mut self, uri: &str, version: i32, text: &str) {
        self.documents.insert(uri.to_owned(), (version, Text::new(text)));
        let document =
            json!({"uri": uri, "languageId": "python", "version": version, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document})).await;
    }

    /// Replaces a range, as typing does, and makes the next version.
    pub(crate) async fn change(&mut self, uri: &str, range: Value, text: &str) {
        let (version, document) = self.documents.get_mut(uri).unwrap();
        *version += 1;
        let bytes = bytes_of(document, &range, self.encoding);
        document.replace(bytes, text);
        let params = json!({
            "textDocument": {"uri": uri, "version": *version},
            "contentChanges": [{"range": range, "text": text}],
        });
        self.notify("textDocument/didChange", params).await;
    }

    /// What the editor shows.
    pub(crate) fn text(&self, uri: &str) -> String {
        self.documents[uri].1.to_string()
    }

    /// The version of what the editor shows.
    pub(crate) fn version(&self, uri: &str) -> i32 {
        self.documents[uri].0
    }

    /// Makes the edits of an `applyEdit` that are for `uri` and that `wanted` says yes to, and reports them. Like a strict
    /// editor it insists on the version.
    pub(crate) async fn make(&mut self, edit: &Value, uri: &str, wanted: impl Fn(usize) -> bool) {
        let changes = edit["params"]["edit"]["documentChanges"].as_array().unwrap().clone();
        for change in changes.iter().filter(|change| change["textDocument"]["uri"] == uri) {
            assert_eq!(change["textDocument"]["version"], self.version(uri), "a stale edit");
            let edits = change["edits"].as_array().unwrap();
            // From the last to the first, so that positions stay right.
            for (_, edit) in edits.iter().enumerate().rev().filter(|(idx, _)| wanted(*idx)) {
                let text = edit["newText"].as_str().unwrap();
                self.change(uri, edit["range"].clone(), text).await;
            }
        }
    }

    /// Makes all edits of an `applyEdit` that are for `uri`, reports them and says so.
    pub(crate) async fn make_all(&mut self, edit: &Value, uri: &str) {
        self.make(edit, uri, |_| true).await;
        self.answer(edit, json!({"applied": true})).await;
    }

    /// A round trip: whatever the server had to say before has come by then.
    pub(crate) async fn settle(&mut self) {
        let place = json!({"line": 0, "character": 0});
        let params = json!({
            "textDocument": {"uri": "untitled:none"},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        });
        assert_eq!(self.call("textDocument/codeAction", params).await, Value::Null);
    }

    /// Nothing has come that the test did not read.
    pub(crate) fn assert_all_read(&self) {
        assert_eq!(self.unread, [] as [Value; 0], "not read by the test");
    }

    /// Waits for the server to end by itself, the input still open.
    pub(crate) async fn ended(mut self) -> i32 {
        while let Some(message) = self.read().await {
            self.unread.push_back(message);
        }
        self.assert_all_read();
        self.server.join_next().await.unwrap().unwrap()
    }

    /// Closes the input, then as [`Self::ended`].
    pub(crate) async fn hang_up(mut self) -> i32 {
        (self.input, _) = tokio::io::duplex(1);
        self.ended().await
    }

    /// Leaves as the protocol wants it.
    pub(crate) async fn finish(mut self) {
        assert_eq!(self.call("shutdown", Value::Null).await, Value::Null);
        self.notify("exit", Value::Null).await;
        assert_eq!(self.ended().await, 0);
    }
}

fn bytes_of(text: &Text, range: &Value, encoding: PositionEncoding) -> ByteRange {
    let offset = |place: &Value| {
        let unit = |name: &str| u32::try_from(place[name].as_u64().unwrap()).unwrap();
        text.offset(LineCol { line: unit("line"), col: unit("character") }, encoding)
    };
    ByteRange::new(offset(&range["start"]), offset(&range["end"]))
}
