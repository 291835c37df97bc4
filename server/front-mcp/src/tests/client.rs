//! A client that speaks raw JSON lines, and the workspace that it talks to. It checks deadlines and that nothing is left
//! unread, nothing else.

use std::time::Duration;

use base::{AbsPathBuf, Tokens};
use engine::{CommitConfig, Config, Workspace};
use fixture::{Fixture, Scripted, ScriptedModel, TempWorkspace};
use models::{ProviderConfig, Retry};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::server::Server;

/// Nothing in these tests takes longer on a loaded machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// A folder, what is kept of it, and its model.
pub(super) struct World {
    pub(super) files: TempWorkspace,
    pub(super) model: Option<ScriptedModel>,
    data: TempDir,
}

impl World {
    /// Files in the fixture language, and what the model says, in order.
    pub(super) async fn with_script(fixture: &str, script: Vec<Scripted>) -> World {
        let model = ScriptedModel::start(script).await;
        World { model: Some(model), ..World::without_model(fixture) }
    }

    pub(super) fn without_model(fixture: &str) -> World {
        let files = TempWorkspace::new(&Fixture::parse(fixture)).unwrap();
        World { files, model: None, data: TempDir::with_prefix("baton-data-").unwrap() }
    }

    /// Opens the workspace as one process would. No command can run in it: there is no helper.
    pub(super) async fn open(&self) -> Workspace {
        let mut models = models::Config::new(|_| None);
        models.keyring = false;
        models.retry = Retry { attempts: 1, ..Retry::usual() };
        models.cooldown.first_ms = 1;
        if let Some(model) = &self.model {
            models.providers = vec![ProviderConfig::open_ai("scripted", &model.base_url())];
            models.default = Some("scripted/model".parse().unwrap());
        }
        let root = self.files.path().canonicalize().unwrap();
        let config = Config {
            models,
            sandbox: sandbox::Setting::Auto,
            attempts: 3,
            context: Tokens(2_500),
            choices: tools::Choices::default(),
            generate_tests: false,
            coherence: engine::When::Never,
            remember: true,
            debate: engine::Debating {
                when: engine::When::Auto,
                threshold: 0.7,
                confidence: 0.3,
                cycles: 2,
                tokens: 60_000,
            },
            limits: sandbox::Limits::default(),
            commit: CommitConfig { model_message: true },
            search: engine::SearchConfig::usual(),
            tool_servers: Vec::new(),
            data_dir: self.data.path().to_owned(),
            calls_dir: self.data.path().to_owned(),
            helper: self.data.path().join("no-such-helper"),
        };
        Workspace::open(AbsPathBuf::try_from(root).unwrap(), config).await.unwrap()
    }

    pub(super) fn read(&self, path: &str) -> String {
        self.files.read(path).unwrap()
    }

    /// How often the model was asked.
    pub(super) fn calls(&self) -> usize {
        self.model.as_ref().map_or(0, |model| model.calls().len())
    }

    /// Until the model has been asked, so that a run is known to be under way.
    pub(super) async fn until_asked(&self) {
        while self.calls() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// How a client begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lifecycle {
    /// `initialize`, revision 2025-11-25.
    Legacy,
    /// Everything in each request's `_meta`, revision 2026-07-28.
    Modern,
}

/// One client and the server that serves it.
pub(super) struct Client {
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    writer: WriteHalf<DuplexStream>,
    served: JoinHandle<i32>,
    lifecycle: Lifecycle,
    last_id: u64,
    /// Notifications since they were last taken.
    pub(super) heard: Vec<Value>,
}

impl Client {
    /// After `initialize`, as most clients of today.
    pub(super) async fn new(workspace: &Workspace) -> Client {
        let mut client = Client::silent(workspace, Lifecycle::Legacy);
        client.initialize().await;
        client
    }

