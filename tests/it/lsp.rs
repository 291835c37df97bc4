//! `baton lsp` over real pipes, as an editor would: code action, progress, proposal, accept; and the manners of a server.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use fixture::Scripted;
use serde_json::{Value, json};

use crate::support::{DEADLINE, World, edit, wait};

const FILES: &str = r#"
//- /shapes.py
# Flächen 📐
def area(width, height):
    return width + height
//- /test_shapes.py
import shapes


def test_area():
    assert shapes.area(2, 3) == 6
"#;

/// A client that keeps one document open and answers what a server asks.
pub(crate) struct Client {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    next: i64,
    /// The open document: its text as the editor shows it.
    text: String,
    version: i32,
    uri: String,
    /// Which button of a message request to press.
    press: &'static str,
    pub(crate) progress: Vec<Value>,
    shown: Vec<String>,
    edits: Vec<Value>,
}

impl Client {
    pub(crate) fn start(world: &World, press: &'static str) -> Client {
        let mut child = world
            .command(&["lsp", "--stdio"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Client {
            child,
            input,
            messages,
            next: 0,
            text: String::new(),
            version: 0,
            uri: String::new(),
            press,
            progress: Vec::new(),
            shown: Vec::new(),
            edits: Vec::new(),
        }
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        self.input.flush().unwrap();
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"method": method, "params": params}));
    }

    /// Sends a request and does not wait; its id.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        self.send(json!({"id": self.next, "method": method, "params": params}));
        self.next
    }

    /// The result of a request; everything that comes before it is handled.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let message = self.until(|message| message["id"] == id && message.get("method").is_none());
        assert!(message.get("error").is_none(), "{method}: {message}");
        message["result"].clone()
    }

    pub(crate) fn until(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + DEADLINE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let message = match self.messages.recv_timeout(left) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("nothing fitting came; {:?}", self.shown),
                Err(RecvTimeoutError::Disconnected) => panic!("the server is gone"),
            };
            self.handle(&message);
            if wanted(&message) {
                return message;
            }
        }
    }

    fn handle(&mut self, message: &Value) {
        let Some(method) = message["method"].as_str() else { return };
        let params = &message["params"];
        let result = match method {
            "$/progress" => {
                self.progress.push(params["value"].clone());
                return;
            }
            "window/showMessage" | "window/logMessage" => {
                self.shown.push(params["message"].as_str().unwrap().to_owned());
                return;
            }
            "window/showMessageRequest" => {
                self.shown.push(params["message"].as_str().unwrap().to_owned());
                json!({"title": self.press})
            }
            "window/showDocument" => json!({"success": true}),
            "workspace/applyEdit" => {
                self.edits.push(params.clone());
                self.apply(&params["edit"]);
                json!({"applied": true})
            }
            _ => Value::Null,
        };
        if message.get("id").is_some() {
            self.send(json!({"id": message["id"], "result": result}));
        }
    }

    /// Applies an edit to the open document and reports it, as an editor does.
    fn apply(&mut self, edit: &Value) {
        for document in edit["documentChanges"].as_array().unwrap() {
            assert_eq!(document["textDocument"]["uri"], self.uri.as_str());
            assert_eq!(document["textDocument"]["version"], self.version);
            let mut edits = document["edits"].as_array().unwrap().clone();
            edits.reverse();
            for edit in edits {
                let (start, end) =
                    (self.at(&edit["range"]["start"]), self.at(&edit["range"]["end"]));
                self.text.replace_range(start..end, edit["newText"].as_str().unwrap());
            }
        }
        self.report();
    }

    /// Types another text into the open document.
    pub(crate) fn edit(&mut self, text: &str) {
        self.text = text.to_owned();
        self.report();
    }

    fn report(&mut self) {
        self.version += 1;
        let change = json!({
            "textDocument": {"uri": self.uri, "version": self.version},
            "contentChanges": [{"text": self.text}],
        });
        self.notify("textDocument/didChange", change);
    }

    /// A UTF-16 position as a byte offset, worked out independently of the server.
    fn at(&self, position: &Value) -> usize {
        let (line, column) =
            (position["line"].as_u64().unwrap(), position["character"].as_u64().unwrap());
        let start: usize = self.text.split_inclusive('\n').take(line as usize).map(str::len).sum();
        let mut left = column as usize;
        let mut offset = start;
        for c in self.text[start..].chars() {
            if left == 0 || c == '\n' {
                break;
            }
            left -= c.len_utf16();
            offset += c.len_utf8();
        }
        offset
    }

    pub(crate) fn initialize(&mut self, world: &World, annotations: bool) -> Value {
        let root = format!("file://{}", world.root().display());
        let mut edit = json!({"documentChanges": true});
        if annotations {
            edit["changeAnnotationSupport"] = json!({"groupsOnLabel": true});
        }
        let result = self.request(
            "initialize",
            json!({
                "processId": std::process::id(),
                "rootUri": root,
                "workspaceFolders": [{"uri": root, "name": "w"}],
                "capabilities": {
                    "general": {"positionEncodings": ["utf-16"]},
                    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}}}},
                    "window": {"workDoneProgress": true, "showDocument": {"support": true}, "showMessage": {"messageActionItem": {}}},
                    "workspace": {"applyEdit": true, "workspaceEdit": edit},
                },
            }),
        );
        self.notify("initialized", json!({}));
        result
    }

    pub(crate) fn open(&mut self, world: &World, name: &str) {
        self.uri = format!("file://{}/{name}", world.root().display());
        self.text = world.read(name);
        self.version = 1;
        let document =
            json!({"uri": self.uri, "languageId": "python", "version": 1, "text": self.text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// Starts a run through the code action for a diagnostic, and waits until its progress ends.
    fn fix(&mut self) {
        let range =
            json!({"start": {"line": 2, "character": 4}, "end": {"line": 2, "character": 25}});
        let diagnostic = json!({"range": range, "severity": 1, "source": "pytest", "message": "test_area fails: area(2, 3) is 5, not 6"});
        // An action list never waits: while the workspace is being opened it is empty, and editors ask again.
        let end = Instant::now() + DEADLINE;
        let actions = loop {
            let actions = self.request(
                "textDocument/codeAction",
                json!({"textDocument": {"uri": self.uri}, "range": range, "context": {"diagnostics": [diagnostic], "only": ["quickfix"]}}),
            );
            if !actions.is_null() {
                break actions;
            }
            assert!(Instant::now() < end, "the workspace does not open: {:?}", self.shown);
            std::thread::sleep(Duration::from_millis(20));
        };
        let action = &actions[0];
        assert_eq!(action["kind"], "quickfix.baton", "{actions}");
        let command = action["command"].clone();
        self.request(
            "workspace/executeCommand",
            json!({"command": command["command"], "arguments": command["arguments"]}),
        );
        self.until(|message| {
            message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end"
        });
    }

    /// Ends the server as the protocol asks, and returns its exit code.
    pub(crate) fn close(mut self) -> i32 {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        wait(&mut self.child, "baton lsp");
        self.child.wait().unwrap().code().unwrap()
    }
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(value) = line.strip_prefix("Content-Length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn world() -> World {
    let wrong = edit("shapes.py", "    return width + height", "    return width - height");
    let right = edit("shapes.py", "    return width + height", "    return width * height");
    World::new(FILES, vec![Scripted::Text(wrong), Scripted::Text(right)])
}

#[test]
fn a_quick_fix_reaches_the_open_buffer_through_annotated_edits() {
    let world = world();
    let mut client = Client::start(&world, "Accept");
    client.initialize(&world, true);
    client.open(&world, "shapes.py");
    client.fix();
    assert!(client.text.contains("return width * height"), "{}\n{:?}", client.text, client.shown);
    assert!(client.text.starts_with("# Flächen 📐\n"), "{}", client.text);
    assert_eq!(client.edits.len(), 1, "one edit for one decision");
    assert!(client.edits[0]["edit"]["changeAnnotations"].is_object(), "{}", client.edits[0]);
    assert!(client.progress.len() > 3, "{:?}", client.progress);
    // The file belongs to the editor while it is open: what reached the buffer is not on disk.
    assert!(world.read("shapes.py").contains("width + height"));
    assert_eq!(client.close(), 0);
}

#[test]
fn a_client_without_annotations_is_asked_with_buttons() {
    let world = world();
    let mut client = Client::start(&world, "Accept");
    client.initialize(&world, false);
    client.open(&world, "shapes.py");
    client.fix();
    assert!(client.text.contains("return width * height"), "{}\n{:?}", client.text, client.shown);
    assert_eq!(client.close(), 0);
}

#[test]
fn a_rejected_proposal_changes_nothing() {
    let world = world();
    let mut client = Client::start(&world, "Reject");
    client.initialize(&world, false);
    client.open(&world, "shapes.py");
    client.fix();
    assert!(client.text.contains("return width + height"), "{}", client.text);
    assert!(client.edits.is_empty());
    assert_eq!(client.close(), 0);
}

#[test]
fn the_server_ends_when_its_client_is_gone() {
    let world = world();
    let mut client = Client::start(&world, "Accept");
    client.initialize(&world, true);
    let Client { mut child, input, .. } = client;
    let started = Instant::now();
    drop(input);
    wait(&mut child, "baton lsp");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(started.elapsed() < Duration::from_secs(15));
}
