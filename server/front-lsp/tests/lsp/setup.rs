//! A workspace, a model and what clients declare.

use std::path::PathBuf;

use base::{AbsPathBuf, Tokens};
use engine::{CommitConfig, Config, Workspace};
use fixture::{Fixture, Script, Scripted, ScriptedModel, TempWorkspace};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::Client;

/// What most tests work on.
pub(crate) const CALC: &str =
    "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a + b\n";

/// What the model says to it: both functions repaired.
pub(crate) const REPAIR: &str = "\
calc.py
<<<<<<< SEARCH
    return a - b
=======
    return a + b
>>>>>>> REPLACE

calc.py
<<<<<<< SEARCH
def sub(a, b):
    return a + b
=======
def sub(a, b):
    return a - b
>>>>>>> REPLACE
";

/// `CALC` repaired.
pub(crate) const REPAIRED: &str =
    "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n";

/// Everything on the server's side of a connection; several clients may come one after the other.
pub(crate) struct Setup {
    pub(crate) folder: TempWorkspace,
    data: TempDir,
    model: Option<ScriptedModel>,
}

impl Setup {
    /// `calc.py` and a model that answers in order.
    pub(crate) async fn new(replies: Vec<Scripted>) -> Setup {
        Setup::with(Some(ScriptedModel::start(replies).await))
    }

    /// `calc.py` and a model that answers what `script` says.
    pub(crate) async fn scripted(script: Script) -> Setup {
        Setup::with(Some(ScriptedModel::start_with(script).await))
    }

    /// `calc.py` and no model.
    pub(crate) fn without_model() -> Setup {
        Setup::with(None)
    }

    fn with(model: Option<ScriptedModel>) -> Setup {
        let folder = TempWorkspace::new(&Fixture::default()).unwrap();
        folder.write("calc.py", CALC).unwrap();
        Setup { folder, data: TempDir::new().unwrap(), model }
    }

    pub(crate) fn root(&self) -> AbsPathBuf {
        AbsPathBuf::try_from(self.folder.path().to_owned()).unwrap()
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        format!("file://{}/{name}", self.root())
    }

    pub(crate) fn disk(&self, name: &str) -> String {
        self.folder.read(name).unwrap()
    }

    pub(crate) fn n_model_calls(&self) -> usize {
        self.model.as_ref().map_or(0, |model| model.requests().len())
    }

    /// The hunks that the proposal of a run has.
    pub(crate) fn hunks(&self, run: &str) -> Vec<String> {
        let store = store::Store::open(self.data.path()).unwrap();
        let events = store.events(run, 0).unwrap();
        let proposed = events.into_iter().rev().find(|(_, event)| event["event"] == "proposed");
        let patch = proposed.unwrap().1["proposal"]["patch"].take();
        let patch: base::Patch = serde_json::from_value(patch).unwrap();
        patch.hunks().into_iter().map(|hunk| hunk.id.to_string()).collect()
    }

    pub(crate) fn previews(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.data.path().join("previews")) else {
            return Vec::new();
        };
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn config(&self) -> Config {
        let mut models = models::Config::new(|_| None);
        models.keyring = false;
        models.retry.attempts = 1;
        models.cooldown.first_ms = 1;
        if let Some(model) = &self.model {
            models.default = Some("scripted/scripted".parse().unwrap());
            models.providers = vec![models::ProviderConfig::open_ai("scripted", &model.base_url())];
        }
        Config {
            models,
            sandbox: sandbox::Setting::Auto,
            attempts: 2,
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
            helper: "/nowhere/baton".into(),
        }
    }

    /// A client that has said nothing yet.
    pub(crate) fn connect(&self) -> Client {
        let config = self.config();
        let fallback = self.root();
        Client::connect(move |input, output| {
            let open = |root| -> futures::future::BoxFuture<'static, Result<Workspace, String>> {
                Box::pin(async move {
                    Workspace::open(root, config).await.map_err(|error| error.to_string())
                })
            };
            front_lsp::serve(open, fallback, input, output)
        })
    }

    /// A client that declares `capabilities` and is ready.
    pub(crate) async fn client(&self, capabilities: Value) -> Client {
        let mut client = self.connect();
        let folder = json!({"uri": format!("file://{}", self.root()), "name": "w"});
        client
            .initialize(json!({
                "processId": null,
                "clientInfo": {"name": "tester"},
                "capabilities": capabilities,
                "workspaceFolders": [folder],
            }))
            .await;
        client
    }

    /// The argument of `baton.run.start` for a repair of `calc.py`.
    pub(crate) fn repair(&self) -> Value {
        json!({"workflow": "implement", "text": "repair add and sub", "uri": self.uri("calc.py")})
    }
}

/// An editor that asks its user about annotated edits.
pub(crate) fn confirming() -> Value {
    let edit = json!({"documentChanges": true, "changeAnnotationSupport": {"groupsOnLabel": true}});
    let literals = json!({"codeActionKind": {"valueSet": []}});
    json!({
        "workspace": {"applyEdit": true, "workspaceEdit": edit},
        "window": {"workDoneProgress": true},
        "textDocument": {"codeAction": {"codeActionLiteralSupport": literals}},
    })
}

/// An editor that makes versioned edits without asking.
pub(crate) fn applying() -> Value {
    json!({
        "workspace": {"applyEdit": true, "workspaceEdit": {"documentChanges": true}},
        "window": {"workDoneProgress": true},
    })
}

pub(crate) fn range(from: (u32, u32), to: (u32, u32)) -> Value {
    let place = |(line, character)| json!({"line": line, "character": character});
    json!({"start": place(from), "end": place(to)})
}