    pub(super) async fn initialize(&mut self) -> Value {
        let client = json!({"name": "test", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
        let answer = self.request("initialize", params).await;
        self.notify("notifications/initialized", json!({})).await;
        answer
    }

    /// Connected, but nothing was said yet.
    pub(super) fn silent(workspace: &Workspace, lifecycle: Lifecycle) -> Client {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(far);
        let served = tokio::spawn(crate::serve(workspace.clone(), reader, writer));
        Client::on(near, served, lifecycle)
    }

    /// Served by a server that was changed before.
    pub(super) async fn of(workspace: &Workspace, change: impl FnOnce(&mut Server)) -> Client {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let mut server = Server::new(workspace.clone(), CancellationToken::new());
        change(&mut server);
        let served = tokio::spawn(async move {
            let service = rmcp::ServiceExt::serve(server, tokio::io::split(far)).await.unwrap();
            service.waiting().await.unwrap();
            0
        });
        let mut client = Client::on(near, served, Lifecycle::Legacy);
        client.initialize().await;
        client
    }

    fn on(stream: DuplexStream, served: JoinHandle<i32>, lifecycle: Lifecycle) -> Client {
        let (reader, writer) = tokio::io::split(stream);
        let lines = BufReader::new(reader).lines();
        Client { lines, writer, served, lifecycle, last_id: 0, heard: Vec::new() }
    }

    /// The result of a tool, which must not be an error.
    pub(super) async fn ok(&mut self, tool: &str, arguments: Value) -> Value {
        let result = self.call(tool, arguments).await;
        assert_ne!(result["isError"], true, "{tool}: {result:#}");
        assert!(result["content"][0]["text"].as_str().is_some_and(|text| !text.is_empty()));
        result["structuredContent"].clone()
    }

    /// The message of a tool error.
    pub(super) async fn refused(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool}: {result:#}");
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    /// The result of a tool in words.
    pub(super) async fn text(&mut self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        result["content"][0]["text"].as_str().unwrap().to_owned()
    }

    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        let answer = self.request("tools/call", params).await;
        assert!(answer["error"].is_null(), "{tool}: {answer:#}");
        answer["result"].clone()
    }

    /// The whole answer.
    pub(super) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params).await;
        self.answer(id).await
    }

    /// Sends a request and does not wait.
    pub(super) async fn ask(&mut self, method: &str, mut params: Value) -> u64 {
        self.last_id += 1;
        if self.lifecycle == Lifecycle::Modern && params["_meta"].is_null() {
            params["_meta"] = meta();
        }
        let id = self.last_id;
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params})).await;
        id
    }

    /// The answer to an earlier request; answers to others before it are a failure.
    pub(super) async fn answer(&mut self, id: u64) -> Value {
        loop {
            let message = self.hear().await;
            if message["method"].is_string() {
                self.heard.push(message);
                continue;
            }
            assert_eq!(message["id"], id, "{message:#}");
            return message;
        }
    }

    pub(super) async fn notify(&mut self, method: &str, params: Value) {
        self.say(&json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    async fn say(&mut self, message: &Value) {
        self.line(&message.to_string()).await;
    }

    /// Any line, also one that is no message.
    pub(super) async fn line(&mut self, line: &str) {
        self.writer.write_all(line.as_bytes()).await.unwrap();
        self.writer.write_all(b"\n").await.unwrap();
    }

    pub(super) async fn hear(&mut self) -> Value {
        let line = tokio::time::timeout(DEADLINE, self.lines.next_line()).await;
        let line = line.expect("an answer in time").unwrap().expect("the server still talks");
        serde_json::from_str(&line).unwrap()
    }

    /// Closes the client's side; the exit code, and what the server still had to say.
    pub(super) async fn leave(mut self) -> (i32, Vec<Value>) {
        self.writer.shutdown().await.unwrap();
        let code = tokio::time::timeout(DEADLINE, self.served).await;
        let code = code.expect("the server ends in time").unwrap();
        let mut rest = Vec::new();
        while let Some(line) = self.lines.next_line().await.unwrap() {
            rest.push(serde_json::from_str(&line).unwrap());
        }
        (code, rest)
    }

    /// Leaves and checks that nothing was unread.
    pub(super) async fn done(self) {
        assert_eq!(self.leave().await, (0, Vec::new()));
    }

    /// Starts a run and follows it to its first question or its end.
    pub(super) async fn run(&mut self, request: &str) -> (String, Value) {
        let start = json!({"workflow": "implement", "request": request});
        let run = self.ok("run_start", start).await["run"].as_str().unwrap().to_owned();
        let status = self.ok("run_status", json!({"run": run})).await;
        (run, status)
    }

    /// The open question of a run.
    pub(super) async fn question(&mut self, run: &str) -> String {
        let shown = self.ok("proposal_show", json!({"run": run})).await;
        shown["question"]["id"].as_str().expect("an open question").to_owned()
    }

    /// Decides about the open question.
    pub(super) async fn decide(&mut self, run: &str, mut decision: Value) -> Value {
        decision["run"] = run.into();
        decision["question"] = self.question(run).await.into();
        self.ok("proposal_resolve", decision).await
    }
}

/// What a request of revision 2026-07-28 carries.
pub(super) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// A SEARCH/REPLACE reply.
pub(super) fn edit(path: &str, search: &str, replace: &str) -> String {
    format!("{path}\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n")
}
